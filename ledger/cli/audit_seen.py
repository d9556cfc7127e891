"""What an audit holds a log against beside the chain: what witnesses cosigned last, and what the auditor saw before."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from ledger.errors import InputError, ProtocolError
from ledger.protocol.checkpoint import NoteKey, parse_checkpoint, parse_note
from ledger.witness.client import WitnessClient
from ledger.witness.errors import WitnessError

__all__ = ["ask_witnesses", "remember", "remembered"]


def ask_witnesses(urls: Sequence[str], origin: str, trusted: Sequence[NoteKey] = ()) -> tuple[dict[str, bytes], dict[str, str]]:
    """The last checkpoint of a log each witness cosigned, by its address; and why there is none of the others, or none by a trusted key.

    Args:
        trusted: keys of the witnesses; without any, whoever answers passes for one.
    """
    seen, silent = dict[str, bytes](), dict[str, str]()
    for url in urls:
        try:
            with contextlib.closing(WitnessClient(url)) as client:
                note = client.seen(origin)
            if note is None:
                silent[url] = "cosigned no checkpoint of this log"
            elif parse_checkpoint(parse_note(note).text).origin != origin:
                silent[url] = "gives a checkpoint of another log"
            else:
                seen[url] = note
                if trusted and all(key.cosigned_at(parse_note(note)) is None for key in trusted):
                    silent[url] = "gives a checkpoint no witness you trust cosigned"
        except WitnessError as wrong:
            silent[url] = wrong.problem.partition(":")[0]
        except ProtocolError:
            silent[url] = "gives no checkpoint"
    return seen, silent


def remembered(seen: Path | None, origin: str) -> dict[str, bytes]:
    """The checkpoint an auditor kept of a log, by its file; raises InputError for one of another log."""
    if seen is None or not seen.is_file():
        return {}
    note = seen.read_bytes()
    if parse_checkpoint(parse_note(note).text).origin != origin:
        raise InputError("it is of another log", field="--seen", fix=f"name the file you keep for {origin}")
    return {str(seen): note}


def remember(seen: Path, notes: Sequence[bytes]) -> None:
    """Keeps the largest checkpoint of those that were seen, now or before: the memory never goes back."""
    before = [seen.read_bytes()] if seen.is_file() else []
    if not notes:
        return
    newest = max([*notes, *before], key=lambda note: parse_checkpoint(parse_note(note).text).size)
    draft = seen.with_name(f"{seen.name}.new")
    draft.write_bytes(newest)
    draft.replace(seen)
