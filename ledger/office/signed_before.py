"""What the log's key signed so far, asked of everybody but the database: a file beside the key, the chain, the witnesses.

A database put back from an older backup has forgotten what was signed since. Whoever signs goes by these, and signs no second history.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from ledger.chain.gateway import Gateway
from ledger.errors import SonangError
from ledger.note_keys import KeyFileError
from ledger.protocol.checkpoint import Checkpoint, NoteKey, parse_checkpoint, parse_note
from ledger.protocol.errors import ProtocolError
from ledger.transparency.before import SignedBefore
from ledger.transparency.queries import CONTRACT
from ledger.whole_files import put, read_private
from ledger.witness.client import WitnessClient

__all__ = ["CHAIN", "LastSigned", "anchored", "signed_before"]

CHAIN = "the chain"
"""Where what is anchored is known from."""


class LastSigned:
    """The last checkpoint a log's key signed, in a file beside the key, on disk before anybody has the signature.

    Args:
        key: the file of the log's key; this one has its name and `.signed`.
    """

    def __init__(self, key: Path) -> None:
        self.path = key.with_name(f"{key.name}.signed")

    def read(self, key: NoteKey) -> Checkpoint | None:
        """The checkpoint; None when there is no file.

        Raises:
            KeyFileError: it cannot be read, others may change it, or it is no checkpoint of this log signed by this key.
        """
        if not self.path.exists():
            return None
        content = read_private(self.path, KeyFileError, "give the file its rights back")
        with contextlib.suppress(ProtocolError):
            note = parse_note(content)
            found = parse_checkpoint(note.text)
            if key.signed(note) and found.origin == key.name:
                return found
        fix = "restore it, or the key it belongs to; docs/keeping.md says when to move it away"
        raise KeyFileError("is not what this key signed last", field=str(self.path), fix=fix)

    def keep(self, note: bytes) -> None:
        """Remembers a signed checkpoint.

        Raises:
            KeyFileError: it could not be written; then nothing may be given out.
        """
        try:
            put(self.path, note)
        except OSError as wrong:
            raise KeyFileError(f"cannot be written: {wrong.strerror}", field=str(self.path), fix="free the disk, or its folder") from None


def anchored(gateway: Gateway) -> list[SignedBefore]:
    """What the chain holds of the log; nothing before its first anchor.

    Raises:
        UnavailableError: the chain does not answer.
    """
    size, root = gateway.call(CONTRACT, "latest")
    return [SignedBefore(CHAIN, size, root)] if size else []


def signed_before(gateway: Gateway, key: NoteKey, last: LastSigned, witnesses: Sequence[str]) -> list[SignedBefore]:
    """What the chain, the file beside the key, and each witness that answers hold of the log.

    A witness is believed only what the log's own key signed. One that does not answer is named when it is asked to cosign.

    Raises:
        UnavailableError: the chain does not answer.
        KeyFileError: as `LastSigned.read`.
    """
    found, own = anchored(gateway), last.read(key)
    if own is not None:
        found.append(SignedBefore(str(last.path), own.size, own.root))
    for url in witnesses:
        with contextlib.suppress(SonangError), contextlib.closing(WitnessClient(url)) as client:
            raw = client.seen(key.name)
            note = None if raw is None else parse_note(raw)
            if note is not None and key.signed(note):
                seen = parse_checkpoint(note.text)
                found.append(SignedBefore(f"the witness at {url}", seen.size, seen.root))
    return found
