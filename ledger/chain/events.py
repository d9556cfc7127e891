"""Raw logs to named arguments, by hand: one table lookup and a few slices of the node's own hex text per log.

The table is made from the ABI once. web3.py builds a codec and several objects for every log; that is what makes it dozens of times slower.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from eth_hash.auto import keccak

from ledger.errors import ChainError

__all__ = ["Event", "EventDecoder", "event_signature"]

Reader = Callable[[str, int, int], Any]
"""Reads one value from `0x…` text: the text, where the value's head word begins, where offsets inside it count from (in characters)."""

WORD = 64
"""Hex digits of one 32-byte word."""


class Event(NamedTuple):
    """One decoded log; `args` holds integers as integers, bytes and addresses as `0x…`, lists as lists."""

    block_number: int
    block_hash: bytes
    log_index: int
    tx_hash: bytes
    contract: str
    event: str
    args: dict[str, Any]


class _Layout(NamedTuple):
    contract: str
    event: str
    indexed: tuple[tuple[str, int, Reader], ...]
    plain: tuple[tuple[str, int, Reader], ...]
    shortest: int


class EventDecoder:
    """Decodes the logs of known contracts.

    Args:
        contracts: by name, the 20-byte address and the ABI as the compiler wrote it.

    Raises:
        ChainError: an event has a type no reader exists for (tuples and fixed-size arrays).
    """

    def __init__(self, contracts: Mapping[str, tuple[bytes, Sequence[Mapping[str, Any]]]]) -> None:
        self._contracts = {"0x" + address.hex(): name for name, (address, _) in contracts.items()}
        self._layouts: dict[tuple[str, str], _Layout] = {}
        for name, (address, abi) in contracts.items():
            for entry in abi:
                if entry["type"] == "event" and not entry.get("anonymous"):
                    topic = "0x" + keccak(event_signature(entry).encode()).hex()
                    self._layouts["0x" + address.hex(), topic] = _layout(name, entry)

    @property
    def addresses(self) -> list[str]:
        """The contracts' addresses as `0x…`, for the log filter."""
        return sorted(self._contracts)

    def decode(self, logs: Iterable[Mapping[str, Any]]) -> list[Event]:
        """Decodes logs as `eth_getLogs` answers them; logs of other contracts are left out.

        An event the ABI does not name is kept under its topic with its raw words, so that nothing a contract said is lost.

        Raises:
            ChainError: a log's data are cut short or nonsense; a node that answers so must not be believed.
        """
        decoded: list[Event] = []
        block, number, block_hash = "", 0, b""
        try:
            for log in logs:
                told = self._told(log)
                if told is None:
                    continue
                if log["blockHash"] != block:
                    block, number = log["blockHash"], int(log["blockNumber"], 16)
                    block_hash = bytes.fromhex(block[2:])
                decoded.append(Event(number, block_hash, int(log["logIndex"], 16), bytes.fromhex(log["transactionHash"][2:]), *told))
        except (ValueError, IndexError, KeyError, TypeError, AttributeError) as wrong:
            raise ChainError(f"the node sent a log that cannot be read: {wrong}", field="eth_getLogs", fix="use another node") from None
        return decoded

    def _told(self, log: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]] | None:
        """Contract, event and arguments; None when it is no contract of ours."""
        topics, data = log["topics"], log["data"]
        layout = self._layouts.get((log["address"], topics[0] if topics else ""))
        if layout is None:
            return self._unnamed(log)
        contract, name, indexed, plain, shortest = layout
        if len(data) < shortest:
            raise ValueError("data are too short")
        args = {field: read(topics[at], 2, 2) for field, at, read in indexed}
        for field, at, read in plain:
            args[field] = read(data, at, 2)
        return contract, name, args

    def _unnamed(self, log: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]] | None:
        contract = self._contracts.get(log["address"].lower())
        if contract is None:
            return None
        if log["address"] != log["address"].lower():
            return self._told({**log, "address": log["address"].lower()})
        topics = list(log["topics"])
        return contract, topics[0] if topics else "anonymous", {"topics": topics, "data": log["data"]}


def event_signature(entry: Mapping[str, Any]) -> str:
    """`Name(type,…)`, whose keccak is the event's topic."""
    return f"{entry['name']}({','.join(each['type'] for each in entry['inputs'])})"


def _layout(contract: str, entry: Mapping[str, Any]) -> _Layout:
    indexed: list[tuple[str, int, Reader]] = []
    plain: list[tuple[str, int, Reader]] = []
    for each in entry["inputs"]:
        if each["indexed"]:
            indexed.append((each["name"], len(indexed) + 1, _read_word if _is_dynamic(each["type"]) else _reader(each["type"])))
        else:
            plain.append((each["name"], 2 + WORD * len(plain), _reader(each["type"])))
    return _Layout(contract, entry["name"], tuple(indexed), tuple(plain), 2 + WORD * len(plain))


def _is_dynamic(kind: str) -> bool:
    return kind in ("bytes", "string") or kind.endswith("[]")


def _reader(kind: str) -> Reader:
    if kind.endswith("[]"):
        return _array_reader(_reader(kind[:-2]))
    fixed = {"bytes32": _read_word, "address": _read_address, "bool": _read_bool, "bytes": _read_bytes, "string": _read_string}
    if kind in fixed:
        return fixed[kind]
    match = re.fullmatch(r"(u?int|bytes)(\d+)", kind)
    if match is None:
        raise ChainError(
            f"no reader for the event type {kind}", field="abi", fix="give the event flat fields, or write a reader for the type"
        )
    if match[1] == "bytes":
        return _short_bytes_reader(int(match[2]))
    return _read_uint if match[1] == "uint" else _read_int


def _read_uint(text: str, at: int, _base: int) -> int:
    return int(text[at : at + WORD], 16)


def _read_int(text: str, at: int, _base: int) -> int:
    value = int(text[at : at + WORD], 16)
    return value - (1 << 256) if value >> 255 else value


def _read_word(text: str, at: int, _base: int) -> str:
    return "0x" + text[at : at + WORD]


def _read_address(text: str, at: int, _base: int) -> str:
    return "0x" + text[at + 24 : at + WORD]


def _read_bool(text: str, at: int, _base: int) -> bool:
    return int(text[at : at + WORD], 16) != 0


def _short_bytes_reader(length: int) -> Reader:
    return lambda text, at, _base: "0x" + text[at : at + 2 * length]


def _start(text: str, at: int, base: int) -> tuple[int, int]:
    """Where a dynamic value's content begins and its stated length."""
    start = base + 2 * int(text[at : at + WORD], 16)
    return start + WORD, int(text[start : start + WORD], 16)


def _read_bytes(text: str, at: int, base: int) -> str:
    start, length = _start(text, at, base)
    if start + 2 * length > len(text):
        raise ValueError("bytes are cut short")
    return "0x" + text[start : start + 2 * length]


def _read_string(text: str, at: int, base: int) -> str:
    return bytes.fromhex(_read_bytes(text, at, base)[2:]).decode(errors="replace").replace("\0", "�")


def _array_reader(read: Reader) -> Reader:
    def read_array(text: str, at: int, base: int) -> list[Any]:
        start, count = _start(text, at, base)
        if start + WORD * count > len(text):
            raise ValueError("an array is cut short")
        return [read(text, start + WORD * index, start) for index in range(count)]

    return read_array
