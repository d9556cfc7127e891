"""Smart accounts: contracts that say themselves what they have signed (ERC-1271)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ledger.chain.node import raw_bytes
from ledger.chain.rpc import NodeError
from ledger.protocol.quantities import hex0x

__all__ = ["Ask", "has_code", "says_yes"]

Ask = Callable[..., Any]
"""One JSON-RPC question to a node: method, then parameters (`Node.ask`, `Rpc.ask`)."""
MAGIC: Final = bytes.fromhex("1626ba7e")
"""What such a contract answers, padded to 32 bytes, when it has signed; also the selector of the question."""


def has_code(ask: Ask, address: bytes, block: int) -> bool:
    """Whether a contract is at an address at a block; a wallet has none. Errors as those of `ask`."""
    return len(raw_bytes(ask("eth_getCode", hex0x(address), hex(block)))) > 0


def says_yes(ask: Ask, address: bytes, message: bytes, signature: bytes, block: int) -> bool:
    """Whether the contract says at a block that this signature over a 32-byte digest is its own; False also when it reverts.

    Raises:
        NodeError, UnavailableError: the node does not answer, or does not keep that block's state.
    """
    padded = signature.ljust(-(-len(signature) // 32) * 32, b"\0")
    words = (0x40).to_bytes(32, "big") + len(signature).to_bytes(32, "big")
    question = {"to": hex0x(address), "data": hex0x(MAGIC + message + words + padded)}
    try:
        return raw_bytes(ask("eth_call", question, hex(block))) == MAGIC.ljust(32, b"\0")
    except NodeError as refused:
        if refused.kind == "not-kept":
            raise
        return False
