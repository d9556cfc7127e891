"""Key files a devchain makes for itself: made when first asked for, whole or not at all, readable by this user only, never overwritten."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from ledger.errors import SettingsError

NAME = re.compile(r"[^A-Za-z0-9._-]")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_name(name: str) -> str:
    """A file name for any name: what can be read of it, and a digest that keeps two names apart."""
    return f"{NAME.sub('_', name)}.{sha256(name.encode()).hexdigest()[:16]}"


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a private file, made first when there is none.

    Raises:
        SettingsError: others may read it, or it cannot be read or written.
    """
    try:
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                _create(path, make())
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS:
                raise SettingsError("others may read or change it", field=str(path), fix=f"chmod 600 {path}")
            return file.read()
    except OSError as wrong:
        raise SettingsError(f"cannot be used: {wrong.strerror}", field=str(path), fix="restore the file, or its folder's rights") from None


def _create(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)  # never over a file another process made meanwhile
    finally:
        draft.unlink(missing_ok=True)
