"""Delivery: takes what is due, one message a transaction, and writes down what the carrier said.

A try is counted and leased in one committed transaction before anything leaves, and its result is recorded in another. A process that dies
between the two leaves the message queued; once the lease is over it is tried again under the same handle, which a gateway and the mailbox
folder know as the message they have, and which is an e-mail's Message-ID. So a message is sent at least once, and twice only by a carrier
that does not look at the handle.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.errors import ConflictError
from ledger.messages.carriers import Accepted, Carrier, Parcel, RefusedError
from ledger.messages.model import Message
from ledger.messages.rules import Patience
from ledger.messages.sealing import Opener

__all__ = ["DeliveryReport", "deliver_due"]

log = structlog.get_logger(__name__)
_chance = random.SystemRandom()


@dataclass(frozen=True)
class DeliveryReport:
    """What one round did, in messages: taken by a carrier, put off, refused for good, given up."""

    sent: int = 0
    put_off: int = 0
    failed: int = 0
    expired: int = 0

    @property
    def tried(self) -> int:
        """How many there were."""
        return self.sent + self.put_off + self.failed + self.expired

    def __add__(self, other: DeliveryReport) -> DeliveryReport:
        return DeliveryReport(
            self.sent + other.sent, self.put_off + other.put_off, self.failed + other.failed, self.expired + other.expired
        )


@dataclass(frozen=True)
class _Claim:
    """A message this process may try until its lease ends."""

    id: int
    tries: int
    parcel: Parcel | None
    reason: str | None = None


def deliver_due(
    sessions: sessionmaker[Session],
    carriers: Mapping[str, Carrier],
    opener: Opener,
    *,
    limit: int,
    patience: Patience | None = None,
    now: Callable[[], int] = lambda: int(time.time()),
    told: Callable[[], object] = lambda: None,
) -> DeliveryReport:
    """Tries up to `limit` messages that are due; any number of processes may do so at once.

    Args:
        carriers: by channel; see `carriers.chosen.open_carriers`.
        opener: opens the stored texts.
        now: Unix seconds.
        told: called after each message, for a progress bar.
    """
    patience, report = patience or Patience(), DeliveryReport()
    while report.tried < limit:
        with sessions.begin() as session:
            found = _claimed(session, opener, patience, now())
        if found is None:
            break
        report += found if isinstance(found, DeliveryReport) else _tried(sessions, carriers, found, patience, now)
        told()
    return report


def _claimed(session: Session, opener: Opener, patience: Patience, now: int) -> _Claim | DeliveryReport | None:
    due = select(Message).where(Message.state == "queued", Message.next_try_s <= now).order_by(Message.next_try_s, Message.id)
    message = session.scalars(due.limit(1).with_for_update(skip_locked=True)).one_or_none()
    if message is None:
        return None
    if now >= (message.queued_s + patience.give_up_s if message.until_s is None else message.until_s):
        message.state, message.body, message.ended_s = "expired", None, now
        message.reason = f"given up after {message.tries} tries" + (f"; {message.reason}" if message.reason else "")
        return DeliveryReport(expired=1)
    message.tries += 1
    message.next_try_s = now + patience.lease_s
    parcel, reason = _opened(message, opener)
    return _Claim(message.id, message.tries, parcel, reason)


def _opened(message: Message, opener: Opener) -> tuple[Parcel | None, str | None]:
    if message.sealed_to != opener.id:
        return None, "sealed to a key that is not here: restore that key file"
    assert message.body is not None  # noqa: S101 - the table's own rule
    assert message.address is not None  # noqa: S101 - likewise
    try:
        text = opener.open(message.handle, message.body)
    except ConflictError as changed:
        return None, f"{changed.problem}: {changed.fix}"
    return Parcel(message.handle, message.channel, message.address, message.subject, text, message.queued_s), None


def _tried(
    sessions: sessionmaker[Session], carriers: Mapping[str, Carrier], claim: _Claim, patience: Patience, now: Callable[[], int]
) -> DeliveryReport:
    result = _handed_over(carriers, claim)
    with sessions.begin() as session:
        message = session.scalars(select(Message).where(Message.id == claim.id).with_for_update()).one()
        if message.state != "queued":  # a report came first
            return DeliveryReport(sent=1)
        if message.tries != claim.tries and not isinstance(result, Accepted):
            return DeliveryReport(put_off=1)  # our lease ended, and another process is at it
        return _recorded(message, result, patience, now())


def _handed_over(carriers: Mapping[str, Carrier], claim: _Claim) -> Accepted | RefusedError:
    if claim.parcel is None:
        return RefusedError(claim.reason or "cannot be opened")
    carrier = carriers.get(claim.parcel.channel)
    if carrier is None:
        return RefusedError(f"no carrier is set for {claim.parcel.channel}")
    try:
        return carrier.send(claim.parcel)
    except RefusedError as refused:
        return refused
    except Exception as wrong:  # a carrier's own fault must not stop the other messages; its words may quote the text
        log.error("carrier_fault", message=claim.id, channel=claim.parcel.channel, kind=type(wrong).__name__)
        return RefusedError(f"a fault of this program ({type(wrong).__name__})")


def _recorded(message: Message, result: Accepted | RefusedError, patience: Patience, now: int) -> DeliveryReport:
    if isinstance(result, Accepted):
        message.state, message.body, message.sent_s = "delivered" if result.delivered else "sent", None, now
        message.ended_s = now if result.delivered else None
        message.reason, message.reference = None, result.reference
        return DeliveryReport(sent=1)
    message.reason = result.problem
    log.info("message_refused", message=message.id, channel=message.channel, tries=message.tries, reason=result.problem, final=result.final)
    if result.final:
        message.state, message.body, message.ended_s = "failed", None, now
        return DeliveryReport(failed=1)
    message.next_try_s = now + patience.pause_s(message.tries, _chance.random(), result.after_s)
    return DeliveryReport(put_off=1)
