"""A worker of the queue: what is due now, or whatever comes until it is told to stop. Any number may work at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.db import clock_s
from ledger.protocol.quantities import hex0x
from ledger.sealing import queries
from ledger.sealing.commands import IssueReport, issue_due
from ledger.sealing.model import IssueJob
from ledger.sealing.seal import Issuer

BATCH = 512
"""Jobs a round: the first of each is made alone, to learn whether the authorities answer."""
SHOWN = 20
"""How many waiting jobs are told in words."""
REFUSED = "the chain refused its record: see `sonang signing refused`"
LOOK_S = 1.0
"""How often an idle worker looks for new jobs."""


@dataclass
class Worked:
    """What a worker did, over all its rounds."""

    issued: int = 0
    refused: dict[bytes, str] = field(default_factory=dict)
    unavailable: str | None = None

    def add(self, report: IssueReport) -> None:
        """Counts one more round."""
        self.issued += len(report.issued)
        self.refused = {**{one: why for one, why in self.refused.items() if one not in report.issued}, **report.refused}
        self.unavailable = report.unavailable


def work(
    sessions: sessionmaker[Session],
    store: DocumentStore,
    sealer: Issuer,
    stop: threading.Event,
    *,
    watch: bool,
    told: Callable[[IssueJob], None] = lambda _job: None,
) -> Worked:
    """Issues everything that is due; with `watch`, goes on until `stop` is set.

    Args:
        told: hears of each job once its transaction is over.
    """
    done = Worked()
    while not stop.is_set():
        report = issue_due(sessions, store, sealer, limit=BATCH, told=told, stop=stop.is_set)
        done.add(report)
        if len(report.issued) + len(report.refused) == BATCH:
            continue
        if not watch:
            break
        stop.wait(LOOK_S)
    return done


def lines_of_queue(session: Session) -> list[str]:
    """The queue in words: how much is issued, and what waits since when, how often tried, and why."""
    known = queries.counts(session)
    held, moment, waiting = queries.held(session), clock_s(session), known.get("waiting", 0)
    lines = [f"{known.get('issued', 0)} đã phát hành · issued, {waiting} đang chờ · waiting"]
    for job in queries.waiting(session, SHOWN):
        due = f"thử lại sau · next in {job.next_try_s - moment} s" if job.next_try_s > moment else "đến lượt · due now"
        why = REFUSED if job.agreement_id in held else job.reason or "chưa thử · not tried yet"
        since = f"chờ · waiting {span(moment - job.asked_s)}"
        lines.append(f"{job.agreement.lookup_code or hex0x(job.agreement_id)}  {since}, {_tries(job)}, {due}: {why}")
    if waiting > SHOWN:
        lines.append(f"… và {waiting - SHOWN} tệp nữa · and {waiting - SHOWN} more: --json")
    return lines


def queue_as_json(session: Session) -> list[dict[str, object]]:
    """Everything that waits, the longest waiting first: by its look-up code, since when, how often tried, when again, and why."""
    held = queries.held(session)
    return [
        {
            "code": job.agreement.lookup_code,
            "agreement": hex0x(job.agreement_id),
            "kind": job.agreement.kind,
            "since": job.asked_s,
            "tries": job.tries,
            "next_try": job.next_try_s,
            "reason": REFUSED if job.agreement_id in held else job.reason,
        }
        for job in queries.waiting(session)
    ]


def _tries(job: IssueJob) -> str:
    """What one document waits for all wait for, so most are put off without being tried."""
    return "chưa thử riêng · not tried itself" if job.tries == 0 and job.reason else f"đã thử · tried {job.tries} ×"


def span(seconds: int) -> str:
    """A length of time in the largest two units."""
    for size, name, smaller, word in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            return f"{seconds // size} {name} {seconds % size // smaller} {word}"
    return f"{max(seconds, 0)} s"
