"""Emptying what the signing room keeps: the objects behind one-time codes, the codes printed on pages, keys and certificates of a party."""

from __future__ import annotations

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from ledger.signing.model import (
    Approval,
    CompanyCertificate,
    OneTimeCode,
    Passkey,
    PasskeyChallenge,
    Presentation,
    SigningEvent,
    SigningLink,
)


def forget_signing_of_document(session: Session, agreement: bytes) -> None:
    """How its parties approved it stays: the way, the time, and the SHA-256 the chain holds. What that was made of goes."""
    shown = select(Presentation.id).where(Presentation.agreement_id == agreement)
    session.execute(delete(OneTimeCode).where(OneTimeCode.presentation_id.in_(shown)))
    session.execute(delete(SigningLink).where(SigningLink.agreement_id == agreement))
    session.execute(update(Presentation).where(Presentation.agreement_id == agreement).values(lookup_code="erased"))
    session.execute(update(Approval).where(Approval.agreement_id == agreement).values(evidence_json=None))
    session.execute(update(SigningEvent).where(SigningEvent.agreement_id == agreement).values(reason=None))


def forget_signing_of_party(session: Session, party: bytes) -> None:
    """Its keys and certificates go; that it signed, when and by what kind of means stays."""
    keys = select(Passkey.id).where(Passkey.party_id == party)
    certificates = select(CompanyCertificate.id).where(CompanyCertificate.party_id == party)
    used = or_(Approval.passkey_id.in_(keys), Approval.certificate_id.in_(certificates))
    session.execute(update(Approval).where(used).values(passkey_id=None, certificate_id=None))
    for table in (OneTimeCode, SigningLink, PasskeyChallenge, Passkey, CompanyCertificate):
        session.execute(delete(table).where(table.party_id == party))
    session.execute(update(SigningEvent).where(SigningEvent.party_id == party).values(reason=None))
