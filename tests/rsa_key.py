"""A company's RSA key and what it signs with it: its own program's part, which the product has none of."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


def new_rsa_key() -> rsa.RSAPrivateKey:
    """A new RSA-2048 private key, as a company certificate holds one."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def sign_rsa(key: rsa.RSAPrivateKey, digest: bytes) -> bytes:
    """PKCS#1 v1.5 signature over the SHA-256 of the 32-byte digest."""
    return key.sign(digest, padding.PKCS1v15(), SHA256())
