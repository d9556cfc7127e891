"""Requests that led to nothing: one nobody answers is withdrawn, and what such a one holds of a person goes after a while, unless held."""

from __future__ import annotations

import contextlib

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import ConflictError, RuleError
from ledger.life.commands import place_hold
from ledger.life.model import LegalHold
from ledger.messages.model import LOST, Message
from ledger.services.acting import SYSTEM, service_of
from ledger.services.model import Request, RequestAct, RequestAttachment, RequestInput
from ledger.services.returns import empty, held_requests, withdraw
from ledger.services.signatures import sealed_documents
from ledger.services.telling import AGAIN_S, PATIENCE_DAYS, address_of, key_of

__all__ = ["LED_TO_NOTHING", "forget_unmet", "hold_request", "withdraw_unanswered"]

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
    waits = select(Request).where(Request.state == "returned", Request.changed_s <= at - AGAIN_S - days * DAY_S, ~_held())
    rows = session.scalars(waits.where(Request.id.not_in(held_requests())).order_by(Request.number)).all()
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

    Again, it changes nothing. A hold on the request, on its party or on the family of its contract keeps it.

    Args:
        at: the present moment, Unix seconds.

    Returns: how many were emptied.
    """
    due = _unmet(at - days * DAY_S).order_by(Request.number).limit(limit)
    rows = session.scalars(due.with_for_update(of=Request, skip_locked=True)).all()
    empty(session, rows)
    return len(rows)


def hold_request(session: Session, request: Request, *, reason: str, by: str, at: int) -> LegalHold:
    """Forbids emptying a request, and forgetting its customer, until the hold is lifted.

    Raises:
        InputError: a word is missing.
        RuleError: it was emptied already.
    """
    session.execute(select(Request.id).where(Request.id == request.id).with_for_update())
    if session.scalar(select(RequestInput.name).where(RequestInput.request_id == request.id).limit(1)) is None:
        raise RuleError("it was emptied", field="hold", fix="nothing is left to hold")
    return place_hold(session, request=request.id, reason=reason, by=by, at=at)


def _unmet(before: int) -> Select[Request]:
    """Requests that ended for nothing before a moment, hold something still, and may be emptied."""
    something = or_(
        exists().where(RequestInput.request_id == Request.id),
        exists().where(RequestAttachment.request_id == Request.id),
        exists().where(RequestAct.request_id == Request.id, RequestAct.note.is_not(None)),
    )
    wanted = select(Request).where(Request.state.in_(LED_TO_NOTHING), Request.closed_s <= before, something, ~_held())
    return wanted.where(Request.id.not_in(held_requests()))


def _held() -> ColumnElement[bool]:
    """Whether a hold stands on a request's customer or on the family of its contract."""
    family = select(AgreementRow.family).where(AgreementRow.id == Request.contract_id).scalar_subquery()
    return exists().where(LegalHold.lifted_s.is_(None), or_(LegalHold.party_id == Request.party_id, LegalHold.family == family))
