"""What an audit holds against each other: the log as somebody serves it, and what others know of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ledger.protocol.checkpoint import Checkpoint, Note, NoteKey, parse_checkpoint, parse_note
from ledger.protocol.errors import ProtocolError


@dataclass(frozen=True)
class Copy:
    """The log as somebody serves it.

    Attributes:
        entries: their bytes, in order.
        notes: its signed checkpoints.
        beside: what else it says of each entry, in the same order: unit, sequence, event, document and leaf hash, by name.
        proofs: portable proofs it gave of some entries, by their index.
    """

    entries: Sequence[bytes]
    notes: Sequence[bytes] = ()
    beside: Sequence[Mapping[str, object]] = ()
    proofs: Mapping[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Anchored:
    """A size and root the chain holds, and the block that says so."""

    size: int
    root: bytes
    block: int


@dataclass(frozen=True)
class Elsewhere:
    """What is known of the log from others than who serves it.

    Attributes:
        origin: the log's name.
        anchors: the chain's, in its order.
        documents: document, event and sealed digest (of a sealing) of every document event the chain has.
        in_force: ids of the chain's documents whose term ends later, if ever.
        log_key: the log's published key; None when the auditor brought none.
        witnesses: published keys of the witnesses the auditor trusts.
        seen: the last checkpoint each witness cosigned, by the witness's name.
        silent: why a witness that was to be asked has no checkpoint in `seen`, by the witness's name.
        not_before: the moment, Unix seconds, each trusted witness must have cosigned at or after; None for any.
        not_after: the moment after which no clock of theirs can be right; None for any.
        own: checkpoints the auditor kept itself, by the file they are in.
    """

    origin: str
    anchors: Sequence[Anchored] = ()
    documents: Sequence[tuple[bytes, str, bytes | None]] = ()
    in_force: Collection[bytes] = frozenset()
    log_key: NoteKey | None = None
    witnesses: Sequence[NoteKey] = ()
    seen: Mapping[str, bytes] = field(default_factory=dict)
    silent: Mapping[str, str] = field(default_factory=dict)
    not_before: int | None = None
    not_after: int | None = None
    own: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A note as far as it could be read."""

    where: str
    note: Note | None
    head: Checkpoint | None
    problem: str = ""


def read(where: str, raw: bytes) -> Read:
    try:
        note = parse_note(raw)
        return Read(where, note, parse_checkpoint(note.text))
    except ProtocolError as wrong:
        return Read(where, None, None, wrong.problem)
