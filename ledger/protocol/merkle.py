"""Merkle trees in OpenZeppelin's form: what the contracts, JavaScript's merkle-tree package and this project agree on.

Leaves are leaf hashes, sorted, placed from the end of an array of 2n−1 nodes; a node is keccak256 of its two children in rising order.
Sorted pairs prove no position: every leaf of the protocol names its own place (docs/protocol.md).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import ZERO32, keccak, lanes_for
from ledger.protocol.quantities import check_bytes32

PROOF_LIMIT = 64
"""No tree that fits the world needs a longer proof."""


def hash_pair(a: bytes, b: bytes) -> bytes:
    """A node over two children, whichever order they are given in."""
    return keccak(a + b if a < b else b + a)


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in any order; 32 zero bytes when there are none.

    Raises:
        ProtocolError: a leaf is not 32 bytes.
    """
    return bytes(_nodes(_checked(leaves))[:32]) or ZERO32


class MerkleTree:
    """A tree that keeps its nodes, to make proofs from.

    Args:
        leaves: leaf hashes in any order.

    Raises:
        ProtocolError: a leaf is not 32 bytes.
    """

    def __init__(self, leaves: Iterable[bytes]) -> None:
        given = _checked(leaves)
        self._count = len(given)
        self._nodes = bytes(_nodes(given))

    @property
    def root(self) -> bytes:
        """The root; 32 zero bytes of an empty tree."""
        return self._node(0) or ZERO32

    def __len__(self) -> int:
        return self._count

    def proof(self, leaf_hash: bytes) -> tuple[bytes, ...]:
        """The siblings from that leaf to the root.

        Raises:
            ProtocolError: no such leaf in the tree.
        """
        last = 2 * self._count - 2
        rank = bisect_left(range(self._count), check_bytes32(leaf_hash, "leaf"), key=lambda place: self._node(last - place))
        if rank == self._count or self._node(last - rank) != leaf_hash:
            raise ProtocolError(f"no leaf 0x{leaf_hash.hex()} in the tree", field="leaf", fix="give a leaf hash the tree was built from")
        place, siblings = last - rank, []
        while place:
            siblings.append(self._node(place - 1 if place % 2 == 0 else place + 1))
            place = (place - 1) // 2
        return tuple(siblings)

    def _node(self, place: int) -> bytes:
        return self._nodes[32 * place : 32 * place + 32]


def verify_proof(root: bytes, leaf_hash: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the siblings lead from the leaf to the root; nothing is a member of an empty tree.

    Raises:
        ProtocolError: a part is not 32 bytes, or the proof is absurdly long.
    """
    check_bytes32(root, "root")
    node = check_bytes32(leaf_hash, "leaf")
    if not isinstance(proof, tuple | list) or len(proof) > PROOF_LIMIT:
        raise ProtocolError("not a Merkle proof", field="proof", fix=f"give a list of at most {PROOF_LIMIT} hashes")
    for sibling in proof:
        node = hash_pair(node, check_bytes32(sibling, "proof"))
    return node == root and root != ZERO32


def _checked(leaves: Iterable[bytes]) -> list[bytes]:
    if not isinstance(leaves, Iterable):
        raise ProtocolError("not a list of leaf hashes", field="leaves", fix="give a list of 32-byte hashes")
    given = list(leaves)
    if set(map(type, given)) - {bytes} or set(map(len, given)) - {32}:
        for leaf in given:
            check_bytes32(leaf, "leaf")
    return given


def _nodes(leaves: list[bytes]) -> bytes | memoryview:
    """All 2n−1 nodes, concatenated: the root first, the sorted leaves from the end."""
    lanes = lanes_for(len(leaves))
    return b"".join(_plain_nodes(leaves)) if lanes is None else memoryview(lanes.tree_nodes(b"".join(leaves))).cast("B")


def _plain_nodes(leaves: list[bytes]) -> list[bytes]:
    nodes = [ZERO32] * (len(leaves) - 1) + sorted(leaves, reverse=True)
    for place in range(len(leaves) - 2, -1, -1):
        nodes[place] = hash_pair(nodes[2 * place + 1], nodes[2 * place + 2])
    return nodes
