"""Terms, codes and dates."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.agreements import rules
from ledger.errors import InputError
from ledger.protocol.keccak import keccak
from ledger.protocol.merkle import MerkleTree, verify_proof

keys = st.binary(min_size=32, max_size=32)
values = st.dictionaries(st.text("abc.", min_size=1, max_size=6), st.sampled_from(['"x"', "1", "null"]), min_size=1, max_size=9)


@given(keys, keys, values)
def test_every_term_is_proven_by_the_root_and_nothing_else_is(key: bytes, agreement: bytes, terms: dict[str, str]) -> None:
    leaves = rules.term_leaves(key, agreement, terms)
    root = rules.terms_root(leaves)
    tree = MerkleTree([leaf.leaf_hash() for leaf in leaves])
    assert tree.root == root
    for leaf in leaves:
        assert verify_proof(root, leaf.leaf_hash(), tree.proof(leaf.leaf_hash()))
        other = rules.term_leaves(key, agreement, {leaf.path: leaf.value + " "})[0]
        assert not verify_proof(root, other.leaf_hash(), tree.proof(leaf.leaf_hash()))


@given(keys, keys, keys)
def test_a_term_cannot_be_recognised_under_another_key_or_in_another_agreement(key: bytes, other: bytes, agreement: bytes) -> None:
    term = {"price.vnd_per_kwh": "671"}
    root = rules.terms_root(rules.term_leaves(key, agreement, term))
    assert (rules.terms_root(rules.term_leaves(other, agreement, term)) == root) == (key == other)
    assert (rules.terms_root(rules.term_leaves(key, other, term)) == root) == (agreement == other)


def test_kinds_and_reasons_are_known_on_chain_by_the_keccak_of_their_names() -> None:
    assert rules.kind_id("rooftop-surplus-sale") == keccak(b"rooftop-surplus-sale")
    assert rules.reason_name(rules.reason_id("fraud")) == "fraud"
    assert rules.reason_name(bytes(32)) is None
    with pytest.raises(InputError, match="no such reason"):
        rules.reason_id("whim")


def test_five_years_on_is_the_same_day_in_the_roofs_own_time_zone() -> None:
    start = int(datetime.datetime(2026, 7, 1, tzinfo=rules.ZoneInfo("Asia/Ho_Chi_Minh")).timestamp())
    assert rules.local_date(rules.years_later(start, 5, "Asia/Ho_Chi_Minh"), "Asia/Ho_Chi_Minh") == datetime.date(2031, 7, 1)
    leap = int(datetime.datetime(2028, 2, 29, 12, tzinfo=datetime.UTC).timestamp())
    assert rules.local_date(rules.years_later(leap, 5, "UTC"), "UTC") == datetime.date(2033, 2, 28)


@pytest.mark.parametrize(("moment", "zone"), [(0, "Mars/Olympus"), (0, "../etc/passwd"), (2**62, "UTC"), (253_402_300_000, "UTC")])
def test_a_moment_no_calendar_has_is_our_error(moment: int, zone: str) -> None:
    with pytest.raises(InputError):
        rules.years_later(moment, 5, zone)
