"""The worker: one process that sends what commands decided and writes down what the chain did with it.

Any number may run; a lock in the database lets one work and the others stand by. It wakes when an intent is committed, looks at the chain
often while something is under way and seldom otherwise, and waits out a chain or a database that does not answer.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

import psycopg
import structlog
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.gateway import Gateway
from ledger.chain.indexer import Indexer, Progress
from ledger.chain.keys import operator_key
from ledger.chain.model import CHANNEL, OutboxIntent
from ledger.chain.ripening import ripen
from ledger.chain.sender import Patience, Sender, Sent
from ledger.db import open_engine, open_sessions, upgrade
from ledger.errors import ChainError, ConflictError, NotFoundError, SonangError, UnavailableError
from ledger.settings import Settings

__all__ = ["Report", "run_worker"]

log = structlog.get_logger(__name__)

LEADER_LOCK = 0x57_4F_52_4B
"""PostgreSQL advisory lock held by the worker that works."""

STANDBY_S = 0.5
SHORTEST_S, LONGEST_S = 0.01, 0.5
"""Pause between two looks at the chain; it doubles while nothing moves. A new intent ends it at once."""

FIRST_BACKOFF_S, LAST_BACKOFF_S = 0.1, 5.0
TROUBLE = (UnavailableError, ChainError, NotFoundError, DBAPIError, psycopg.Error)
"""What may pass by itself: a chain or a database that is away, contracts not deployed yet. Anything else ends the worker."""


@dataclass(frozen=True)
class Report:
    """What a worker did since it started, in intents; `head` is the newest block taken in, `waiting` what is queued or under way."""

    head: int = -1
    signed: int = 0
    refused: int = 0
    raised: int = 0
    mined: int = 0
    failed: int = 0
    final: int = 0
    events: int = 0
    rewound: int = 0
    waiting: int = 0

    def plus(self, seen: Progress, sent: Sent) -> Report:
        """The sum with one more round."""
        return Report(
            head=seen.head,
            signed=self.signed + sent.signed,
            refused=self.refused + sent.refused,
            raised=self.raised + sent.raised,
            mined=self.mined + seen.mined,
            failed=self.failed + seen.failed,
            final=self.final + seen.final,
            events=self.events + seen.events,
            rewound=self.rewound + seen.rewound,
        )


@dataclass(frozen=True)
class _Shift:
    """Everything open while nothing is wrong; closed and opened anew after every trouble."""

    sessions: sessionmaker[Session]
    ears: Connection
    gateway: Gateway
    indexer: Indexer
    sender: Sender

    def lead(self) -> bool:
        """Takes the lock for as long as the connection lives; False while another worker has it."""
        return bool(self.ears.scalar(select(func.pg_try_advisory_lock(LEADER_LOCK))))

    def hear(self, seconds: float) -> bool:
        """Waits for a new intent, no longer than this; True when there was one."""
        raw = cast("psycopg.Connection", self.ears.connection.driver_connection)
        return any(True for _ in raw.notifies(timeout=seconds, stop_after=1))

    def round(self, still_s: float) -> tuple[Progress, Sent, bool]:
        """Looks, sends, and adds the devchain's missing blocks, nothing having moved for a while; True when anything moved."""
        seen, sent = self.indexer.advance(), self.sender.advance()
        if seen.moved or sent.moved:
            return seen, sent, True
        with self.sessions() as session:
            return seen, sent, ripen(self.gateway, session, still_s=still_s) > 0

    def waiting(self) -> int:
        """Intents queued or under way."""
        with self.sessions() as session:
            open_states = OutboxIntent.state.in_(("queued", "sent"))
            return session.scalar(select(func.count()).select_from(OutboxIntent).where(open_states)) or 0


def run_worker(settings: Settings, stop: threading.Event, *, once: bool = False, patience: Patience | None = None) -> Report:
    """Works until `stop` is set, waiting out every trouble that may pass.

    Args:
        once: end as soon as nothing is queued or under way, and raise the first trouble instead of waiting it out.
        patience: when transactions are sent again and fees raised.

    Returns:
        What was done.

    Raises:
        SettingsError: no worker could ever work so.
        UnavailableError, ChainError, NotFoundError, ConflictError: with `once` only; the last when another worker is at work.
    """
    report, backoff_s = Report(), FIRST_BACKOFF_S
    while not stop.is_set():
        try:
            with _shift(settings, patience) as shift:
                for done in _work(shift, stop, report, once=once):
                    report, backoff_s = done, FIRST_BACKOFF_S
            if once:
                break
        except TROUBLE as trouble:
            problem = _in_one_line(trouble)
            if once:
                raise problem from None
            log.warning("trouble", error=str(problem), retry_in_s=backoff_s)
            stop.wait(backoff_s)
            backoff_s = min(backoff_s * 2, LAST_BACKOFF_S)
    log.info("worker_stopped", head=report.head, signed=report.signed, mined=report.mined, final=report.final)
    return report


def _work(shift: _Shift, stop: threading.Event, report: Report, *, once: bool) -> Iterator[Report]:
    """Rounds until told to stop; yields the sums after each."""
    while not stop.is_set() and not shift.lead():
        if once:
            raise ConflictError("another worker is at work", fix="leave the work to it, or stop it first")
        shift.hear(STANDBY_S)
    log.info("worker_at_work", chain_id=shift.gateway.chain_id, node=shift.gateway.host)
    pause_s, moved_at = SHORTEST_S, time.monotonic()
    while not stop.is_set():
        seen, sent, moved = shift.round(time.monotonic() - moved_at)
        moved_at = time.monotonic() if moved else moved_at
        report = replace(report.plus(seen, sent), waiting=sent.under_way)
        yield report
        if sent.moved:
            continue
        if once and not moved and shift.waiting() == 0:
            return
        pause_s = SHORTEST_S if shift.hear(SHORTEST_S if moved else pause_s) or moved else min(pause_s * 2, LONGEST_S)


@contextlib.contextmanager
def _shift(settings: Settings, patience: Patience | None) -> Iterator[_Shift]:
    with contextlib.ExitStack() as opened:
        engine = open_engine(settings)
        opened.callback(engine.dispose)
        upgrade(engine)
        gateway = Gateway.connect(settings)
        opened.callback(gateway.close)
        sessions = open_sessions(engine)
        ears = opened.enter_context(engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
        opened.callback(ears.invalidate)  # a pooled connection would keep the lock
        ears.execute(text(f"LISTEN {CHANNEL}"))
        key = operator_key(settings, gateway.chain_id)
        indexer = Indexer(gateway, sessions, gateway.confirmations)
        yield _Shift(sessions, ears, gateway, indexer, Sender(gateway, sessions, key, gateway.confirmations, patience))


def _in_one_line(trouble: Exception) -> SonangError:
    """The trouble without the statement and the parameters that SQLAlchemy repeats."""
    if isinstance(trouble, SonangError):
        return trouble
    cause = trouble.orig if isinstance(trouble, DBAPIError) and trouble.orig is not None else trouble
    lines = str(cause).strip().splitlines()
    return UnavailableError(f"the database: {lines[0] if lines else type(cause).__name__}", fix="see that PostgreSQL runs")
