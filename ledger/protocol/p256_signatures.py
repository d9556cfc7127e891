"""P-256 signatures as OpenZeppelin's P256 accepts them: one form, r ‖ s with s in the lower half of the order."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_bytes

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_HALF = P256_ORDER // 2
PREHASHED = ec.ECDSA(Prehashed(SHA256()))


def encode_p256_key(public: ec.EllipticCurvePublicKey) -> bytes:
    """qx ‖ qy of a public key, 64 bytes.

    Raises:
        ProtocolError: a key on another curve.
    """
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ProtocolError("not a P-256 key", field="key", fix="give a key on the curve secp256r1")
    numbers = public.public_numbers()
    return numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


def check_p256(key: bytes, digest: bytes, signature: bytes) -> None:
    """Checks a signature over a 32-byte digest by the key qx ‖ qy.

    Raises:
        ProtocolError: the key is no point of the curve, or the signature is not its, not 64 bytes or has a high s.
    """
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64:
        raise ProtocolError(f"a P-256 signature of {len(signature)} bytes", field="signature", fix="give 64 bytes r ‖ s")
    if s > P256_HALF:
        raise high_s()
    try:
        _public(key).verify(encode_dss_signature(r, s), digest, PREHASHED)
    except InvalidSignature:
        raise ProtocolError(
            "the P-256 signature is not the signer's over this digest", field="signature", fix="sign these bytes again"
        ) from None


def high_s() -> ProtocolError:
    """The error for the second signature that every ECDSA signature has."""
    return ProtocolError("a signature with high s", field="signature", fix="give the twin with s in the lower half of the curve's order")


@lru_cache(maxsize=4096)
def _public(key: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + check_bytes(key, "signer", 64))
    except ValueError:
        raise ProtocolError("not a point of P-256", field="signer", fix="give the verifier's address, then qx and qy") from None
