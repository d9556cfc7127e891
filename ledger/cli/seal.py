"""`sonang seal`: issues sealed agreements with the utility's PAdES seal, and shows what waits and why."""

from __future__ import annotations

import contextlib
import datetime
import sys
import time
from collections.abc import Callable, Iterator
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.cli.answers import JsonOption, say, say_json
from ledger.cli.seal_tried import tell_tried
from ledger.db import database
from ledger.endings import stoppable
from ledger.errors import InputError
from ledger.logs import log_as_json
from ledger.protocol.quantities import hex0x
from ledger.sealing import queries
from ledger.sealing.batch import issuer_of
from ledger.sealing.model import IssueJob
from ledger.sealing.renewal import count_due, notice_replaced, renew_due
from ledger.sealing.sealer import open_sealer
from ledger.sealing.trial import try_sealer
from ledger.sealing.working import Worked, lines_of_queue, queue_as_json, work
from ledger.settings import Settings, load_settings

WatchOption = Annotated[bool, typer.Option("--watch", help="Go on with whatever comes, until Ctrl-C or SIGTERM.")]
RenewOption = Annotated[
    int | None, typer.Option(metavar="DAYS", min=1, help="Put one more archive stamp on files whose last one ends within so many days.")
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Only try keys, certificates, revocation and time stamps; touches no document. A PIN is tried once.")
]
QueueOption = Annotated[bool, typer.Option("--queue", help="Only show the queue; needs no certificate.")]
WAITING = 3
COUNT_S = 1.0
"""How often the queue is counted again while it is worked on."""
log = structlog.get_logger(__name__)


def seal(
    *,
    watch: WatchOption = False,
    queue: QueueOption = False,
    renew: RenewOption = None,
    check: CheckOption = False,
    as_json: JsonOption = False,
) -> int:
    """Issues sealed agreements: approvals and the utility's seal to PAdES B-LTA, stored, logged; then shows the queue.

    Any number may run. What an authority's silence holds up waits, with the reason, and goes on by itself. With --watch, and no terminal to
    show a bar on, each file and each wait is a JSON line on standard error.
    Exit code 3: something still waits, or could not be renewed. Of --check 1: something has to be mended.

    [bold]Example:[/bold] sonang seal --check, then --watch as a service; --queue shows what waits; --renew 365 once a month
    """
    settings = load_settings()
    if check:
        if watch or queue or renew is not None:
            raise InputError("tries the settings, and nothing else", field="--check", fix="leave out --watch, --queue and --renew")
        return tell_tried(try_sealer(open_sealer(settings)), as_json)
    if renew is not None:
        if watch or queue:
            raise InputError("renews, and nothing else", field="--renew", fix="leave out --watch and --queue")
        return _renew(settings, renew, as_json)
    with database(settings) as sessions:
        done = Worked()
        if not queue:
            sealer = issuer_of(open_sealer(settings), settings.seal_at_once)
            with stoppable() as stop, _telling(settings, sessions, watch, as_json) as told:
                done = work(sessions, DocumentStore.of(settings), sealer, stop, watch=watch, told=told)
        with sessions() as session:
            _tell(session, None if queue else done, as_json)
            return WAITING if queries.waiting(session, 1) else 0


def _renew(settings: Settings, days: int, as_json: bool) -> int:
    sealer = open_sealer(settings)
    within = datetime.timedelta(days=days)
    store = DocumentStore.of(settings)
    with database(settings) as sessions, stoppable() as stop:
        replaced = notice_replaced(sessions, store)
        with sessions() as session:
            total = count_due(session, within)
        with _bar("gia hạn · renewing", total, shown=not as_json and bool(total)) as (bar, task):
            report = renew_due(sessions, store, sealer, within=within, told=lambda _agreement: bar.advance(task), stop=stop.is_set)
    refused = {hex0x(one): why for one, why in report.refused.items()}
    if as_json:
        renewed = [hex0x(one) for one in report.renewed]
        answer = {"renewed": renewed, "still_good": report.still_good, "refused": refused, "unavailable": report.unavailable}
        say_json({**answer, "replaced": replaced})
    else:
        good = f"còn tốt hơn {days} ngày · good for more than {days} days {report.still_good}"
        shown = [f"Đã gia hạn · Renewed {len(report.renewed)}, {good}, bị từ chối · refused {len(refused)}"]
        shown += [f"Xem lại, vì không phải tệp đã lưu · Looked at again, as not the files last stored here: {replaced}"] if replaced else []
        shown += [f"{one}: {why}" for one, why in refused.items()] + ([report.unavailable] if report.unavailable else [])
        say("\n".join(shown))
    return WAITING if refused or report.unavailable else 0


@contextlib.contextmanager
def _telling(settings: Settings, sessions: sessionmaker[Session], watch: bool, as_json: bool) -> Iterator[Callable[[IssueJob], None]]:
    """Who hears of each job: a bar at a terminal; of a service that writes to a file or a journal, JSON lines as the back office's."""
    at_terminal = sys.stderr.isatty() and sys.stdout.isatty()
    if watch and not at_terminal:
        log_as_json(settings.log_level)
        log.info("sealing")
        yield _logged
        log.info("stopped")
        return
    with sessions() as session:
        waiting = queries.count_waiting(session)
    with _bar("phát hành · issuing", waiting, shown=not as_json and (watch or bool(waiting))) as (bar, task):
        yield _Watcher(sessions, bar, task)


def _logged(job: IssueJob) -> None:
    if job.state == "issued":
        log.info("issued", agreement=hex0x(job.agreement_id))
    else:
        log.warning("waits", agreement=hex0x(job.agreement_id), tries=job.tries, next_try=job.next_try_s, reason=job.reason)


class _Watcher:
    """Moves a bar on by each file, to a total that follows the queue, and says why something waits, once for each reason."""

    def __init__(self, sessions: sessionmaker[Session], bar: Progress, task: TaskID) -> None:
        self._sessions, self._bar, self._task = sessions, bar, task
        self._issued, self._counted, self._said = 0, time.monotonic(), ""

    def __call__(self, job: IssueJob) -> None:
        self._issued += job.state == "issued"
        if job.reason and job.reason != self._said:
            self._said = job.reason
            self._bar.console.print(f"{hex0x(job.agreement_id)} chờ · waits: {job.reason}", markup=False, soft_wrap=True)
        total = max(self._issued, self._bar.tasks[self._task].total or 0)
        if time.monotonic() - self._counted >= COUNT_S:
            with self._sessions() as session:
                total = self._issued + queries.count_waiting(session)
            self._counted = time.monotonic()
        self._bar.update(self._task, completed=self._issued, total=total)


@contextlib.contextmanager
def _bar(doing: str, total: int, *, shown: bool) -> Iterator[tuple[Progress, TaskID]]:
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not (shown and sys.stderr.isatty())) as bar:
        yield bar, bar.add_task(doing, total=total)


def _tell(session: Session, done: Worked | None, as_json: bool) -> None:
    """The queue, after what was done; None when it was only looked at."""
    if not as_json:
        shown = [] if done is None else [f"Vừa phát hành · Issued now: {done.issued}"]
        say("\n".join([*shown, *lines_of_queue(session)]))
        return
    done = done or Worked()
    answer = {
        "issued_now": done.issued,
        "unavailable": done.unavailable,
        "counts": queries.counts(session),
        "waiting": queue_as_json(session),
    }
    say_json(answer)
