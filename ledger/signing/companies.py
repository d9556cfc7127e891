"""Signing with a company certificate: its key comes to stand for the company, and signs the same digest as everybody."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.model import OutboxIntent
from ledger.errors import InputError, RuleError
from ledger.parties.model import Party
from ledger.parties.queries import party_by_id
from ledger.parties.tax_codes import tax_code_kept
from ledger.protocol.signers import P256_ORDER
from ledger.signing.certificates import Checked, check_certificate, read_roots
from ledger.signing.commands import presentation_of
from ledger.signing.desk import SigningDesk
from ledger.signing.model import Approval, CompanyCertificate, Presentation
from ledger.signing.own_keys import Signed, adopt_key, check_adoptable, registration_digest, sign_as_party

__all__ = ["certificate_digest", "enrol_certificate", "sign_with_certificate"]


def certificate_digest(desk: SigningDesk, party_id: bytes, chain: bytes, *, deadline: int) -> bytes:
    """The 32 bytes a company's key signs to stand for the company: P-256 over them as they are, RSA over their SHA-256 (PKCS#1 v1.5)."""
    with desk.sessions() as session:
        checked = _checked(desk, chain)
        return registration_digest(desk, party_by_id(session, party_id), checked.signer, deadline)


def enrol_certificate(
    desk: SigningDesk, party_id: bytes, chain: bytes, *, tax_code: str | None, deadline: int, signature: bytes
) -> OutboxIntent:
    """Makes a certificate's key the company's signer.

    Args:
        chain: the certificate and its intermediates, PEM, its own first.
        tax_code: the company's as the utility knows it; None where it knows none, and the name alone decides.
        signature: over `certificate_digest`; of P-256 as r ‖ s or DER.

    Raises:
        InputError, RuleError: no tax code; as `certificates.check_certificate`; or it is another company's, or the company has a key.
        ProtocolError: the signature does not hold.
    """
    with desk.trying("enrol", party=party_id, way="certificate") as session:
        checked = _checked(desk, chain)  # before the transaction begins: authorities may be slow to answer
        party = party_by_id(session, party_id)
        checked.belongs_to(party.name, tax_code_kept(tax_code) if tax_code else None)
        check_adoptable(session, party)
        kept = CompanyCertificate(party_id=party.id, fingerprint=checked.fingerprint, chain=checked.chain, subject=checked.subject)
        kept.tax_code, kept.signer = checked.tax_code, checked.signer
        kept.not_before_s, kept.not_after_s = checked.not_before_s, checked.not_after_s
        kept.checked_s, kept.revocation = desk.clock(), checked.revocation
        session.add(kept)
        return adopt_key(session, desk, party, checked.signer, deadline=deadline, signature=_one_form(checked.signer, desk, signature))


def sign_with_certificate(desk: SigningDesk, presentation_id: int, signature: bytes) -> Approval:
    """Takes a signature by the company's certificate over the EIP-712 digest; the certificate is checked again first.

    Raises:
        ProtocolError: the signature does not hold.
        RuleError: the company has no certificate here, it is no longer valid, or it was revoked; or as `commands.ready_to_sign`.
    """

    with desk.sessions() as session:
        shown = presentation_of(session, presentation_id)
        ids, chain = {"agreement": shown.agreement_id, "party": shown.party_id}, _certificate_of(session, shown.party).chain
    with desk.checking("sign", way="certificate", **ids):
        checked = _checked(desk, chain)

    def produce(session: Session, shown: Presentation, _message: bytes) -> Signed:
        kept = _certificate_of(session, shown.party)
        kept.checked_s, kept.revocation = desk.clock(), checked.revocation
        return Signed(_one_form(kept.signer, desk, signature), "certificate", details={"certificate_id": kept.id})

    return sign_as_party(desk, presentation_id, "certificate", produce)


def _certificate_of(session: Session, party: Party) -> CompanyCertificate:
    standing = CompanyCertificate.party_id == party.id, CompanyCertificate.signer == party.signing_key()
    kept = session.scalars(select(CompanyCertificate).where(*standing).order_by(CompanyCertificate.id.desc()).limit(1)).one_or_none()
    if kept is None:
        raise RuleError("the party's key is no certificate's", field="signer", fix="sign with its wallet or passkey")
    return kept


def _checked(desk: SigningDesk, chain: bytes) -> Checked:
    return check_certificate(chain, read_roots(desk.company_roots), desk.deployment.verifiers, now_s=desk.clock())


def _one_form(signer: bytes, desk: SigningDesk, signature: bytes) -> bytes:
    """A P-256 signature, r ‖ s or DER as most tools write it, as r ‖ s with the low one of the two s that hold; anything else as it is."""
    if signer[:20] != desk.deployment.verifiers.p256:
        return signature
    try:
        if len(signature) == 64:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        else:
            r, s = decode_dss_signature(signature)
        return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")
    except (ValueError, OverflowError):
        raise InputError("not a P-256 signature", field="signature", fix="give r ‖ s, or DER") from None
