"""Leaves and salts: viem's bytes, the ABI's bytes, and the same bytes when many are hashed at once."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak, load_lanes
from ledger.protocol.leaves import (
    FillLeaf,
    OrderLeaf,
    PositionLeaf,
    ReadingLeaf,
    TermLeaf,
    fill_salt,
    position_salt,
    profile_salt,
    reading_leaf_hashes,
    reading_salt,
    term_salt,
)
from ledger.protocol.quantities import hex0x, unhex
from tests.ledger.protocol.vectors import LEAVES, fault, junk, load, value_of, words

CASES = load("leaves")["cases"]
FIELDS = {case["tree"]: [field.split(" ")[0] for field in case["fields"].split(", ")] for case in CASES}
u8, u32, u64 = (st.integers(0, 2**bits - 1) for bits in (8, 32, 64))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
READINGS = st.builds(ReadingLeaf, words, words, u64, u32, u64, u64, u8, words)
ANY_LEAF = st.one_of(
    READINGS,
    st.builds(OrderLeaf, words, u32, words, words),
    st.builds(FillLeaf, words, u64, u32, words, words, words, u8, u64, u32, words),
    st.builds(PositionLeaf, words, u64, u32, words, u64, u64, st.integers(-(2**255), 2**255 - 1), words),
    st.builds(TermLeaf, words, texts, texts, words),
)


@pytest.mark.parametrize("case", CASES, ids=[f"{place}-{case['tree']}" for place, case in enumerate(CASES)])
def test_viem_hashes_every_leaf_to_the_same_bytes(case: dict[str, Any]) -> None:
    kinds = FIELDS[case["tree"]]
    leaf = LEAVES[case["tree"]](*(value_of(kind, value) for kind, value in zip(kinds, case["values"], strict=True)))
    assert hex0x(leaf.leaf_hash()) == case["leaf"]


def test_every_kind_of_leaf_has_vectors_with_its_fields_in_order() -> None:
    assert set(FIELDS) == set(LEAVES)
    for case in CASES:
        names = [field.split(" ")[1] for field in case["fields"].split(", ")]
        ours = [field.name for field in dataclasses.fields(LEAVES[case["tree"]])]
        assert [name.lower() for name in names] == [name.replace("_", "") for name in ours]


@given(ANY_LEAF)
def test_a_leaf_is_the_double_hash_of_its_abi_encoding(leaf: Any) -> None:
    tree = next(name for name, cls in LEAVES.items() if cls is type(leaf))
    values = [getattr(leaf, field.name) for field in dataclasses.fields(leaf)]
    assert leaf.leaf_hash() == keccak(keccak(encode(FIELDS[tree], values)))


@given(ANY_LEAF, st.data())
def test_a_field_of_another_kind_is_refused_and_named(leaf: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([field.name for field in dataclasses.fields(leaf)]))
    given_value = data.draw(junk)
    wrong = fault(dataclasses.replace(leaf, **{name: given_value}).leaf_hash)
    if wrong is not None:
        assert wrong.field == name
    else:
        assert type(given_value) is type(getattr(leaf, name))


@settings(max_examples=25, deadline=None)
@given(st.lists(READINGS, min_size=1, max_size=12), st.integers(256, 400))
def test_many_readings_hash_as_each_alone(some: list[ReadingLeaf], count: int) -> None:
    load_lanes()
    leaves = [dataclasses.replace(some[place % len(some)], start=place) for place in range(count)]
    assert reading_leaf_hashes(leaves) == [leaf.leaf_hash() for leaf in leaves]
    assert reading_leaf_hashes(leaves[:3]) == [leaf.leaf_hash() for leaf in leaves[:3]]


@pytest.mark.parametrize(
    "change", [{"start": -1}, {"version": 2**32}, {"quality": True}, {"salt": b"short"}, {"zone": None}, {"import_wh": 1.5}]
)
def test_one_bad_reading_among_many_is_found(change: dict[str, Any]) -> None:
    load_lanes()
    good = ReadingLeaf(bytes(32), bytes(32), 1, 1, 2, 3, 0, bytes(32))
    with pytest.raises(ProtocolError) as caught:
        reading_leaf_hashes([*([good] * 300), dataclasses.replace(good, **change)])
    assert caught.value.field in change


@pytest.mark.parametrize("case", load("salts")["cases"])
def test_node_derives_the_same_salts(case: dict[str, Any]) -> None:
    key, thing, order = (unhex(case[name], "vector") for name in ("partyKey", "id", "orderDigest"))
    time, run = int(case["time"]), case["run"]
    profile = profile_salt(key, thing, time)
    assert {
        "profile": hex0x(profile),
        "reading": hex0x(reading_salt(profile, time)),
        "fill": hex0x(fill_salt(key, thing, time, order, case["side"])),
        "position": hex0x(position_salt(key, thing, time, run)),
        "term": hex0x(term_salt(key, thing, case["path"])),
    } == case["salts"]


@given(junk, junk, junk, junk, junk)
def test_salts_of_malformed_parts_end_in_our_error(a: Any, b: Any, c: Any, d: Any, e: Any) -> None:
    key = bytes(32)
    for call in (
        lambda: profile_salt(a, b, c),
        lambda: profile_salt(key, key, c),
        lambda: reading_salt(a, b),
        lambda: reading_salt(key, b),
        lambda: fill_salt(a, b, c, d, e),
        lambda: fill_salt(key, key, 1, key, e),
        lambda: position_salt(a, b, c, d),
        lambda: position_salt(key, key, 1, d),
        lambda: term_salt(key, key, c),
    ):
        fault(call)


def test_text_that_utf_8_cannot_hold_is_no_term() -> None:
    for path, value in (("\ud800", ""), ("", "\udfff")):
        with pytest.raises(ProtocolError):
            TermLeaf(bytes(32), path, value, bytes(32)).leaf_hash()
