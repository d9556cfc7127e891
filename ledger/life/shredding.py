"""Destroying files: unlinked, and the folder told to the disk, so that no crash brings one back.

What this cannot reach: copies in backups and snapshots, blocks a file system or a solid-state disk has not reused yet, copies people took.
Those end with the backups' own term and with disk encryption (docs/retention.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ledger.agreements.store import DocumentStore
from ledger.whole_files import tell_disk


def shred_documents(store: DocumentStore, agreement: bytes, others: Iterable[Path] = ()) -> int:
    """Destroys every file of an agreement: base or sealed, issued, half-written ones, and pages kept for it; returns how many.

    Args:
        others: folders with exported bundles; those that hold the agreement, or a trade that rests on it, go too.
    """
    found = [*_named(store.path(agreement).parent, agreement.hex()), *_holding(others, agreement.hex())]
    for path in found:
        path.unlink(missing_ok=True)
    for touched in {path.parent for path in found}:
        tell_disk(touched)
    return len(found)


def _named(folder: Path, name: str) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(path for path in folder.rglob(f"*{name}*") if path.is_file())


def _holding(folders: Iterable[Path], name: str) -> Iterator[Path]:
    """Bundles store what they hold as it is, so an id in one can be seen without opening it."""
    for folder in folders:
        if folder.is_dir():
            yield from sorted(path for path in folder.rglob("*.zip") if name.encode() in path.read_bytes())
