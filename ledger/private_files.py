"""Key files a devchain makes for itself: made when first asked for, whole or not at all, readable by this user only, never overwritten."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from ledger.errors import SettingsError
from ledger.whole_files import create, read_private

NAME = re.compile(r"[^A-Za-z0-9._-]")


def private_name(name: str) -> str:
    """A file name for any name: what can be read of it, and a digest that keeps two names apart."""
    return f"{NAME.sub('_', name)}.{sha256(name.encode()).hexdigest()[:16]}"


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a private file, made first when there is none.

    Raises:
        SettingsError: others may read it, or it cannot be read or written.
    """
    fix = "restore the file, or its folder's rights"
    try:
        if not path.exists():
            with contextlib.suppress(FileExistsError):
                create(path, make())
    except OSError as wrong:
        raise SettingsError(f"cannot be written: {wrong.strerror}", field=str(path), fix=fix) from None
    return read_private(path, SettingsError, fix)
