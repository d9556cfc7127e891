"""A log kept as complete subtrees gives the very proofs that hashing every leaf gives."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol import log
from ledger.protocol.errors import ProtocolError
from ledger.protocol.log_nodes import Node, completed, consistency_spans, fold, inclusion_spans, nodes_of

LEAVES = [sha256(bytes((number,))).digest() for number in range(70)]


def kept(size: int, grown: list[int]) -> dict[Node, bytes]:
    """The nodes of a log that grew in steps, each step knowing only the frontier it found."""
    known: dict[Node, bytes] = {}
    at = 0
    for step in (*(each for each in grown if each < size), size):
        known |= {(0, index): LEAVES[index] for index in range(at, step)}
        known |= dict(completed(at, [known[node] for node in nodes_of((0, at))], LEAVES[at:step]))
        at = step
    return known


steps = st.lists(st.integers(1, 69), unique=True, max_size=6).map(sorted)


@given(st.integers(0, 70), steps)
def test_the_root_is_the_one_all_leaves_give(size: int, grown: list[int]) -> None:
    known = kept(size, grown)
    assert fold((0, size), known) == log.tree_root(LEAVES[:size])
    assert len(known) == 2 * size - size.bit_count()


@given(st.integers(1, 70), st.data(), steps)
def test_inclusion_proofs_are_those_of_all_leaves(size: int, data: st.DataObject, grown: list[int]) -> None:
    known, index = kept(size, grown), data.draw(st.integers(0, size - 1))
    proof = tuple(fold(span, known) for span in inclusion_spans(index, size))
    assert proof == log.inclusion_proof(LEAVES[:size], index)


@given(st.integers(1, 70), st.data(), steps)
def test_consistency_proofs_are_those_of_all_leaves(new: int, data: st.DataObject, grown: list[int]) -> None:
    known, old = kept(new, grown), data.draw(st.integers(1, new))
    proof = tuple(fold(span, known) for span in consistency_spans(old, new))
    assert proof == log.consistency_proof(LEAVES[:new], old)


def test_a_proof_of_a_log_of_a_hundred_million_needs_few_nodes() -> None:
    assert sum(len(nodes_of(span)) for span in inclusion_spans(12_345_678, 100_000_003)) < 60


def test_sizes_and_places_beyond_the_log_are_refused() -> None:
    for wrong in ((5, 5), (0, 0)):
        with pytest.raises(ProtocolError, match="below the log's size"):
            inclusion_spans(*wrong)
    for wrong in ((0, 0), (0, 5), (6, 5)):
        with pytest.raises(ProtocolError, match="from 1 to the log's"):
            consistency_spans(*wrong)
