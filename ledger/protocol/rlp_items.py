"""RLP, read strictly: every value has exactly one encoding, anything else is refused."""

from __future__ import annotations

from typing import TypeAlias

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_bytes

Item: TypeAlias = "bytes | list[Item]"
DEPTH_LIMIT = 16


def decode_rlp(data: bytes, field: str) -> Item:
    """The item encoded by exactly these bytes.

    Raises:
        ProtocolError: truncated, followed by more, not in the shortest form, or nested deeper than 16 lists.
    """
    item, end = _item(check_bytes(data, field), 0, field, DEPTH_LIMIT)
    if end != len(data):
        raise _bad(field, f"{len(data) - end} bytes after its end")
    return item


def uint_of(item: Item, bits: int, field: str) -> int:
    """The number in an item: big-endian bytes without leading zeros.

    Raises:
        ProtocolError: a list, leading zeros or too large.
    """
    if isinstance(item, list) or item[:1] == b"\0" or len(item) > bits // 8:
        raise _bad(field, f"not the shortest form of a uint{bits}")
    return int.from_bytes(item, "big")


def _item(data: bytes, start: int, field: str, depth: int) -> tuple[Item, int]:
    if depth == 0:
        raise _bad(field, "nested too deeply")
    if start >= len(data):
        raise _bad(field, "truncated")
    prefix = data[start]
    if prefix < 0x80:
        return data[start : start + 1], start + 1
    begin, end = _span(data, start, field)
    if prefix < 0xC0:
        if end - begin == 1 and data[begin] < 0x80:
            raise _bad(field, "a single byte in long form")
        return data[begin:end], end
    items: list[Item] = []
    place = begin
    while place < end:
        item, place = _item(data, place, field, depth - 1)
        items.append(item)
    if place != end:
        raise _bad(field, "an item reaches over the end of its list")
    return items, end


def _span(data: bytes, start: int, field: str) -> tuple[int, int]:
    """Where the content of the item that starts there begins and ends."""
    short = data[start] - (0x80 if data[start] < 0xC0 else 0xC0)
    begin, length = start + 1, short
    if short > 55:
        width = short - 55
        digits = data[begin : begin + width]
        length = int.from_bytes(digits, "big")
        if len(digits) < width or digits[0] == 0 or length < 56:
            raise _bad(field, "a length that is truncated or not in its shortest form")
        begin += width
    if begin + length > len(data):
        raise _bad(field, "truncated")
    return begin, begin + length


def _bad(field: str, problem: str) -> ProtocolError:
    return ProtocolError(f"not RLP: {problem}", field=field, fix="take the bytes from the node unchanged")
