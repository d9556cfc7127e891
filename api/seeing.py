"""Whose records somebody may read: a customer their own, staff those of their unit's customers, an admin of every unit everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import LargeBinary, Select, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.access import current_customer, current_staff, their_documents
from api.deps import SessionAsked
from ledger.access.model import Staff
from ledger.agreements.model import AgreementRow, Signatory
from ledger.errors import AccessError, ForbiddenError
from ledger.parties.model import Party

__all__ = ["Sight", "SightAsked", "current_sight"]

ASK = "customers sign in at /sign-in; staff and auditors send `Authorization: Bearer TOKEN`, a token of `sonang staff add`"


@dataclass(frozen=True)
class Sight:
    """What somebody who signed in may read.

    Attributes:
        parties: ids of the parties whose records they see; None for everybody's.
        documents: ids of the agreements they see; None for all.
    """

    session: Session
    parties: Select[bytes] | None
    documents: Select[bytes] | None

    def of_parties(self, wanted: Select[Any], party: InstrumentedAttribute[Any]) -> Select[Any]:
        """Only the rows of a list that belong to parties they see."""
        return wanted if self.parties is None else wanted.where(party.in_(self.parties))

    def of_documents(self, wanted: Select[Any]) -> Select[Any]:
        """Only the agreements of a list that they see."""
        return wanted if self.documents is None else wanted.where(AgreementRow.id.in_(self.documents))

    def check_party(self, party: bytes) -> None:
        """Passes when a party's records are theirs to read.

        Raises:
            ForbiddenError: they are not.
        """
        self._check(party, self.parties, "party")

    def check_document(self, agreement: bytes) -> None:
        """Passes when an agreement is theirs to read; errors as `check_party`."""
        self._check(agreement, self.documents, "agreement")

    def _check(self, one: bytes, seen: Select[bytes] | None, field: str) -> None:
        if seen is not None and not self.session.scalar(select(literal(one, LargeBinary).in_(seen))):
            fix = "ask for your own or your unit's, or ask an admin of every unit"
            raise ForbiddenError("it is not yours to see", field=field, fix=fix)


def current_sight(request: Request, session: SessionAsked) -> Sight:
    """What who asks may read, as staff or else as a customer.

    Raises:
        AccessError: nobody signed in.
    """
    if request.headers.get("authorization"):
        return _of_staff(session, current_staff(request, session))
    try:
        return _of_staff(session, current_staff(request, session))
    except AccessError:
        pass
    try:
        return _of_customer(session, current_customer(request, session))
    except AccessError:
        raise AccessError("it belongs to somebody: sign in first", field="session", fix=ASK) from None


SightAsked = Annotated[Sight, Depends(current_sight)]


def _of_customer(session: Session, customer: Party) -> Sight:
    signed = select(Signatory.agreement_id).where(Signatory.party_id == customer.id)
    return Sight(session, select(Party.id).where(Party.id == customer.id), signed)


def _of_staff(session: Session, staff: Staff) -> Sight:
    theirs = their_documents(staff)
    return Sight(session, None if theirs is None else select(Signatory.party_id).where(Signatory.agreement_id.in_(theirs)), theirs)
