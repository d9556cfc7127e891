"""The append-only log: RFC 6962's own roots and proofs, and no proof of another place or another past."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    tree_root,
    tree_roots,
    verify_consistency,
    verify_inclusion,
)
from ledger.protocol.quantities import hex0x
from tests.ledger.protocol.vectors import fault, hexes, junk, load, words

VECTORS = load("log")
LEAVES = [leaf_hash(entry) for entry in hexes(VECTORS["entries"])]
PUBLISHED = ["e3b0c442", "6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79"]
logs = st.lists(words, min_size=1, max_size=40)


def test_the_roots_of_the_standard_entries_are_the_published_ones() -> None:
    roots = [hex0x(tree_root(LEAVES[:size])) for size in range(9)]
    assert roots == VECTORS["roots"]
    assert [root[2:10] for root in roots] == PUBLISHED
    assert tree_root([]) == EMPTY_ROOT


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_inclusion_proofs_are_those_of_the_rfcs_definition(case: dict[str, Any]) -> None:
    size, index, proof = case["size"], case["index"], hexes(case["proof"])
    assert inclusion_proof(LEAVES[:size], index) == tuple(proof)
    assert verify_inclusion(tree_root(LEAVES[:size]), size, index, LEAVES[index], proof)


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_consistency_proofs_are_those_of_the_rfcs_definition(case: dict[str, Any]) -> None:
    old, size, proof = case["old"], case["size"], hexes(case["proof"])
    assert consistency_proof(LEAVES[:size], old) == tuple(proof)
    assert verify_consistency(tree_root(LEAVES[:old]), old, tree_root(LEAVES[:size]), size, proof)


@given(logs, st.sets(st.integers(0, 45)))
def test_many_roots_in_one_pass_are_those_of_each_size_alone(leaves: list[bytes], sizes: set[int]) -> None:
    assert tree_roots(leaves, sizes) == {size: tree_root(leaves[:size]) for size in sizes if size <= len(leaves)}


@given(logs, st.data())
def test_a_leaf_is_proven_at_its_own_place_in_its_own_log_only(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion_proof(leaves, index), tree_root(leaves)
    assert verify_inclusion(root, len(leaves), index, leaves[index], proof)
    stranger = leaf_hash(b"".join(leaves))
    assert not verify_inclusion(root, len(leaves), index, stranger, proof)
    assert not verify_inclusion(stranger, len(leaves), index, leaves[index], proof)
    assert not verify_inclusion(root, len(leaves), index, leaves[index], (*proof, stranger))
    if proof:
        assert not verify_inclusion(root, len(leaves), index, leaves[index], proof[:-1])
    other = data.draw(st.integers(0, len(leaves) - 1))
    assert leaves[other] == leaves[index] or not verify_inclusion(root, len(leaves), other, leaves[index], proof)


@settings(max_examples=60, deadline=None)
@given(logs, st.data())
def test_a_past_is_proven_unless_something_in_it_changed(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    proof, root, past = consistency_proof(leaves, old), tree_root(leaves), tree_root(leaves[:old])
    assert verify_consistency(past, old, root, len(leaves), proof)
    changed = data.draw(st.integers(0, old - 1))
    forged = tree_root([*leaves[:changed], leaf_hash(b"forged"), *leaves[changed + 1 : old]])
    assert not verify_consistency(forged, old, root, len(leaves), proof)
    assert not verify_consistency(past, old, root, len(leaves), (*proof, bytes(32)))
    if proof:
        assert not verify_consistency(past, old, root, len(leaves), proof[:-1])


def test_an_empty_past_proves_nothing_and_is_refused() -> None:
    for sizes in ((0, 0), (0, 1), (2, 1)):
        with pytest.raises(ProtocolError):
            verify_consistency(EMPTY_ROOT, sizes[0], EMPTY_ROOT, sizes[1], [])
    for call in (
        lambda: consistency_proof(LEAVES, 0),
        lambda: consistency_proof(LEAVES, 9),
        lambda: inclusion_proof(LEAVES, 8),
        lambda: inclusion_proof([], 0),
    ):
        assert fault(call) is not None


@given(junk, junk, junk, junk, junk)
def test_malformed_logs_and_proofs_end_in_our_error(a: Any, b: Any, c: Any, d: Any, e: Any) -> None:
    root = bytes(32)
    for call in (
        lambda: leaf_hash(a),
        lambda: tree_root(a),
        lambda: tree_root([a]),
        lambda: inclusion_proof(a, b),
        lambda: inclusion_proof(LEAVES, b),
        lambda: consistency_proof(LEAVES, c),
        lambda: verify_inclusion(a, b, c, d, e),
        lambda: verify_inclusion(root, 8, 3, root, e),
        lambda: verify_inclusion(root, b, c, root, []),
        lambda: verify_consistency(a, b, c, d, e),
        lambda: verify_consistency(root, 3, root, 8, e),
        lambda: verify_consistency(root, b, root, d, []),
    ):
        fault(call)
