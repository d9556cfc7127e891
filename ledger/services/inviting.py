"""Inviting customers to sign: a link for every document that waits for them, sent once by the first channel that reaches them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow
from ledger.errors import NotFoundError, RuleError
from ledger.parties.model import Party
from ledger.services.documents import request_code
from ledger.services.model import Request, RequestDocument
from ledger.signing.commands import lock_draft
from ledger.signing.desk import SigningDesk
from ledger.signing.links import send_link
from ledger.signing.model import SigningLink
from ledger.signing.reaching import contact_for

__all__ = ["InviteReport", "invite_due"]


@dataclass(frozen=True)
class InviteReport:
    """What was sent, and who could not be reached.

    Attributes:
        sent: codes of the requests a link was sent for, one a document.
        unreached: code of the request and why its customer could not be reached.
    """

    sent: tuple[str, ...]
    unreached: tuple[tuple[str, str], ...]


def invite_due(session: Session, desk: SigningDesk) -> InviteReport:
    """Sends what was not sent yet; a customer nobody can reach yet is tried again the next time. Never commits."""
    sent, unreached = [], []
    for request, row, party in _waiting(session):
        try:
            with session.begin_nested():
                lock_draft(session, row.id)
                if _invited(session, row, party):  # by another office, just now
                    continue
                send_link(session, desk, row, party, contact_for(session, desk, row, party).channel)
            sent.append(request_code(request))
        except (NotFoundError, RuleError) as wrong:
            unreached.append((request_code(request), wrong.problem))
    return InviteReport(tuple(sent), tuple(unreached))


def _waiting(session: Session) -> list[tuple[Request, AgreementRow, Party]]:
    """Documents whose next signature is a customer's who was not invited to it."""
    asked = (
        select(Request, AgreementRow)
        .join(RequestDocument, RequestDocument.request_id == Request.id)
        .join(AgreementRow, AgreementRow.id == RequestDocument.agreement_id)
        .where(Request.state == "open", ~RequestDocument.dropped, AgreementRow.sealed_digest.is_(None))
        .where(AgreementRow.id.not_in(select(DraftEnding.agreement_id)))
        .order_by(Request.number, RequestDocument.place)
    )
    found = []
    for request, row in session.execute(asked).all():
        turn = next((place.party for place in row.signatories if place.signature is None), None)
        if turn is not None and turn.role != "utility" and not _invited(session, row, turn):
            found.append((request, row, turn))
    return found


def _invited(session: Session, row: AgreementRow, party: Party) -> bool:
    links = select(SigningLink.token_digest).where(SigningLink.agreement_id == row.id, SigningLink.party_id == party.id)
    return session.scalar(links.limit(1)) is not None
