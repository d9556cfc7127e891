"""A block header as the bytes whose keccak is the block's hash, put together from a node's JSON answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rlp

from ledger.errors import ChainError
from ledger.protocol.keccak import keccak

__all__ = ["assemble_header", "raw_bytes"]

_BYTES = ("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom")
_NUMBERS = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
_TAIL = ("extraData", "mixHash", "nonce")
_LATER = (
    ("baseFeePerGas", True),
    ("withdrawalsRoot", False),
    ("blobGasUsed", True),
    ("excessBlobGas", True),
    ("parentBeaconBlockRoot", False),
    ("requestsHash", False),
)
"""Fields later forks appended, in their order, with whether each is a number; a chain has all up to its fork."""


def assemble_header(block: Mapping[str, Any]) -> bytes:
    """RLP of the header.

    Args:
        block: the answer of `eth_getBlockByNumber` or `…ByHash`.

    Raises:
        ChainError: the fields do not hash to the block's hash: the node lies, or the chain has header fields we do not know.
    """
    try:
        fields: list[bytes | int] = [raw_bytes(block[name]) for name in _BYTES]
        fields += [int(block[name], 16) for name in _NUMBERS]
        fields += [raw_bytes(block[name]) for name in _TAIL]
        fields += [int(block[name], 16) if number else raw_bytes(block[name]) for name, number in _LATER if block.get(name) is not None]
        header: bytes = rlp.encode(fields)
        expected = raw_bytes(block["hash"])
    except (KeyError, ValueError, TypeError) as wrong:
        raise ChainError(f"the node's block cannot be read: {wrong}", field="block", fix="use another node") from None
    if keccak(header) != expected:
        problem = f"the header of block {int(block['number'], 16)} does not hash to the block's hash"
        raise ChainError(problem, field="block", fix="use another node; this one's headers have other fields or are altered")
    return header


def raw_bytes(text: str) -> bytes:
    """The bytes of a node's `0x…` text."""
    return bytes.fromhex(text[2:])
