"""keccak-256 from the fastest backend of the environment: pysha3 itself, which is five times eth-hash's wrapper around it."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from sha3 import keccak_256

ZERO32 = bytes(32)
_LANES = "ledger.protocol.keccak_lanes"
_LANES_FROM, _LANES_LOAD_FROM = 256, 500_000


def keccak(data: bytes) -> bytes:
    """keccak-256 of the bytes, as Ethereum uses it (not NIST's SHA3-256)."""
    digest: bytes = keccak_256(data).digest()
    return digest


def load_lanes() -> None:
    """Loads the compiled many-at-once path now: about a second, for a process that will build many or large trees."""
    import_module(_LANES).tree_nodes(bytes(64))


def lanes_for(count: int) -> ModuleType | None:
    """The compiled path (`keccak_lanes`) when it pays for so many hashes, None when hashing one by one is quicker.

    Loading it takes as long as half a million hashes, so that many load it; once loaded it is used from 256 on.
    """
    if count >= _LANES_LOAD_FROM or (count >= _LANES_FROM and _LANES in sys.modules):
        return import_module(_LANES)
    return None
