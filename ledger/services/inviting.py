"""Inviting customers to sign: a link for every document that waits for them, sent once by the first channel that reaches them.

A link that was lost for good is sent once more for each other contact a code may go to; then a person has to see to it (`signatures`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow
from ledger.errors import NotFoundError, RuleError
from ledger.parties.model import Contact, Party
from ledger.services.documents import request_code
from ledger.services.model import Request, RequestDocument
from ledger.signing.commands import lock_draft
from ledger.signing.desk import SigningDesk
from ledger.signing.links import send_link
from ledger.signing.model import SigningLink
from ledger.signing.reaching import contact_for, contact_instead, lost_at, unreached

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
    sent, nobody = [], []
    for request, row, party in _waiting(session):
        try:
            with session.begin_nested():
                lock_draft(session, row.id)
                contact = _where(session, desk, row, party)
                if contact is None:  # by another office, just now
                    continue
                send_link(session, desk, row, party, contact.channel)
            sent.append(request_code(request))
        except (NotFoundError, RuleError) as wrong:
            nobody.append((request_code(request), wrong.problem))
    return InviteReport(tuple(sent), tuple(nobody))


def _where(session: Session, desk: SigningDesk, row: AgreementRow, party: Party) -> Contact | None:
    """Where a link has to go now; None where one is on its way or arrived.

    Raises:
        NotFoundError, RuleError: nowhere: no contact stands, one cools off, or the link was lost at each.
    """
    if (row.id, party.id) not in _linked(session, [row.id]):
        return contact_for(session, desk, row, party)
    found = contact_instead(session, desk, row, party)
    if found is None and unreached(session, row, party) is not None:
        raise NotFoundError("the link did not arrive, and no other contact may be used", field="contact", fix="see the request")
    return found


def _waiting(session: Session) -> list[tuple[Request, AgreementRow, Party]]:
    """Documents whose next signature is a customer's who was not invited to it, or to whom a link to it was lost."""
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
        if turn is not None and turn.role != "utility":
            found.append((request, row, turn))
    rows = [row.id for _, row, _ in found]
    linked, lost = _linked(session, rows), lost_at(session, rows)
    return [(request, row, party) for request, row, party in found if row.id in lost or (row.id, party.id) not in linked]


def _linked(session: Session, agreements: Collection[bytes]) -> set[tuple[bytes, bytes]]:
    """Documents with the parties that were invited to them."""
    links = select(SigningLink.agreement_id, SigningLink.party_id).where(SigningLink.agreement_id.in_(agreements))
    return {(agreement, party) for agreement, party in session.execute(links)}
