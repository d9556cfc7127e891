"""Requests that led to nothing: what a rejected or withdrawn one holds of a person goes after a while, unless a legal hold stands."""

from __future__ import annotations

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import RuleError
from ledger.life.commands import place_hold
from ledger.life.model import LegalHold
from ledger.services.model import Request, RequestAct, RequestAttachment, RequestInput
from ledger.services.returns import empty, held_requests

__all__ = ["LED_TO_NOTHING", "forget_unmet", "hold_request"]

LED_TO_NOTHING = ("rejected", "withdrawn")
"""States of requests no signed document came of: neither ends one of which something is sealed."""
DAY_S = 86_400


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
    standing = LegalHold.lifted_s.is_(None)
    family = select(AgreementRow.family).where(AgreementRow.id == Request.contract_id).scalar_subquery()
    held = exists().where(standing, or_(LegalHold.party_id == Request.party_id, LegalHold.family == family))
    something = or_(
        exists().where(RequestInput.request_id == Request.id),
        exists().where(RequestAttachment.request_id == Request.id),
        exists().where(RequestAct.request_id == Request.id, RequestAct.note.is_not(None)),
    )
    wanted = select(Request).where(Request.state.in_(LED_TO_NOTHING), Request.closed_s <= before, something, ~held)
    return wanted.where(Request.id.not_in(held_requests()))
