"""Photographs and scans as they are taken in: by what the bytes are, from their first to their last, whatever they are called."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from ledger.errors import InputError

JPEG, PNG = "image/jpeg", "image/png"
PIXEL_LIMIT: Final = 60_000_000
"""More than any phone takes; a small file can unpack to gigabytes."""
_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def picture_type(data: bytes) -> str | None:
    """The media type a file's first bytes claim; None for anything but JPEG and PNG."""
    return JPEG if data.startswith(b"\xff\xd8\xff") else PNG if data.startswith(_PNG_MAGIC) else None


def check_picture(data: bytes) -> None:
    """Passes when a file is one whole JPEG or PNG of a sensible size, with nothing behind it.

    Raises:
        InputError: it is not; says what is wrong.
    """
    try:
        width, height = _png(data) if data.startswith(_PNG_MAGIC) else _jpeg(data)
    except (struct.error, IndexError, ValueError):
        raise _refused("the picture is damaged, or something stands behind it") from None
    if not 0 < width * height <= PIXEL_LIMIT:
        raise _refused(f"a picture of {width}×{height} is too large")


def _png(data: bytes) -> tuple[int, int]:
    at, size = len(_PNG_MAGIC), (0, 0)
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 4 : at + 8 + length]
        (stated,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(body) != stated or (name == b"IHDR") != (size == (0, 0)):
            raise ValueError("chunk")
        if name == b"IHDR":
            size = struct.unpack_from(">II", body, 4)
        at += 12 + length
        if name == b"IEND":
            if at != len(data):
                raise ValueError("behind the end")
            return size


def _jpeg(data: bytes) -> tuple[int, int]:
    at, size = 2, (0, 0)
    while True:
        if data[at] != 0xFF:
            raise ValueError("marker")
        marker = data[at + 1]
        if marker == 0xDA:
            break
        (length,) = (0,) if marker in _BARE else struct.unpack_from(">H", data, at + 2)
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = (width, height)
        at += 2 + length
    behind = data[data.index(b"\xff\xd9", at) + 2 :]
    if behind and not (behind.startswith(b"\xff\xd8\xff") and behind.endswith(b"\xff\xd9")):  # phones put a second picture there
        raise ValueError("behind the end")
    return size


def _refused(problem: str) -> InputError:
    return InputError(problem, field="file", fix="take or scan it again, then send that")
