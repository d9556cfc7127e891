"""Whether what a key signed fits the certificate that stands for it: looked at as soon as it is signed, before it is in any file."""

from __future__ import annotations

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from pyhanko.sign.signers import Signer
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

from ledger.sealing.errors import AuthorityUnavailableError


def name_of(certificate: x509.Certificate) -> str:
    """Whose a certificate is."""
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)


def check_fits(signer: Signer, made: bytes, data: bytes, digest: str, *, whose: str, setting: str) -> None:
    """Looks whether a signature over `data` was made by the key of the signer's certificate.

    Args:
        digest: name of the hash. `whose`: the key, in words. `setting`: the setting that names it.

    Raises:
        AuthorityUnavailableError: it was not: two keys were mixed up, and no document is at fault, so that all of them wait.
    """
    certificate = signer.signing_cert
    mechanism = signer.get_signature_mechanism_for_digest(digest)
    try:
        if certificate is None:
            raise ValueError
        DefaultSignatureValidator().validate_signature(made, data, certificate.public_key, mechanism)
    except (InvalidSignature, ValueError, TypeError):
        name = "none" if certificate is None else name_of(certificate)
        raise AuthorityUnavailableError(
            f"{whose} signs with another key than that of its certificate ({name}); nothing was issued",
            field=setting,
            fix="put the certificate of this very key beside it, or name the key it belongs to; nothing is wrong with the documents",
        ) from None
