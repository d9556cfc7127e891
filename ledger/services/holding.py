"""Legal holds and requests: what a hold on a request keeps of documents, and which holds keep a request."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.agreements.model import AgreementRow, Signatory
from ledger.errors import RuleError
from ledger.life.commands import lock_to_hold, place_hold
from ledger.life.model import Erasure, LegalHold
from ledger.services.model import Request, RequestDocument, RequestInput

__all__ = ["hold_request", "is_held", "on_request_of"]


def hold_request(session: Session, request: Request, *, reason: str, by: str, at: int) -> LegalHold:
    """Forbids emptying a request, forgetting its customer, and erasing the documents drafted in it or the contract it is about, with their
    families, until the hold is lifted.

    Raises:
        InputError: a word is missing.
        RuleError: it was emptied, and what was drafted in it erased.
    """
    families = session.scalars(_families(request.id).order_by(AgreementRow.family)).all()
    lock_to_hold(session, families, [] if request.party_id is None else [request.party_id])
    session.execute(select(Request.id).where(Request.id == request.id).with_for_update())
    given = select(RequestInput.name).where(RequestInput.request_id == request.id)
    papers = select(AgreementRow.id).where(AgreementRow.family.in_(families), AgreementRow.id.not_in(select(Erasure.agreement_id)))
    if session.scalar(given.limit(1)) is None and session.scalar(papers.limit(1)) is None:
        raise RuleError("it was emptied", field="hold", fix="nothing is left to hold")
    return place_hold(session, request=request.id, reason=reason, by=by, at=at)


def on_request_of(family: bytes) -> ColumnElement[bool]:
    """Of a `LegalHold`: whether it is on a request in which a document of a family was drafted, or that is about one of its documents."""
    drafted = exists().where(
        RequestDocument.request_id == LegalHold.request, AgreementRow.id == RequestDocument.agreement_id, AgreementRow.family == family
    )
    about = exists().where(Request.id == LegalHold.request, AgreementRow.id == Request.contract_id, AgreementRow.family == family)
    return or_(drafted, about)


def is_held() -> ColumnElement[bool]:
    """Of a `Request`: whether a hold keeps it: its own, or one on its customer, on a family of it, or on a party to that."""
    families = _families(Request.id).correlate(Request)
    people = select(Signatory.party_id).join(Signatory.agreement).where(AgreementRow.family.in_(families)).correlate(Request)
    on = or_(
        LegalHold.request == Request.id,
        LegalHold.party_id == Request.party_id,
        LegalHold.family.in_(families),
        LegalHold.party_id.in_(people),
    )
    return exists().where(LegalHold.lifted_s.is_(None), on)


def _families(request: bytes | ColumnElement[bytes] | InstrumentedAttribute[bytes]) -> Select[bytes]:
    drafted = select(RequestDocument.agreement_id).where(RequestDocument.request_id == request)
    about = select(Request.contract_id).where(Request.id == request)
    return select(AgreementRow.family).where(or_(AgreementRow.id.in_(drafted), AgreementRow.id.in_(about))).distinct()
