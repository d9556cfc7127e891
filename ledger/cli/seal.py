"""`sonang seal`: issues sealed agreements with the utility's PAdES seal, and shows what waits and why."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.db import open_engine, open_sessions, upgrade
from ledger.protocol.quantities import hex0x
from ledger.sealing import queries
from ledger.sealing.sealer import open_sealer
from ledger.sealing.working import Worked, lines_of_queue, work
from ledger.settings import Settings, load_settings

WatchOption = Annotated[bool, typer.Option("--watch", help="Go on with whatever comes, until Ctrl-C or SIGTERM.")]
QueueOption = Annotated[bool, typer.Option("--queue", help="Only show the queue; needs no certificate.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]
WAITING = 3


def seal(*, watch: WatchOption = False, queue: QueueOption = False, as_json: JsonOption = False) -> int:
    """Issues sealed agreements: approvals and the utility's seal to PAdES B-LTA, stored, logged; then shows the queue.

    Any number may run. What an authority's silence holds up waits, with the reason, and goes on by itself.
    Exit code 3: something still waits.

    [bold]Example:[/bold] sonang seal, or sonang seal --watch as a service; sonang seal --queue shows what waits
    """
    settings = load_settings()
    with _database(settings) as sessions:
        done = Worked()
        if not queue:
            sealer = open_sealer(settings)
            with _stoppable() as stop, _progress(sessions, shown=not as_json) as progress:
                store = DocumentStore.of(settings)
                done = work(sessions, store, sealer, stop, watch=watch, told=lambda _job: progress())
        with sessions() as session:
            _tell(session, done, as_json)
            return WAITING if queries.waiting(session, 1) else 0


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[sessionmaker[Session]]:
    engine = open_engine(settings)
    try:
        upgrade(engine)
        yield open_sessions(engine)
    finally:
        engine.dispose()


@contextlib.contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Set by SIGTERM and Ctrl-C: the job at hand is finished first."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _progress(sessions: sessionmaker[Session], *, shown: bool) -> Iterator[Callable[[], None]]:
    with sessions() as session:
        total = len(queries.waiting(session))
    columns = (TextColumn("issuing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not (shown and total)) as bar:
        task = bar.add_task("issuing", total=total)
        yield lambda: bar.advance(task)


def _tell(session: Session, done: Worked, as_json: bool) -> None:
    if not as_json:
        Console(soft_wrap=True, highlight=False).print("\n".join([f"Issued {done.issued} now", *lines_of_queue(session)]), markup=False)
        return
    jobs = [
        {"agreement": hex0x(job.agreement_id), "since": job.asked_s, "tries": job.tries, "next_try": job.next_try_s, "reason": job.reason}
        for job in queries.waiting(session)
    ]
    answer = {"issued_now": done.issued, "unavailable": done.unavailable, "counts": queries.counts(session), "waiting": jobs}
    typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
