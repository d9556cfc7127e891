"""What a block hash proves offline: its header, an account in its state, a storage slot of that account (Merkle-Patricia, EIP-1186).

Every proof node is used exactly once, in order; a missing, foreign or spare node is an error, so a proof holds nothing that proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import check_bytes, check_bytes32
from ledger.protocol.rlp_items import Item, decode_rlp, uint_of

EMPTY_TRIE = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
"""Root of a trie that holds nothing: keccak256 of the RLP of the empty string."""
EMPTY_PROOFS: list[list[bytes]] = [[], [b"\x80"]]
"""What nodes answer for an empty trie: nothing (geth), or its only node (anvil)."""
PROOF_LIMIT = 65
"""A key has 64 nibbles: no path has more nodes."""
HEADER_FIELDS = range(15, 40)
_FIX = "fetch the header and proof of that block again, from a node you can reach"


@dataclass(frozen=True, slots=True)
class Header:
    """What is used of a block header; the time in Unix seconds."""

    state_root: bytes
    number: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Account:
    """What is used of an account: the root of its storage and the hash of its code."""

    storage_root: bytes
    code_hash: bytes


def verify_header(header_rlp: bytes, block_hash: bytes) -> Header:
    """The header behind a block hash.

    Raises:
        ProtocolError: these bytes are not the header of that block.
    """
    if keccak(check_bytes(header_rlp, "header")) != check_bytes32(block_hash, "block_hash"):
        raise _broken("header", "the header does not have this block hash")
    fields = decode_rlp(header_rlp, "header")
    if not isinstance(fields, list) or len(fields) not in HEADER_FIELDS:
        raise _broken("header", "not a block header")
    return Header(_hash_of(fields[3], "header"), uint_of(fields[8], 64, "header"), uint_of(fields[11], 64, "header"))


def verify_account(state_root: bytes, address: bytes, proof: Sequence[bytes]) -> Account:
    """The account at a 20-byte address under a state root.

    Raises:
        ProtocolError: the proof is malformed, of another state or address, or proves that there is no such account.
    """
    value = _lookup(check_bytes32(state_root, "state_root"), check_bytes(address, "address", 20), proof, "account_proof")
    if value is None:
        raise _broken("account_proof", "the block's state holds no such contract")
    fields = decode_rlp(value, "account_proof")
    if not isinstance(fields, list) or len(fields) != 4:
        raise _broken("account_proof", "not an account")
    uint_of(fields[0], 64, "account_proof")
    uint_of(fields[1], 256, "account_proof")
    return Account(_hash_of(fields[2], "account_proof"), _hash_of(fields[3], "account_proof"))


def verify_storage(storage_root: bytes, slot: bytes, proof: Sequence[bytes]) -> int:
    """The word in a 32-byte slot under a storage root; 0 when the proof shows the slot was never written or is cleared.

    Raises:
        ProtocolError: the proof is malformed, or of another contract or slot.
    """
    value = _lookup(check_bytes32(storage_root, "storage_root"), check_bytes32(slot, "slot"), proof, "storage_proof")
    if value is None:
        return 0
    word = uint_of(decode_rlp(value, "storage_proof"), 256, "storage_proof")
    if word == 0:
        raise _broken("storage_proof", "a slot that holds zero is not stored")
    return word


def _lookup(root: bytes, key: bytes, proof: Sequence[bytes], field: str) -> bytes | None:
    """The value a secure trie holds under keccak256(key), or None when the proof shows that it holds none."""
    if not isinstance(proof, tuple | list) or len(proof) > PROOF_LIMIT:
        raise _broken(field, "not a list of trie nodes")
    if root == EMPTY_TRIE and list(proof) in EMPTY_PROOFS:
        return None
    waiting = [check_bytes(node, field) for node in reversed(proof)]
    value = _descend(root, keccak(key).hex(), waiting, field)
    if waiting:
        raise _broken(field, "a node of the proof leads nowhere")
    return value


def _descend(reference: Item, path: str, waiting: list[bytes], field: str) -> bytes | None:
    """The value under a node, at a path of hexadecimal digits; every step eats a part of the path."""
    node = _open(reference, waiting, field)
    if isinstance(node, list) and len(node) == 17 and path:
        child = node[int(path[0], 16)]
        return None if child == b"" else _descend(child, path[1:], waiting, field)
    if isinstance(node, list) and len(node) == 2:
        part, is_leaf = _hex_prefix(node[0], field)
        if is_leaf:
            return _leaf_value(node[1], field) if part == path else None
        if part:
            return _descend(node[1], path[len(part) :], waiting, field) if path.startswith(part) else None
    raise _broken(field, "not a node of a Merkle-Patricia trie")


def _open(reference: Item, waiting: list[bytes], field: str) -> Item:
    """The node behind a reference: embedded in its parent, or the next of the proof, which must have that hash."""
    if isinstance(reference, list):
        return reference
    if not waiting:
        raise _broken(field, "the proof ends before the key does")
    encoded = waiting.pop()
    if keccak(encoded) != reference:
        raise _broken(field, "a node does not have the hash its parent names")
    return decode_rlp(encoded, field)


def _hex_prefix(item: Item, field: str) -> tuple[str, bool]:
    """The digits of a leaf's or an extension's part of the path, and whether it is a leaf."""
    digits = item.hex() if isinstance(item, bytes) else ""
    if digits[:1] in ("1", "3"):
        return digits[1:], digits[0] == "3"
    if digits[:2] in ("00", "20"):
        return digits[2:], digits[0] == "2"
    raise _broken(field, "a path in no known form")


def _leaf_value(item: Item, field: str) -> bytes:
    if isinstance(item, list) or not item:
        raise _broken(field, "a leaf without a value")
    return item


def _hash_of(item: Item, field: str) -> bytes:
    if isinstance(item, list) or len(item) != 32:
        raise _broken(field, "a hash that is not 32 bytes")
    return item


def _broken(field: str, problem: str) -> ProtocolError:
    return ProtocolError(problem, field=field, fix=_FIX)
