"""A contract's ABI as lookups: calls to bytes, bytes to values, reverts to names. Strict where eth_abi pads or guesses."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode, encode

from ledger.errors import ChainError, NotFoundError, ProtocolError
from ledger.protocol.keccak import keccak

__all__ = ["Abi", "Entry", "Member"]

Entry = Mapping[str, Any]
"""One item of an ABI, or one parameter of an item, as the compiler writes it."""

_FIXED_BYTES = re.compile(r"bytes(\d+)")


@dataclass(frozen=True)
class Member:
    """A function, an error or the constructor: what it takes and, for a function, gives."""

    name: str
    inputs: tuple[Entry, ...]
    outputs: tuple[Entry, ...]

    @property
    def signature(self) -> str:
        """`name(type,…)`, tuples written out."""
        return f"{self.name}({','.join(_type(each) for each in self.inputs)})"

    @property
    def selector(self) -> bytes:
        """The first 4 bytes of the signature's keccak."""
        return keccak(self.signature.encode())[:4]

    def encode(self, args: Sequence[Any]) -> bytes:
        """The arguments as bytes, without the selector; a struct may be a tuple, a mapping by its Solidity names, or a dataclass.

        Raises:
            ProtocolError: too few, too many, of the wrong type, or out of range.
        """
        if len(args) != len(self.inputs):
            raise ProtocolError(
                f"takes {len(self.inputs)} arguments, got {len(args)}", field=self.signature, fix="call it as its interface says"
            )
        try:
            plain = [_plain(value, entry) for value, entry in zip(args, self.inputs, strict=True)]
            return encode([_type(entry) for entry in self.inputs], plain)
        except ProtocolError:
            raise
        except Exception as wrong:  # eth_abi lets errors of many kinds through
            raise ProtocolError(f"cannot be encoded: {wrong}", field=self.signature, fix="call it as its interface says") from None

    def decode_inputs(self, data: bytes) -> dict[str, Any]:
        """Arguments by name (or position) from bytes without selector; addresses as 20 bytes.

        Raises:
            ChainError: the bytes do not fit.
        """
        values = _decode(self.inputs, data, self.signature)
        return {entry.get("name") or str(at): value for at, (entry, value) in enumerate(zip(self.inputs, values, strict=True))}

    def decode_outputs(self, data: bytes) -> Any:
        """The returned value, or a tuple of them; structs are tuples, addresses 20 bytes.

        Raises:
            ChainError: the bytes do not fit, for example because nothing is deployed there.
        """
        values = _decode(self.outputs, data, self.signature)
        return values[0] if len(values) == 1 else values


class Abi:
    """One contract's ABI.

    Args:
        name: the contract's, for messages.
        entries: the compiler's list.
    """

    def __init__(self, name: str, entries: Sequence[Entry]) -> None:
        self.name = name
        self._functions: dict[str, Member] = {}
        self.errors: dict[bytes, Member] = {}
        """Custom errors by selector."""
        self.constructor = Member("constructor", (), ())
        for entry in entries:
            found = Member(entry.get("name", "constructor"), tuple(entry.get("inputs", ())), tuple(entry.get("outputs", ())))
            if entry["type"] == "function":
                self._functions.setdefault(found.name, found)
                self._functions[found.signature] = found
            elif entry["type"] == "error":
                self.errors[found.selector] = found
            elif entry["type"] == "constructor":
                self.constructor = found

    def function(self, name: str) -> Member:
        """A function by name, or by full signature when several share the name (the name alone means the first).

        Raises:
            NotFoundError: the contract has none.
        """
        try:
            return self._functions[name]
        except KeyError:
            raise NotFoundError(f"has no function {name}", field=self.name, fix="compile and deploy again if it is new") from None

    def encode(self, function: str, args: Sequence[Any]) -> bytes:
        """Selector and arguments of a call; errors as `function` and `Member.encode`."""
        found = self.function(function)
        return found.selector + found.encode(args)


def _type(entry: Entry) -> str:
    kind: str = entry["type"]
    if kind.startswith("tuple"):
        return f"({','.join(_type(each) for each in entry['components'])}){kind.removeprefix('tuple')}"
    return kind


def _element(entry: Entry) -> Entry:
    return {**entry, "type": entry["type"][: entry["type"].rindex("[")]}


def _plain(value: Any, entry: Entry) -> Any:
    """The value with structs as tuples; refuses fixed bytes of another length, which eth_abi would pad."""
    kind: str = entry["type"]
    if kind.endswith("]"):
        inner = _element(entry)
        return [_plain(each, inner) for each in value]
    if kind == "tuple":
        parts = _struct(value, entry)
        if len(parts) != len(entry["components"]):
            raise ProtocolError(
                f"needs {len(entry['components'])} fields, got {len(parts)}", field=str(entry.get("name", "")), fix="fill each field"
            )
        return tuple(_plain(part, component) for part, component in zip(parts, entry["components"], strict=True))
    fixed = _FIXED_BYTES.fullmatch(kind)
    length = int(fixed[1]) if fixed else 20 if kind == "address" else None
    if length is not None and not (isinstance(value, bytes) and len(value) == length):
        got = f"{len(value)} bytes" if isinstance(value, bytes) else type(value).__name__
        raise ProtocolError(f"must be {length} bytes, got {got}", field=str(entry.get("name", "")), fix=f"give exactly {length} bytes")
    return value


def _struct(value: Any, entry: Entry) -> Sequence[Any]:
    if isinstance(value, Mapping):
        return [value[component["name"]] for component in entry["components"]]
    if dataclasses.is_dataclass(value):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    return tuple(value)


def _decode(entries: Sequence[Entry], data: bytes, field: str) -> tuple[Any, ...]:
    try:
        values = decode([_type(entry) for entry in entries], data)
    except Exception as wrong:  # as above
        raise ChainError(
            f"answered {len(data)} bytes that do not fit: {wrong}", field=field, fix="check that the contract is deployed there"
        ) from None
    return tuple(_native(value, entry) for value, entry in zip(values, entries, strict=True))


def _native(value: Any, entry: Entry) -> Any:
    """eth_abi's value with addresses as 20 bytes."""
    kind: str = entry["type"]
    if kind.endswith("]"):
        inner = _element(entry)
        return tuple(_native(each, inner) for each in value)
    if kind == "tuple":
        return tuple(_native(each, component) for each, component in zip(value, entry["components"], strict=True))
    return bytes.fromhex(value[2:]) if kind == "address" else value
