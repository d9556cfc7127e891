"""What a revert says: the custom error's name and values, found in one table of every contract's errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ledger.chain.abi import Abi, Member
from ledger.chain.rpc import NodeError
from ledger.errors import ChainError
from ledger.protocol.quantities import hex0x

__all__ = ["ErrorTable"]

_BUILT_IN = Abi(
    "Solidity",
    [
        {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
        {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
    ],
)
_PANICS = {
    0x01: "an assertion is false",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "no such enum value",
    0x32: "index out of bounds",
}


class ErrorTable:
    """Custom errors of several contracts by selector; the same error declared twice is the same error."""

    def __init__(self, abis: Iterable[Abi]) -> None:
        self._errors: dict[bytes, Member] = dict(_BUILT_IN.errors)
        for abi in abis:
            self._errors.update(abi.errors)

    def decode(self, data: bytes) -> tuple[str, dict[str, Any]] | None:
        """Name and values by field; None when nobody declares it or the data do not fit."""
        found = self._errors.get(data[:4])
        if found is None:
            return None
        try:
            return found.name, found.decode_inputs(data[4:])
        except ChainError:
            return None

    def explain(self, refusal: NodeError, field: str) -> NodeError:
        """The same refusal in the contract's own words when it was a revert; `field` says which call."""
        if refusal.kind != "reverted" and not refusal.data:
            refusal.field = field
            return refusal
        decoded = self.decode(refusal.data)
        said = _in_words(*decoded) if decoded else hex0x(refusal.data) if refusal.data else refusal.problem
        better = NodeError(f"the contract refused: {said}", kind="reverted", data=refusal.data, field=field, fix=refusal.fix)
        if decoded:
            better.error, better.values = decoded
        return better


def _in_words(name: str, values: dict[str, Any]) -> str:
    if name == "Error":
        return str(values["message"])
    if name == "Panic":
        return f"Panic: {_PANICS.get(values['code'], hex(values['code']))}"
    return f"{name}({', '.join(f'{key} {_show(value)}' for key, value in values.items())})"


def _show(value: Any) -> str:
    if isinstance(value, bytes):
        return hex0x(value)
    return f"[{', '.join(_show(each) for each in value)}]" if isinstance(value, tuple) else str(value)
