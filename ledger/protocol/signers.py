"""Signers as ERC-7913 bytes, checked off chain at least as strictly as OpenZeppelin's SignatureChecker checks them on chain.

A signer is a 20-byte address, or a verifier's address followed by its key. Signatures are accepted in one form only (low s; v 27 or 28;
one length), because a second form of the same signature would be a second valid message nobody made. A smart account (ERC-1271) cannot be
told from a wallet without the chain: a 20-byte signer is checked by public key recovery here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import coincurve
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.p256_signatures import P256_HALF, P256_ORDER, PREHASHED, check_p256, encode_p256_key, high_s
from ledger.protocol.quantities import check_bytes, check_bytes32
from ledger.protocol.rsa_signatures import check_rsa, encode_rsa_key
from ledger.protocol.webauthn_signatures import check_webauthn, encode_webauthn

__all__ = [
    "P256_HALF",
    "P256_ORDER",
    "SECP256K1_HALF",
    "Verifiers",
    "encode_webauthn",
    "eoa_signer",
    "new_eoa_key",
    "new_p256_key",
    "p256_signer",
    "recover_eoa",
    "rsa_signer",
    "sign_eoa",
    "sign_p256",
    "verify",
    "verify_many",
    "webauthn_signer",
]

SECP256K1_HALF = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_HALF_BYTES = SECP256K1_HALF.to_bytes(32, "big")
_RECOVERY = {27: b"\x00", 28: b"\x01"}


@dataclass(frozen=True, slots=True)
class Verifiers:
    """Addresses (20 bytes) of a deployment's ERC-7913 verifier contracts; no `webauthn` where a deployment knows no passkeys."""

    p256: bytes
    rsa: bytes
    webauthn: bytes | None = None


def new_eoa_key() -> bytes:
    """A new secp256k1 private key, 32 bytes."""
    return coincurve.PrivateKey().secret


def eoa_signer(key: bytes) -> bytes:
    """The 20-byte address of a secp256k1 private key.

    Raises:
        ProtocolError: not a private key.
    """
    return _address(_eoa_key(key).public_key)


def sign_eoa(key: bytes, digest: bytes) -> bytes:
    """65 bytes r ‖ s ‖ v over the digest: low s, v 27 or 28, deterministic (RFC 6979).

    Raises:
        ProtocolError: not a private key or not 32 bytes.
    """
    signature = _eoa_key(key).sign_recoverable(check_bytes32(digest, "digest"), hasher=None)
    return signature[:64] + bytes((signature[64] + 27,))


def recover_eoa(digest: bytes, signature: bytes) -> bytes:
    """The 20-byte address whose key made the signature.

    Raises:
        ProtocolError: not 65 bytes, v other than 27 or 28, a high s, or no key could have made it.
    """
    check_bytes32(digest, "digest")
    recovery = _RECOVERY.get(check_bytes(signature, "signature", 65)[64])
    if recovery is None:
        raise ProtocolError(f"v is {signature[64]}", field="signature", fix="give v as 27 or 28")
    if signature[32:64] > _HALF_BYTES:
        raise high_s()
    try:
        return _address(coincurve.PublicKey.from_signature_and_message(signature[:64] + recovery, digest, hasher=None))
    except ValueError:
        raise ProtocolError("no key makes this signature", field="signature", fix="sign the digest again") from None


def new_p256_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 private key, as a meter's secure element or a phone holds one."""
    return ec.generate_private_key(ec.SECP256R1())


def p256_signer(key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey, verifiers: Verifiers) -> bytes:
    """The P-256 verifier's address followed by the public point: 84 bytes.

    Raises:
        ProtocolError: a key on another curve.
    """
    public = key.public_key() if isinstance(key, ec.EllipticCurvePrivateKey) else key
    return verifiers.p256 + encode_p256_key(public)


def webauthn_signer(public_key: ec.EllipticCurvePublicKey, verifiers: Verifiers) -> bytes:
    """The WebAuthn verifier's address followed by a passkey's public point: 84 bytes. Its signatures: `encode_webauthn`.

    Raises:
        ProtocolError: a key on another curve, or a deployment without that verifier.
    """
    if verifiers.webauthn is None:
        raise ProtocolError("this deployment knows no passkeys", field="verifiers", fix="deploy the contracts of today's sources")
    return verifiers.webauthn + encode_p256_key(public_key)


def sign_p256(key: ec.EllipticCurvePrivateKey, digest: bytes) -> bytes:
    """64 bytes r ‖ s over the digest, low s.

    Raises:
        ProtocolError: not a P-256 private key or not 32 bytes.
    """
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ProtocolError("not a P-256 private key", field="key", fix="give a key on the curve secp256r1")
    r, s = decode_dss_signature(key.sign(check_bytes32(digest, "digest"), PREHASHED))
    return r.to_bytes(32, "big") + min(s, P256_ORDER - s).to_bytes(32, "big")


def rsa_signer(key: rsa.RSAPrivateKey | rsa.RSAPublicKey, verifiers: Verifiers) -> bytes:
    """The RSA verifier's address followed by `abi.encode(e, n)`.

    Raises:
        ProtocolError: not an RSA key, or of a size that is not accepted.
    """
    public = key.public_key() if isinstance(key, rsa.RSAPrivateKey) else key
    if not isinstance(public, rsa.RSAPublicKey):
        raise ProtocolError("not an RSA key", field="key", fix="give an RSA-2048 key")
    numbers = public.public_numbers()
    return verifiers.rsa + encode_rsa_key(numbers.e, numbers.n)


def verify(signer: bytes, digest: bytes, signature: bytes, verifiers: Verifiers) -> None:
    """Checks that the signer signed the digest.

    Raises:
        ProtocolError: it did not, or something is malformed.
    """
    check_bytes32(digest, "digest")
    check_bytes(signature, "signature")
    if len(check_bytes(signer, "signer")) == 20:
        if recover_eoa(digest, signature) != signer:
            raise ProtocolError("another key made this signature", field="signature", fix="sign with the key of the named signer")
        return
    verifier, key = signer[:20], signer[20:]
    if key and verifier == verifiers.p256:
        check_p256(key, digest, signature)
    elif key and verifier == verifiers.rsa:
        check_rsa(key, digest, signature)
    elif key and verifier == verifiers.webauthn:
        check_webauthn(key, digest, signature)
    else:
        raise ProtocolError(
            f"a signer of {len(signer)} bytes with an unknown verifier",
            field="signer",
            fix="use a wallet, a P-256 key, a passkey or an RSA-2048 key",
        )


def verify_many(claims: Iterable[tuple[bytes, bytes, bytes]], verifiers: Verifiers) -> list[ProtocolError | None]:
    """What is wrong with each (signer, digest, signature), None where nothing is."""
    return [_fault(signer, digest, signature, verifiers) for signer, digest, signature in claims]


def _fault(signer: bytes, digest: bytes, signature: bytes, verifiers: Verifiers) -> ProtocolError | None:
    try:
        verify(signer, digest, signature, verifiers)
    except ProtocolError as wrong:
        return wrong
    return None


def _eoa_key(key: bytes) -> coincurve.PrivateKey:
    try:
        return coincurve.PrivateKey(check_bytes32(key, "key"))
    except ValueError:
        raise ProtocolError("not a secp256k1 private key", field="key", fix="make one with new_eoa_key()") from None


def _address(public: coincurve.PublicKey) -> bytes:
    return keccak(public.format(compressed=False)[1:])[12:]
