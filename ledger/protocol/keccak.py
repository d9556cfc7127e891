"""keccak-256 from the fastest backend of the environment: pysha3, which is five times eth-hash's own wrapper around it."""

from __future__ import annotations

from sha3 import keccak_256

ZERO32 = bytes(32)


def keccak(data: bytes) -> bytes:
    """keccak-256 of the bytes, as Ethereum uses it (not NIST's SHA3-256)."""
    digest: bytes = keccak_256(data).digest()
    return digest
