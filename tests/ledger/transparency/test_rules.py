"""Entries of the log: one form, nothing of a person, and numbers without gaps."""

from __future__ import annotations

import dataclasses

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ProtocolError
from ledger.transparency.rules import EVENTS, Entry, gaps, parse_entry

ids = st.binary(min_size=32, max_size=32)
numbers = st.integers(0, 2**53 - 1)
entries = st.builds(Entry, ids, numbers, st.sampled_from(EVENTS), ids, ids, numbers)


@given(entries)
def test_an_entry_is_read_back_as_it_was_written(entry: Entry) -> None:
    assert parse_entry(entry.to_bytes()) == entry


@given(entries, st.sampled_from(["name", "reason", "note"]))
def test_an_entry_holds_its_fields_and_no_other(entry: Entry, more: str) -> None:
    value = orjson.loads(entry.to_bytes())
    assert set(value) == {"digest", "document", "event", "sequence", "time", "unit", "version"}
    for changed in ({**value, more: "x"}, {**value, "version": 2}, {**value, "event": "forgotten"}, {**value, "sequence": -1}):
        with pytest.raises(ProtocolError):
            parse_entry(orjson.dumps(changed, option=orjson.OPT_SORT_KEYS))
    for field in value:
        with pytest.raises(ProtocolError):
            parse_entry(orjson.dumps({name: each for name, each in value.items() if name != field}, option=orjson.OPT_SORT_KEYS))


@given(st.binary(max_size=200))
def test_junk_is_no_entry(junk: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_entry(junk)
    for other in (b"[]", b'"x"', b"1", b"null"):
        with pytest.raises(ProtocolError):
            parse_entry(other)


@given(st.lists(st.integers(0, 2), max_size=30), st.data())
def test_a_number_left_out_of_any_unit_is_noticed(units: list[int], data: st.DataObject) -> None:
    counted: dict[int, int] = {}
    log = []
    for unit in units:
        log.append(Entry(bytes([unit]) * 32, counted.get(unit, 0), "sealed", bytes(32), bytes(32), 0))
        counted[unit] = counted.get(unit, 0) + 1
    assert gaps(log) == []
    if log:
        place = data.draw(st.integers(0, len(log) - 1))
        later = [one for one in log[place + 1 :] if one.unit == log[place].unit]
        assert bool(gaps(log[:place] + log[place + 1 :])) == bool(later)
        doubled = dataclasses.replace(log[place], sequence=log[place].sequence + 1)
        assert gaps([*log[:place], doubled, *log[place + 1 :]])
