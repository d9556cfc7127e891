"""Certificates companies sign with: whose they are, who vouches for them, whether they still stand.

A certificate is checked before its key may stand for a company and again at every signature. The chain sees the key only; who holds it is
what the certificate says, so it is kept with the signature.
"""

from __future__ import annotations

import asyncio
import datetime
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import CRLFetchError, OCSPFetchError, PathError, RevokedError, ValidationError

from ledger.errors import InputError, RuleError, SettingsError
from ledger.protocol.signers import Verifiers, p256_signer, rsa_signer

__all__ = ["Checked", "check_certificate", "read_chain", "read_roots"]

USAGES: Final = ("digital_signature", "non_repudiation")
"""A certificate must allow one of these."""
LARGEST = 65_536
_ORGANISATION_ID = x509.ObjectIdentifier("2.5.4.97")
_TAX = re.compile(r"(?:MST|TAXVN|VATVN|CCCD)?\s*[:\-]?\s*([0-9]{10}(?:-?[0-9]{3})?)")


@dataclass(frozen=True)
class Checked:
    """A certificate that holds now.

    Attributes:
        fingerprint: SHA-256 of it.
        chain: it and what was sent with it, PEM.
        subject, names, tax_code: whose it is; a subject line, the common and organisation names, the tax code if it names one.
        not_before_s, not_after_s: its validity, Unix seconds.
        signer: ERC-7913 bytes of its key.
        revocation: `good` when its authority said so for the whole chain, `not-checked` when it could not be asked.
    """

    fingerprint: bytes
    chain: bytes
    subject: str
    names: tuple[str, ...]
    tax_code: str | None
    not_before_s: int
    not_after_s: int
    signer: bytes
    revocation: Literal["good", "not-checked"]

    def belongs_to(self, name: str | None, tax_code: str | None) -> None:
        """Passes when it is a company's of that name, and of that tax code where one is known.

        Raises:
            RuleError: another company's, or it names no tax code to compare.
        """
        if name is None or _plain(name) not in {_plain(one) for one in self.names}:
            problem = f"it is the certificate of {' / '.join(self.names) or 'nobody'}"
            raise RuleError(problem, field="certificate", fix="sign with the certificate of the company the document names")
        if tax_code is not None and (self.tax_code or "").replace("-", "") != tax_code.replace("-", ""):
            problem = f"it names tax code {self.tax_code or '(none)'}"
            raise RuleError(problem, field="tax_code", fix="sign with the certificate of the company of that tax code")


def read_chain(data: bytes) -> list[x509.Certificate]:
    """Certificates from PEM or one from DER, the signer's own first.

    Raises:
        InputError: none, or unreadable.
    """
    try:
        if not 0 < len(data) <= LARGEST:
            raise ValueError("size")
        return x509.load_pem_x509_certificates(data) if b"-----BEGIN" in data else [x509.load_der_x509_certificate(data)]
    except ValueError:
        fix = "give the certificate and its intermediates as PEM, its own first"
        raise InputError("no certificate that can be read", field="certificate", fix=fix) from None


def read_roots(path: Path | None) -> tuple[asn1_x509.Certificate, ...]:
    """The roots company certificates must lead to.

    Raises:
        SettingsError: not configured, or unreadable.
    """
    name = "SONANG_COMPANY_TRUST_ROOTS"
    if path is None:
        raise SettingsError(
            "no roots are trusted for company certificates", field=name, fix="name a PEM file with the licensed authorities"
        )
    try:
        found = [asn1_x509.Certificate.load(der) for kind, _, der in pem.unarmor(path.read_bytes(), multiple=True) if kind == "CERTIFICATE"]
    except (OSError, ValueError) as wrong:
        raise SettingsError(
            f"cannot be used: {type(wrong).__name__}", field=name, fix=f"give a PEM file of certificates at {path}"
        ) from None
    if not found:
        raise SettingsError("holds no certificate", field=name, fix=f"give a PEM file of certificates at {path}")
    return tuple(found)


def check_certificate(data: bytes, roots: tuple[asn1_x509.Certificate, ...], verifiers: Verifiers, *, now_s: int) -> Checked:
    """Checks a certificate: its chain to a trusted root, validity and key usage at a moment, and its revocation when that can be asked.

    Nothing is fetched before the chain is known to lead to a trusted root: a stranger's certificate could name any address.

    Raises:
        InputError: unreadable, or a key of another kind than RSA of 2048 bits or more or P-256.
        RuleError: not trusted, not valid now, not for signing, or revoked.
    """
    chain = read_chain(data)
    leaf = chain[0]
    signer = _signer(leaf, verifiers)
    moment = datetime.datetime.fromtimestamp(now_s, datetime.UTC)
    _validated(chain, ValidationContext(trust_roots=list(roots), moment=moment, revocation_mode="soft-fail"))
    names = [str(one.value) for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME) for one in leaf.subject.get_attributes_for_oid(oid)]
    return Checked(
        fingerprint=sha256(leaf.public_bytes(Encoding.DER)).digest(),
        chain=b"".join(one.public_bytes(Encoding.PEM) for one in chain),
        subject=leaf.subject.rfc4514_string(),
        names=tuple(dict.fromkeys(names)),
        tax_code=_tax_code(leaf.subject),
        not_before_s=int(leaf.not_valid_before_utc.timestamp()),
        not_after_s=int(leaf.not_valid_after_utc.timestamp()),
        signer=signer,
        revocation=_revocation(chain, roots),
    )


def _revocation(chain: list[x509.Certificate], roots: tuple[asn1_x509.Certificate, ...]) -> Literal["good", "not-checked"]:
    """Asks the authorities, as of the real present; their silence is not the company's fault and is kept as such."""

    async def ask() -> None:
        context = ValidationContext(trust_roots=list(roots), allow_fetching=True, revocation_mode="require")
        try:
            await _validator(chain, context).async_validate_path()
        finally:
            await context.aclose()

    try:
        asyncio.run(ask())
    except RevokedError as revoked:
        fix = "sign with the certificate that replaced it"
        raise RuleError(f"the certificate was revoked on {revoked.revocation_dt:%Y-%m-%d}", field="certificate", fix=fix) from None
    except (CRLFetchError, OCSPFetchError, PathError, ValidationError, OSError):
        return "not-checked"
    return "good"


def _validated(chain: list[x509.Certificate], context: ValidationContext) -> None:
    wrong: Exception | None = None
    for usage in USAGES:
        try:
            asyncio.run(_validator(chain, context).async_validate_usage({usage}))
        except (ValidationError, PathError) as refused:
            wrong = refused
        else:
            return
    fix = "sign with a valid certificate for digital signatures of a licensed authority, and send its intermediates too"
    raise RuleError(f"the certificate is not accepted: {str(wrong)[:200]}", field="certificate", fix=fix)


def _validator(chain: list[x509.Certificate], context: ValidationContext) -> CertificateValidator:
    own, *others = (asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in chain)
    return CertificateValidator(own, intermediate_certs=others, validation_context=context)


def _signer(leaf: x509.Certificate, verifiers: Verifiers) -> bytes:
    key = leaf.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return rsa_signer(key, verifiers)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return p256_signer(key, verifiers)
    raise InputError("a key of another kind", field="certificate", fix="sign with an RSA key of 2048 bits or more, or a P-256 key")


def _tax_code(subject: x509.Name) -> str | None:
    """Vietnamese certificates name it as `UID=MST:…`; others as the organisation's identifier or its serial number."""
    for oid in (NameOID.USER_ID, _ORGANISATION_ID, NameOID.SERIAL_NUMBER):
        for one in subject.get_attributes_for_oid(oid):
            found = _TAX.fullmatch(str(one.value).strip().upper())
            if found:
                return found[1]
    return None


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
