"""Requests that led to nothing: one nobody answers is withdrawn, and what such a one holds of a person goes after a while, unless held."""

from __future__ import annotations

import contextlib

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from ledger.errors import ConflictError
from ledger.messages.model import LOST, Message
from ledger.services.acting import SYSTEM, service_of
from ledger.services.holding import is_held
from ledger.services.model import Request, RequestAct, RequestAttachment, RequestInput
from ledger.services.returns import empty, withdraw
from ledger.services.signatures import sealed_documents
from ledger.services.telling import AGAIN_S, PATIENCE_DAYS, address_of, key_of

__all__ = ["LED_TO_NOTHING", "forget_unmet", "withdraw_unanswered"]

LED_TO_NOTHING = ("rejected", "withdrawn")
"""States of requests no signed document came of: neither ends one of which something is sealed."""
DAY_S = 86_400
UNANSWERED = "không có trả lời · nobody answered"


def withdraw_unanswered(session: Session, *, at: int, days: int = PATIENCE_DAYS) -> list[Request]:
    """Withdraws requests that were handed back, so many days after their customer was reminded of it; those withdrawn. Never commits.

    One whose customer can be reached and was not reminded yet stays, so does one that is held, and one of which a document is signed.

    Args:
        at: the present moment, Unix seconds.
    """
    waits = select(Request).where(Request.state == "returned", Request.changed_s <= at - AGAIN_S - days * DAY_S, ~is_held())
    rows = session.scalars(waits.order_by(Request.number)).all()
    done = []
    for request in rows:
        if _unanswered(session, request, at - days * DAY_S) and not sealed_documents(session, request):
            with contextlib.suppress(ConflictError):  # it was answered just now
                done.append(withdraw(session, request.id, SYSTEM, at, seen=request.version, reason=UNANSWERED))
    return done


def _unanswered(session: Session, request: Request, before: int) -> bool:
    """Whether a customer was reminded, by a moment, of what they have to give, or cannot be."""
    if service_of(request).group != "electronic":
        return False
    back = next(one for one in reversed(request.acts) if one.verb == "hand-back")
    asked = session.scalars(select(Message).where(Message.key == key_of(request, back, again=True))).one_or_none()
    if asked is None:
        return address_of(session, request) is None
    return asked.state in LOST if asked.sent_s is None else asked.sent_s <= before  # one on its way reminded nobody yet


def forget_unmet(session: Session, *, at: int, days: int, limit: int = 1_000) -> int:
    """Empties requests that were rejected or withdrawn so many days ago: values, facts, notes, files, metering point. Times and acts stay.

    Again, it changes nothing. A hold keeps it (`holding.is_held`).

    Args:
        at: the present moment, Unix seconds.

    Returns: how many were emptied.
    """
    due = _unmet(at - days * DAY_S).order_by(Request.number).limit(limit)
    rows = session.scalars(due.with_for_update(of=Request, skip_locked=True)).all()
    empty(session, rows)
    return len(rows)


def _unmet(before: int) -> Select[Request]:
    """Requests that ended for nothing before a moment, hold something still, and may be emptied."""
    something = or_(
        exists().where(RequestInput.request_id == Request.id),
        exists().where(RequestAttachment.request_id == Request.id),
        exists().where(RequestAct.request_id == Request.id, RequestAct.note.is_not(None)),
    )
    return select(Request).where(Request.state.in_(LED_TO_NOTHING), Request.closed_s <= before, something, ~is_held())
