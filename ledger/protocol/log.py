"""Append-only Merkle logs of RFC 6962 (the algorithms as RFC 9162 states them), for documents whose place in time matters.

A tree's leaves are leaf hashes, in order; unlike the sorted trees of `merkle`, a proof here proves a position.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import sha256

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_bytes, check_bytes32, check_uint

EMPTY_ROOT = sha256(b"").digest()
PROOF_LIMIT = 128


def leaf_hash(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the entry.

    Raises:
        ProtocolError: not bytes.
    """
    return sha256(b"\x00" + check_bytes(data, "entry")).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in their order.

    Raises:
        ProtocolError: a leaf is not 32 bytes.
    """
    return _root(_checked(leaves, "leaf", None))


def tree_roots(leaves: Sequence[bytes], sizes: Collection[int]) -> dict[int, bytes]:
    """The root of the first n leaf hashes for every n asked for, in one pass over all of them; sizes beyond are left out.

    Raises:
        ProtocolError: a leaf is not 32 bytes.
    """
    known, wanted = _checked(leaves, "leaf", None), set(sizes)
    roots = {0: EMPTY_ROOT} if 0 in wanted else {}
    whole: list[bytes] = []  # roots of the complete subtrees so far, the largest first: one for each 1 in the count's binary digits
    for count, leaf in enumerate(known, 1):
        node, rest = leaf, count - 1
        while rest & 1:
            node, rest = node_hash(whole.pop(), node), rest >> 1
        whole.append(node)
        if count in wanted:
            root = whole[-1]
            for left in reversed(whole[:-1]):
                root = node_hash(left, root)
            roots[count] = root
    return roots


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The siblings that lead from the leaf at `index` to the root.

    Raises:
        ProtocolError: a leaf is not 32 bytes, or there is no such index.
    """
    known = _checked(leaves, "leaf", None)
    if check_uint(index, 63, "index") >= len(known):
        raise ProtocolError(f"index {index} in a log of {len(known)}", field="index", fix="give an index below the log's size")
    return tuple(_path(known, index))


def verify_inclusion(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a leaf hash stands at `index` of the log of that size and root (RFC 9162, 2.1.3.2).

    Raises:
        ProtocolError: a part is malformed, or the index is not below the size.
    """
    check_bytes32(root, "root")
    if check_uint(index, 63, "index") >= check_uint(size, 63, "size"):
        raise ProtocolError(f"index {index} in a log of {size}", field="index", fix="give an index below the log's size")
    node, place, last = check_bytes32(leaf, "leaf"), index, size - 1
    for sibling in _checked(proof, "proof", PROOF_LIMIT):
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The nodes that show the first `old_size` leaves unchanged under the root of all of them.

    Raises:
        ProtocolError: a leaf is not 32 bytes, or the old size is 0 or above the log's.
    """
    known = _checked(leaves, "leaf", None)
    if not 0 < check_uint(old_size, 63, "old_size") <= len(known):
        raise ProtocolError(f"old size {old_size} of a log of {len(known)}", field="old_size", fix="give a size from 1 to the log's")
    return tuple(_subproof(old_size, known, True))


def verify_consistency(old_root: bytes, old_size: int, new_root: bytes, new_size: int, proof: Sequence[bytes]) -> bool:
    """Whether the log of the new size and root only appended to the old one (RFC 9162, 2.1.4.2).

    Raises:
        ProtocolError: a part is malformed, or the sizes are not 0 < old ≤ new.
    """
    check_bytes32(old_root, "old_root")
    check_bytes32(new_root, "new_root")
    nodes = _checked(proof, "proof", PROOF_LIMIT)
    if not 0 < check_uint(old_size, 63, "old_size") <= check_uint(new_size, 63, "new_size"):
        raise ProtocolError(f"sizes {old_size} and {new_size}", field="old_size", fix="give 0 < old size ≤ new size")
    if old_size == new_size:
        return not nodes and old_root == new_root
    if old_size & (old_size - 1) == 0:
        nodes = [old_root, *nodes]
    return bool(nodes) and _appended(old_root, old_size - 1, new_root, new_size - 1, nodes)


def _appended(old_root: bytes, place: int, new_root: bytes, last: int, nodes: list[bytes]) -> bool:
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, node)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node over two nodes."""
    return sha256(b"\x01" + left + right).digest()


def split_of(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << ((count - 1).bit_length() - 1)


def _root(leaves: list[bytes]) -> bytes:
    """The root level by level: an odd node at the end of a level moves up as it is."""
    if not leaves:
        return EMPTY_ROOT
    level = leaves
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0]


def _path(leaves: list[bytes], index: int) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = split_of(len(leaves))
    if index < split:
        return [*_path(leaves[:split], index), _root(leaves[split:])]
    return [*_path(leaves[split:], index - split), _root(leaves[:split])]


def _subproof(old_size: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if whole else [_root(leaves)]
    split = split_of(len(leaves))
    if old_size <= split:
        return [*_subproof(old_size, leaves[:split], whole), _root(leaves[split:])]
    return [*_subproof(old_size - split, leaves[split:], False), _root(leaves[:split])]


def _checked(hashes: Sequence[bytes], field: str, limit: int | None) -> list[bytes]:
    if not isinstance(hashes, tuple | list) or (limit is not None and len(hashes) > limit):
        raise ProtocolError("not a list of hashes", field=field, fix="give a list of 32-byte hashes")
    return [check_bytes32(entry, field) for entry in hashes]
