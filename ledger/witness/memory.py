"""What a witness signed last, one file a log, written to disk before the cosignature leaves."""

from __future__ import annotations

import contextlib
import fcntl
from hashlib import sha256
from pathlib import Path

from ledger.protocol.checkpoint import Checkpoint, Note, parse_checkpoint, parse_note
from ledger.protocol.errors import ProtocolError
from ledger.whole_files import put
from ledger.witness.errors import StateError

REFUSED_LIMIT = 64
"""How many refused checkpoints of one log are kept."""


class Memory:
    """A folder with the last cosigned checkpoint of each log; one process at a time may hold it.

    Raises:
        StateError: the folder cannot be used, or another witness holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.ExitStack() as opened:
                lock = opened.enter_context((folder / "lock").open("a"))
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._held = opened.pop_all()
        except BlockingIOError:
            raise StateError("another witness uses it", field=str(folder), fix="stop that one, or name another folder") from None
        except OSError as wrong:
            raise StateError(f"cannot be used: {wrong.strerror}", field=str(folder), fix="name a folder of your own") from None

    def last(self, origin: str) -> Note | None:
        """The last cosigned checkpoint of a log; None when it never was.

        Raises:
            StateError: the file cannot be read: not knowing is no reason to sign.
        """
        path = self._path(origin)
        try:
            note = parse_note(path.read_bytes())
            if parse_checkpoint(note.text).origin == origin:
                return note
        except FileNotFoundError:
            return None
        except (OSError, ProtocolError):
            pass
        raise StateError(
            "the witness's memory is damaged",
            field=str(path),
            fix="restore it from a backup; deleting it lets the log show another history",
        )

    def keep(self, origin: str, note: Note) -> None:
        """Remembers a checkpoint, on disk when this returns.

        Raises:
            StateError: it could not be written.
        """
        path = self._path(origin)
        try:
            put(path, note.to_bytes())
        except OSError as wrong:
            raise StateError(f"cannot be written: {wrong.strerror}", field=str(path), fix="free the disk") from None

    def keep_refused(self, head: Checkpoint, note: Note, beside: Note) -> Path | None:
        """Keeps what a log signed and this witness refused, and what it had cosigned of that log then; on disk when this returns.

        Returns:
            its file; None when it is kept already, or `REFUSED_LIMIT` others are: what was there first is never given up.

        Raises:
            StateError: it could not be written.
        """
        folder = self._path(head.origin).with_suffix(".refused")
        path = folder / f"{head.size}-{head.root.hex()}.checkpoint"
        try:
            if path.exists() or (folder.exists() and sum(1 for _ in folder.glob("*.checkpoint")) >= REFUSED_LIMIT):
                return None
            put(path.with_suffix(".cosigned"), beside.to_bytes())
            put(path, note.to_bytes())
        except OSError as wrong:
            raise StateError(f"cannot be written: {wrong.strerror}", field=str(path), fix="free the disk") from None
        return path

    def where(self, origin: str) -> str:
        """The file a log's checkpoint is in, for people."""
        return str(self._path(origin))

    def close(self) -> None:
        """Gives the folder back."""
        self._held.close()

    def _path(self, origin: str) -> Path:
        return self._folder / f"{sha256(origin.encode()).hexdigest()}.checkpoint"
