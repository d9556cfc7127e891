"""Logs decoded by hand say exactly what eth_abi, the library everybody trusts, reads in them."""

from __future__ import annotations

import contextlib
from typing import Any

import eth_abi
import pytest
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.events import EventDecoder, event_signature
from ledger.errors import ChainError

ADDRESS = bytes(range(20))
INTEGERS = {
    "uint8": (0, 2**8 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "uint256": (0, 2**256 - 1),
    "int256": (-(2**255), 2**255 - 1),
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **{kind: st.integers(low, high) for kind, (low, high) in INTEGERS.items()},
    "bytes32": st.binary(min_size=32, max_size=32),
    "bytes4": st.binary(min_size=4, max_size=4),
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=100),
    "string": st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40),
    "bytes32[]": st.lists(st.binary(min_size=32, max_size=32), max_size=5),
    "bytes[]": st.lists(st.binary(max_size=70), max_size=5),
    "uint64[]": st.lists(st.integers(0, 2**64 - 1), max_size=5),
}
STATIC = [kind for kind in VALUES if not (kind.endswith("[]") or kind in ("bytes", "string"))]


def shown(value: Any) -> Any:
    """A value as the ledger keeps it."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return [shown(each) for each in value] if isinstance(value, list | tuple) else value


def log_of(entry: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    """The log a contract that follows the ABI would leave."""
    plain = [(each["type"], value) for each, value in zip(entry["inputs"], values, strict=True) if not each["indexed"]]
    topics = [eth_abi.encode([each["type"]], [value]) for each, value in zip(entry["inputs"], values, strict=True) if each["indexed"]]
    return {
        "address": "0x" + ADDRESS.hex(),
        "topics": ["0x" + keccak(event_signature(entry).encode()).hex(), *("0x" + topic.hex() for topic in topics)],
        "data": "0x" + eth_abi.encode([kind for kind, _ in plain], [value for _, value in plain]).hex(),
        "blockNumber": "0x10",
        "blockHash": "0x" + "aa" * 32,
        "transactionHash": "0x" + "bb" * 32,
        "logIndex": "0x2",
    }


@st.composite
def events(draw: st.DrawFn) -> tuple[dict[str, Any], list[Any]]:
    indexed = draw(st.lists(st.sampled_from(STATIC), max_size=3))
    plain = draw(st.lists(st.sampled_from(list(VALUES)), max_size=6))
    kinds = draw(st.permutations([(kind, True) for kind in indexed] + [(kind, False) for kind in plain]))
    inputs = [{"name": f"field{at}", "type": kind, "indexed": is_indexed} for at, (kind, is_indexed) in enumerate(kinds)]
    return {"type": "event", "name": "Happened", "inputs": inputs}, [draw(VALUES[kind]) for kind, _ in kinds]


@given(events())
def test_every_event_reads_back_as_eth_abi_wrote_it(sample: tuple[dict[str, Any], list[Any]]) -> None:
    entry, values = sample
    (event,) = EventDecoder({"Exchange": (ADDRESS, [entry])}).decode([log_of(entry, values)])
    assert event.args == {each["name"]: shown(value) for each, value in zip(entry["inputs"], values, strict=True)}
    assert (event.contract, event.event, event.block_number, event.log_index) == ("Exchange", "Happened", 16, 2)
    assert (event.block_hash, event.tx_hash) == (b"\xaa" * 32, b"\xbb" * 32)


@given(events(), st.data())
def test_data_cut_short_or_garbled_raise_our_error_and_no_other(sample: tuple[dict[str, Any], list[Any]], data: st.DataObject) -> None:
    entry, values = sample
    log = log_of(entry, values)
    kept = data.draw(st.integers(0, len(log["data"])))
    log["data"] = log["data"][:kept] + data.draw(st.text("0123456789abcdefzg\n", max_size=80))
    decoder = EventDecoder({"Exchange": (ADDRESS, [entry])})
    with contextlib.suppress(ChainError):
        decoder.decode([log])


def test_an_indexed_text_is_known_by_its_hash_only() -> None:
    entry = {"type": "event", "name": "Named", "inputs": [{"name": "label", "type": "string", "indexed": True}]}
    log = {**log_of({**entry, "inputs": []}, []), "topics": ["0x" + keccak(b"Named(string)").hex(), "0x" + keccak(b"zone").hex()]}
    assert EventDecoder({"Exchange": (ADDRESS, [entry])}).decode([log])[0].args == {"label": "0x" + keccak(b"zone").hex()}


def test_an_event_the_abi_does_not_name_is_kept_with_its_raw_words() -> None:
    log = log_of({"type": "event", "name": "Unheard", "inputs": []}, [])
    (event,) = EventDecoder({"Exchange": (ADDRESS, [])}).decode([log])
    assert event.event == log["topics"][0]
    assert event.args == {"topics": log["topics"], "data": "0x"}


def test_a_strangers_log_is_left_out_and_a_checksummed_address_is_ours() -> None:
    entry = {"type": "event", "name": "Happened", "inputs": [{"name": "at", "type": "uint64", "indexed": False}]}
    decoder = EventDecoder({"Exchange": (ADDRESS, [entry])})
    ours = log_of(entry, [7])
    shouting = {**ours, "address": "0x" + ADDRESS.hex().upper()}
    assert [event.args for event in decoder.decode([{**ours, "address": "0x" + "00" * 20}, shouting, ours])] == [{"at": 7}, {"at": 7}]


@pytest.mark.parametrize("kind", ["tuple", "uint64[2]", "function"])
def test_a_type_without_a_reader_is_refused_when_the_table_is_made(kind: str) -> None:
    entry = {"type": "event", "name": "Odd", "inputs": [{"name": "odd", "type": kind, "indexed": False}]}
    with pytest.raises(ChainError, match="no reader"):
        EventDecoder({"Exchange": (ADDRESS, [entry])})


@given(st.dictionaries(st.sampled_from(["address", "topics", "data", "blockHash", "blockNumber"]), st.none() | st.text() | st.integers()))
def test_a_log_that_is_no_log_raises_our_error_and_no_other(nonsense: dict[str, Any]) -> None:
    entry = {"type": "event", "name": "Happened", "inputs": [{"name": "at", "type": "uint64", "indexed": False}]}
    log = {**log_of(entry, [7]), **nonsense}
    with contextlib.suppress(ChainError):
        EventDecoder({"Exchange": (ADDRESS, [entry])}).decode([log])
