"""Files only this user may read: whole and on disk, name and all, when a call returns; else what was there before, or nothing."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from ledger.protocol.errors import SonangError

__all__ = ["HALF_WRITTEN", "create", "put", "read_private", "tell_disk"]

HALF_WRITTEN: Final = ".new"
"""How the name of a file ends until all of it is on disk."""
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def put(path: Path, content: bytes) -> None:
    """Writes a file in the place of what was there; its folder is made when there is none."""
    draft = path.with_name(f"{path.name}.{os.getpid()}{HALF_WRITTEN}")
    _write(draft, content)
    draft.replace(path)
    tell_disk(path.parent)


def create(path: Path, content: bytes) -> None:
    """Writes a new file; its folder is made when there is none.

    Raises:
        FileExistsError: it is there already, perhaps made by another process meanwhile.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}{HALF_WRITTEN}")
    try:
        _write(draft, content)
        path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    tell_disk(path.parent)


def _write(draft: Path, content: bytes) -> None:
    draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def tell_disk(folder: Path) -> None:
    """Has the names of a folder's files on disk when this returns."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_private(path: Path, wrong: type[SonangError], fix: str, limit: int = 16 * 1024) -> bytes:
    """The content of a file that must be nobody else's, up to a limit.

    Raises:
        wrong: others may read or change it, or it cannot be read, and then `fix` says what to do.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & OTHERS:
                raise wrong(f"others may read or change it (mode {mode:04o})", field=str(path), fix=f"chmod 600 {path}")
            return file.read(limit)
    except OSError as trouble:
        raise wrong(f"cannot be read: {trouble.strerror}", field=str(path), fix=fix) from None
