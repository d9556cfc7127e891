"""A node's own copy of what it was given and what it signed: one append-only file, every line chained to the one before by a checksum.

A line is written to the disk (fsync) before anybody is answered. After a kill or a power cut the last line may be torn: it was never
answered for, so it is cut off. Any other damage means the copy can no longer be trusted, and the node refuses to start from it.

    16 hex digits ‖ space ‖ JSON ‖ newline        digits = SHA-256(digits of the line before ‖ JSON), shortened
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from oracle.errors import NodeError

FILE = "journal.jsonl"
DIGITS = 16
FORMAT = 1
READ_BYTES = 4096
"""Holds the profile of a day of half-hours."""

Record = dict[str, Any]
"""One entry: JSON values by name, `kind` among them."""


class Journal:
    """The open journal of one node; `open_journal` makes it.

    Offsets are places in the file: what `append` and a replay give, `read` takes.
    """

    def __init__(self, path: Path, handle: int, end: int, check: bytes) -> None:
        self.path = path
        self._handle = handle
        self._end = end
        self._check = check
        self._broken = False

    def append(self, records: Sequence[Record]) -> list[int]:
        """Writes records and returns their offsets once the disk holds them: all of them, or after a power cut a first part of them.

        Raises:
            NodeError: the disk is full or failed; nothing of these records counts, the node must be started again.
        """
        if self._broken:
            raise self._failed("an earlier write failed")
        lines: list[bytes] = []
        offsets: list[int] = []
        end, check = self._end, self._check
        for record in records:
            body = orjson.dumps(record)
            check = _check(check, body)
            line = check + b" " + body + b"\n"
            lines.append(line)
            offsets.append(end)
            end += len(line)
        try:
            _write_all(self._handle, b"".join(lines), self._end)
            os.fsync(self._handle)
        except OSError as problem:
            self._broken = True
            raise self._failed(problem.strerror or "unknown") from None
        self._end, self._check = end, check
        return offsets

    def read(self, offset: int) -> Record:
        """The record at an offset."""
        size = READ_BYTES
        while b"\n" not in (data := os.pread(self._handle, size, offset)) and len(data) == size:
            size *= 8
        record: Record = orjson.loads(data[DIGITS + 1 :].partition(b"\n")[0])
        return record

    def close(self) -> None:
        """Lets another process open it."""
        os.close(self._handle)

    def _failed(self, problem: str) -> NodeError:
        return NodeError(f"cannot be written: {problem}", field=str(self.path), fix="free the disk, then start the node again")


def open_journal(directory: Path, header: Record, replay: Callable[[int, Record], None]) -> Journal:
    """Opens the journal of a node, or begins one; a torn last line is cut off.

    Args:
        directory: the node's own folder; made, readable by this user only.
        header: whose journal it is (signer, chain, contracts); a journal with another header is refused.
        replay: told offset and content of every record after the header, in order.

    Raises:
        NodeError: another process holds it, it is damaged, or it belongs to another node or chain.
    """
    path = directory / FILE
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as problem:
        raise NodeError(f"cannot be opened: {problem.strerror}", field=str(path), fix="give the node a folder of its own") from None
    try:
        _lock(handle, path)
        return _load(path, handle, {"kind": "journal", "format": FORMAT, **header}, replay)
    except BaseException:
        os.close(handle)
        raise


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise NodeError(
            "another process uses this journal", field=str(path), fix="stop that node, or give this one its own folder"
        ) from None


def _load(path: Path, handle: int, header: Record, replay: Callable[[int, Record], None]) -> Journal:
    end, check, number = 0, b"", 0
    with os.fdopen(os.dup(handle), "rb") as file:
        while line := file.readline():
            if not line.endswith(b"\n"):
                _cut(handle, end)
                break
            number += 1
            check, record = _parse(line, check, number, path)
            if number == 1:
                _same_owner(record, header, path)
            else:
                replay(end, record)
            end += len(line)
    journal = Journal(path, handle, end, check)
    if number == 0:
        _sync_folder(path.parent)
        journal.append([header])
    return journal


def _parse(line: bytes, before: bytes, number: int, path: Path) -> tuple[bytes, Record]:
    check, space, body = line[:DIGITS], line[DIGITS : DIGITS + 1], line[DIGITS + 1 : -1]
    if space == b" " and check == _check(before, body):
        try:
            record = orjson.loads(body)
        except ValueError:
            record = None
        if isinstance(record, dict):
            return check, record
    fix = "put back a good copy of the file; never sign again from a part of it"
    raise NodeError(f"line {number} is damaged", field=str(path), fix=fix)


def _same_owner(record: Record, header: Record, path: Path) -> None:
    if record != header:
        odd = ", ".join(name for name in sorted({*header, *record}) if record.get(name) != header.get(name))
        raise NodeError(f"belongs to another node or chain ({odd} differs)", field=str(path), fix="give this node its own folder")


def _cut(handle: int, end: int) -> None:
    os.ftruncate(handle, end)
    os.fsync(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(handle, view, offset)
        view, offset = view[written:], offset + written


def _check(before: bytes, body: bytes) -> bytes:
    return sha256(before + body).hexdigest()[:DIGITS].encode()
