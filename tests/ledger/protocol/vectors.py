"""Reads tests/vectors/*.json, and the strategies every protocol test draws from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from ledger.protocol import typed_data
from ledger.protocol.eip712 import schema_of
from ledger.protocol.errors import ProtocolError
from ledger.protocol.leaves import FillLeaf, OrderLeaf, PositionLeaf, ReadingLeaf, TermLeaf
from ledger.protocol.quantities import unhex
from ledger.protocol.typed_data import Domain, TypedStruct

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
STRUCTS: list[type[TypedStruct]] = [
    value for value in vars(typed_data).values() if isinstance(value, type) and issubclass(value, TypedStruct) and value is not TypedStruct
]
LEAVES = {"readings": ReadingLeaf, "orders": OrderLeaf, "fills": FillLeaf, "positions": PositionLeaf, "terms": TermLeaf}

words = st.binary(min_size=32, max_size=32)
domains = st.builds(Domain, st.integers(0, 2**256 - 1), st.binary(min_size=20, max_size=20))
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=80),
    st.binary(max_size=80),
    st.lists(st.binary(max_size=40), max_size=4),
    st.tuples(st.binary(max_size=40), st.integers()),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
    st.just(object()),
)


def fault(call: Callable[[], object]) -> ProtocolError | None:
    """The protocol's own error that a call ends in; any other error passes through and fails the test."""
    try:
        call()
    except ProtocolError as wrong:
        return wrong
    return None


def load(name: str) -> dict[str, Any]:
    """A vector file."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def hexes(texts: list[str]) -> list[bytes]:
    """The bytes behind a list of hexadecimal texts."""
    return [unhex(text, "vector") for text in texts]


def value_of(kind: str, given: Any) -> Any:
    """A value of that Solidity type from its form in the files."""
    if kind.endswith("[]"):
        return tuple(value_of(kind[:-2], entry) for entry in given)
    if kind.startswith("bytes"):
        return unhex(given, "vector")
    return given if kind == "string" else int(given)


def struct_of(cls: type[TypedStruct], message: dict[str, Any]) -> TypedStruct:
    """The struct behind a message in the files."""
    nested = {f"{part.__name__}[]": part for part in schema_of(cls).nested}
    members = schema_of(cls).members
    assert list(message) == [member for member, _ in members]
    return cls(
        *(
            tuple(struct_of(nested[kind], entry) for entry in message[member]) if kind in nested else value_of(kind, message[member])
            for member, kind in members
        )
    )


def values_of(kind: str) -> st.SearchStrategy[Any]:
    """Every value of a Solidity type."""
    if kind.endswith("[]"):
        return st.lists(values_of(kind[:-2]), max_size=5).map(tuple)
    if kind == "bytes32":
        return words
    if kind == "bytes":
        return st.binary(max_size=120)
    return st.integers(0, 2 ** int(kind.removeprefix("uint")) - 1)


def structs(cls: type[TypedStruct]) -> st.SearchStrategy[TypedStruct]:
    """Every value of a struct class."""
    nested = {f"{part.__name__}[]": part for part in schema_of(cls).nested}
    return st.builds(
        cls,
        *(
            st.lists(structs(nested[kind]), max_size=4).map(tuple) if kind in nested else values_of(kind)
            for _, kind in schema_of(cls).members
        ),
    )
