"""Trees: the same root and proofs as npm's @openzeppelin/merkle-tree, one by one and sixteen at a time, and no proof of anything else."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.protocol import keccak as hashing
from ledger.protocol import merkle
from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak, load_lanes
from ledger.protocol.leaves import ReadingLeaf
from ledger.protocol.merkle import MerkleTree, hash_pair, merkle_root, verify_proof
from ledger.protocol.quantities import unhex
from tests.ledger.protocol.vectors import fault, hexes, junk, load, value_of, words

VECTORS = load("merkle")


def slow_root(leaves: list[bytes]) -> bytes:
    """The form as docs/protocol.md words it."""
    nodes: list[bytes] = [b""] * (2 * len(leaves) - 1)
    for place, leaf in enumerate(sorted(leaves)):
        nodes[len(nodes) - 1 - place] = leaf
    for place in reversed(range(len(leaves) - 1)):
        nodes[place] = keccak(b"".join(sorted(nodes[2 * place + 1 : 2 * place + 3])))
    return nodes[0]


def leaves_of(count: int, seed: int = 1) -> list[bytes]:
    return [random.Random(seed * 1_000_003 + place).randbytes(32) for place in range(count)]


@pytest.fixture
def lanes() -> None:
    load_lanes()


@pytest.mark.parametrize("case", VECTORS["simple"], ids=lambda case: f"{len(case['leaves'])} leaves")
def test_npm_builds_the_same_tree(case: dict[str, Any]) -> None:
    leaves = hexes(case["leaves"])
    tree = MerkleTree(leaves)
    assert tree.root == merkle_root(leaves) == unhex(case["root"], "vector")
    for leaf, proof in zip(leaves, case["proofs"], strict=True):
        assert tree.proof(leaf) == tuple(hexes(proof))
        assert verify_proof(tree.root, leaf, hexes(proof))


def test_npm_builds_the_same_tree_from_the_fields_of_readings() -> None:
    kinds = ["bytes32", "bytes32", "uint64", "uint32", "uint64", "uint64", "uint8", "bytes32"]
    case = VECTORS["readings"]
    leaves = [ReadingLeaf(*(value_of(kind, field) for kind, field in zip(kinds, row, strict=True))).leaf_hash() for row in case["rows"]]
    tree = MerkleTree(leaves)
    assert tree.root == unhex(case["root"], "vector")
    assert [tree.proof(leaf) for leaf in leaves] == [tuple(hexes(proof)) for proof in case["proofs"]]


@given(st.lists(words.filter(any), min_size=1, max_size=80), st.randoms(use_true_random=False))
def test_the_root_is_the_slow_one_in_whatever_order_leaves_come(leaves: list[bytes], order: random.Random) -> None:
    root = slow_root(leaves)
    order.shuffle(leaves)
    tree = MerkleTree(leaves)
    assert merkle_root(leaves) == tree.root == root
    assert all(verify_proof(root, leaf, tree.proof(leaf)) for leaf in leaves)


@settings(max_examples=60, deadline=None)
@given(st.integers(256, 1100), st.integers(0, 2**32), st.integers(0, 5))
@pytest.mark.usefixtures("lanes")
def test_sixteen_at_a_time_gives_the_slow_root(count: int, seed: int, alike: int) -> None:
    leaves = leaves_of(count, seed)
    for place in range(alike):
        leaves[place] = leaves[-1][: 8 * place] + leaves[place][8 * place :]
    assert hashing.lanes_for(count) is not None
    assert merkle_root(leaves) == MerkleTree(leaves).root == slow_root(leaves)


@pytest.mark.usefixtures("lanes")
def test_leaves_that_begin_or_are_alike_are_sorted_whole_at_any_size() -> None:
    leaves = [bytes(24) + place.to_bytes(8, "big") for place in range(300)] + [bytes(32)] * 3 + leaves_of(100)
    random.Random(1).shuffle(leaves)
    assert merkle_root(leaves) == slow_root(leaves)


@given(st.lists(words, min_size=1, max_size=20))
def test_a_leaf_that_is_not_in_the_tree_has_no_proof_and_convinces_nobody(leaves: list[bytes]) -> None:
    tree, stranger = MerkleTree(leaves), keccak(b"".join(leaves))
    with pytest.raises(ProtocolError, match="no leaf"):
        tree.proof(stranger)
    assert not any(verify_proof(tree.root, stranger, tree.proof(leaf)) for leaf in leaves)


@given(st.lists(words, min_size=2, max_size=20, unique=True), st.data())
def test_one_changed_bit_breaks_a_proof(leaves: list[bytes], data: st.DataObject) -> None:
    tree = MerkleTree(leaves)
    leaf = data.draw(st.sampled_from(leaves))
    parts = [tree.root, leaf, *tree.proof(leaf)]
    place, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[place] = (int.from_bytes(parts[place], "big") ^ (1 << bit)).to_bytes(32, "big")
    assert not verify_proof(parts[0], parts[1], parts[2:])


def test_a_proof_cut_short_or_made_longer_breaks() -> None:
    tree = MerkleTree(leaves := leaves_of(9))
    proof = tree.proof(leaves[0])
    assert not verify_proof(tree.root, leaves[0], proof[:-1])
    assert not verify_proof(tree.root, leaves[0], (*proof, bytes(32)))


def test_a_tree_of_no_leaves_has_the_zero_root_and_no_members() -> None:
    assert merkle_root([]) == MerkleTree([]).root == bytes(32)
    assert len(MerkleTree([])) == 0
    assert not verify_proof(bytes(32), bytes(32), [])
    with pytest.raises(ProtocolError):
        MerkleTree([]).proof(bytes(32))


def test_a_single_leaf_is_its_own_root() -> None:
    assert merkle_root([b"\7" * 32]) == b"\7" * 32
    assert verify_proof(b"\7" * 32, b"\7" * 32, MerkleTree([b"\7" * 32]).proof(b"\7" * 32))


@given(words, words)
def test_a_pair_has_one_hash_in_either_order(a: bytes, b: bytes) -> None:
    assert hash_pair(a, b) == hash_pair(b, a) == keccak(min(a, b) + max(a, b))


@given(junk, junk, junk)
def test_malformed_trees_and_proofs_end_in_our_error(a: Any, b: Any, c: Any) -> None:
    for call in (lambda: verify_proof(a, b, c), lambda: verify_proof(bytes(32), bytes(32), c), lambda: MerkleTree([bytes(32)]).proof(a)):
        fault(call)
    for leaves in ([a], [bytes(32), b], [bytes(31)], [bytearray(32)]):
        assert fault(lambda leaves=leaves: merkle_root(leaves)) is not None or all(type(leaf) is bytes for leaf in leaves)  # type: ignore[misc]


@pytest.mark.parametrize("leaves", [None, 7, "no", b"no", object()])
def test_what_is_no_list_of_leaves_has_no_root(leaves: Any) -> None:
    for call in (merkle_root, MerkleTree):
        with pytest.raises(ProtocolError):
            call(leaves)


def test_small_trees_do_not_load_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_LANES", "a module that is not there")
    assert hashing.lanes_for(100_000) is None
    assert merkle._plain_nodes(leaves_of(3))[0] == slow_root(leaves_of(3))
