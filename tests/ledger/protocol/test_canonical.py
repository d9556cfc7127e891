"""Canonical JSON: one byte form a value, JavaScript's own, and nothing but that form is read."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import normalize

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol.canonical import canonical_json, parse_canonical
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import unhex
from tests.ledger.protocol.vectors import fault, load

texts = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: normalize("NFC", text))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("case", load("canonical")["cases"])
def test_javascript_writes_the_same_bytes(case: dict[str, Any]) -> None:
    assert canonical_json(case["value"]) == unhex(case["canonical"], "vector")
    assert canonical_json(parse_canonical(unhex(case["canonical"], "vector"))) == unhex(case["canonical"], "vector")


@given(values)
def test_a_value_reads_back_and_has_the_bytes_of_rfc_8785(value: Any) -> None:
    data = canonical_json(value)
    assert data == rfc8785.dumps(value)
    assert parse_canonical(data) == value


@given(values, st.integers(0, 3), st.sampled_from([" ", "\n", "\t"]))
def test_other_bytes_of_the_same_value_are_refused(value: Any, indent: int, space: str) -> None:
    data = canonical_json(value)
    for other in (
        json.dumps(value, indent=indent).encode(),
        data + space.encode(),
        space.encode() + data,
        data.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + data,
    ):
        if other != data:
            with pytest.raises(ProtocolError):
                parse_canonical(other)


@given(st.binary(max_size=60))
def test_bytes_that_are_read_are_the_canonical_ones(data: bytes) -> None:
    try:
        value = parse_canonical(data)
    except ProtocolError:
        return
    assert canonical_json(value) == data


NOT_CANONICAL: list[Any] = [
    *(b"", b"{", b"nul", b"NaN", b"Infinity", b"-0", b"1.0", b"1e3", b"01", b"9007199254740992", b"1" * 10_000, b"[1,]", b"//", b"'a'"),
    *(b'{"a":1,"a":1}', b'{"b":1,"a":2}', b'"\\u00e9"', b'"\\/"', '"e\u0301"'.encode(), b'"\xff"', b'"\\ud800"', b"\xef\xbb\xbf1", b"1\0"),
    *(b"[" * 100_000, b"[" * 65 + b"]" * 65, b'{"":' * 5_000, None, "[]", 7),
]
NO_FORM: list[Any] = [
    *(1.0, 1.5, float("nan"), 2**53, -(2**53), b"bytes", {1: 2}, {None: 1}, {"a": {1}}, "\ud800", {"\ud800": 1}, object(), [[object()]]),
    {"\u00e9": 1, "e\u0301": 2},
]


@pytest.mark.parametrize("data", NOT_CANONICAL, ids=lambda data: repr(data)[:20])
def test_what_is_not_canonical_is_refused(data: Any) -> None:
    with pytest.raises(ProtocolError):
        parse_canonical(data)


@pytest.mark.parametrize("value", NO_FORM, ids=lambda value: ascii(value)[:20])
def test_what_has_no_canonical_form_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(ProtocolError) as caught:
        canonical_json(value)
    assert caught.value.field
    assert caught.value.fix


def test_a_structure_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert fault(lambda: canonical_json(endless)) is not None


def test_text_is_written_in_its_composed_form() -> None:
    assert canonical_json("Thu\u031b\u0323") == canonical_json(normalize("NFC", "Thu\u031b\u0323"))
    assert canonical_json({"e\u0301": "e\u0301"}) == '{"é":"é"}'.encode()
