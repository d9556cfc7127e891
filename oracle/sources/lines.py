"""Text files as a bounded stream of lines: UTF-8 only, plain or gzip, never held whole in memory."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO

from oracle.errors import SourceError

LINE_LIMIT = 64 * 1024
"""Bytes: a longer line is no interval data, and would have to be held in memory."""
CHUNK = 1 << 20
UTF8_BOM = b"\xef\xbb\xbf"
OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")

Progress = Callable[[int], None]
"""Told now and then how many bytes of the file (as stored, so compressed for .gz) have been consumed."""


def file_digest(path: Path) -> str:
    """SHA-256 of the file's bytes as stored, in hex; reads a chunk at a time.

    Raises:
        SourceError: the file cannot be read.
    """
    digest = sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError as problem:
        raise SourceError(f"{path} cannot be read: {problem.strerror}", fix="check the path and its permissions") from None
    return digest.hexdigest()


def decoded_lines(path: Path, delimiter: str, progress: Progress | None = None) -> Iterator[str]:
    """Yields the file's lines with their ends, decoded; a UTF-8 byte-order mark is dropped, other encodings are refused.

    Raises:
        SourceError: unreadable, not UTF-8, a NUL byte, a line over 64 KiB, or damaged gzip; names line and column.
    """
    try:
        with path.open("rb") as stored:
            yield from _decode(_unpacked(path, stored), stored, delimiter, progress)
    except OSError as problem:
        raise SourceError(f"{path} cannot be read: {problem.strerror or problem}", fix="check the file and its permissions") from None
    except (EOFError, zlib.error) as problem:
        raise SourceError(f"the gzip data are damaged: {problem}", fix="fetch the file again") from None


def _unpacked(path: Path, stored: IO[bytes]) -> IO[bytes]:
    if path.suffix.lower() != ".gz":
        return stored
    packed: IO[bytes] = gzip.open(stored, "rb")  # type: ignore[assignment]  # noqa: SIM115 - closed with the file below it
    return packed


def _decode(source: IO[bytes], stored: IO[bytes], delimiter: str, progress: Progress | None) -> Iterator[str]:
    number = 0
    while raw := source.readline(LINE_LIMIT + 1):
        number += 1
        if number == 1:
            raw = _without_mark(raw)
        if len(raw) > LINE_LIMIT:
            raise SourceError(f"longer than {LINE_LIMIT} bytes", line=number, fix="is this a CSV file with one interval a line?")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as problem:
            column = raw[: problem.start].count(delimiter.encode()) + 1
            raise SourceError(
                f"byte 0x{raw[problem.start]:02x} is not UTF-8", line=number, column=column, fix="save the file as UTF-8"
            ) from None
        if "\0" in text:
            column = text[: text.index("\0")].count(delimiter) + 1
            raise SourceError("a NUL byte", line=number, column=column, fix="save the file as plain UTF-8 text")
        if progress is not None and not number & 0x3FFF:
            progress(stored.tell())
        yield text
    if progress is not None:
        progress(stored.tell())


def _without_mark(raw: bytes) -> bytes:
    if raw.startswith(OTHER_BOMS):
        raise SourceError("a UTF-16 byte-order mark", line=1, column=1, fix="save the file as UTF-8")
    return raw.removeprefix(UTF8_BOM)
