"""Auditing a copy of the log against everything said about it elsewhere: pure.

Whoever has all entries rebuilds every root that was ever signed, cosigned or anchored. A root that does not come out is a history that was
shown to somebody else; a size beyond the copy is an end that was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from itertools import pairwise

from ledger.errors import ProtocolError
from ledger.protocol.checkpoint import Checkpoint, Note, NoteKey, parse_checkpoint, parse_note
from ledger.protocol.log import consistency_proof, leaf_hash, tree_roots, verify_consistency
from ledger.protocol.quantities import hex0x
from ledger.transparency.rules import Entry, gaps, parse_entry
from ledger.transparency.served import broken_proofs, told_otherwise

_CALENDARS_END = 253_402_300_800
"""Unix seconds, year 10 000."""
ENDS = frozenset({"superseded", "terminated", "revoked"})
"""Events that end a document; only the chain says them of a document it has."""
SHOWN = 20
"""Findings of one kind that are spelt out; the rest are counted."""


class Verdict(IntEnum):
    """What an audit comes to, as the exit code."""

    WHOLE = 0
    UNANCHORED = 3
    BROKEN = 4
    SPLIT = 9


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
        log_key: the log's published key; None when the auditor brought none.
        witnesses: published keys of the witnesses the auditor trusts.
        seen: the last checkpoint each witness cosigned, by the witness's name; what the auditor saw before as well.
        not_before: the moment, Unix seconds, each trusted witness must have cosigned at or after; None for any.
        not_after: the moment after which no clock of theirs can be right; None for any.
    """

    origin: str
    anchors: Sequence[Anchored] = ()
    documents: Sequence[tuple[bytes, str, bytes | None]] = ()
    log_key: NoteKey | None = None
    witnesses: Sequence[NoteKey] = ()
    seen: Mapping[str, bytes] = field(default_factory=dict)
    not_before: int | None = None
    not_after: int | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `verdict` is what it means when nothing else were wrong.

    Attributes:
        checked: False for what was not looked at, for want of what the auditor did not bring.
    """

    check: str
    verdict: Verdict
    detail: str
    checked: bool = True


@dataclass(frozen=True)
class Audit:
    """Everything that was found."""

    size: int
    root: bytes
    anchored: int
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest finding's."""
        return max((one.verdict for one in self.findings), default=Verdict.WHOLE)


def audit(copy: Copy, elsewhere: Elsewhere) -> Audit:
    """Checks a whole copy of the log against what others hold."""
    leaves = [leaf_hash(entry) for entry in copy.entries]
    notes = [_read(f"checkpoint {place}", raw) for place, raw in enumerate(copy.notes)]
    seen = [_read(f"witness {name}", raw) for name, raw in elsewhere.seen.items()]
    sizes = {one.size for one in elsewhere.anchors} | {len(leaves)} | {one.head.size for one in (*notes, *seen) if one.head is not None}
    roots = tree_roots(leaves, sizes)
    findings: list[Finding] = []
    findings += _entries(copy.entries, elsewhere)
    if copy.beside:
        good = f"what is served beside {len(copy.beside)} entries is what they hold"
        findings += _told("columns", told_otherwise(copy.entries, copy.beside), good)
    if copy.proofs:
        findings += _told("proofs", broken_proofs(copy.entries, copy.proofs, roots), f"{len(copy.proofs)} proof(s) served hold")
    findings += _anchors(elsewhere.anchors, leaves, roots)
    findings += _checkpoints(notes, elsewhere, roots, len(leaves))
    findings += _witnesses(notes, seen, elsewhere, roots, len(leaves))
    findings += _newest(notes, seen)
    anchored = max((one.size for one in elsewhere.anchors if roots.get(one.size) == one.root and one.size <= len(leaves)), default=0)
    findings += _coverage(len(leaves), anchored)
    return Audit(len(leaves), roots[len(leaves)], anchored, tuple(findings))


@dataclass(frozen=True)
class _Read:
    """A note as far as it could be read."""

    where: str
    note: Note | None
    head: Checkpoint | None
    problem: str = ""


def _read(where: str, raw: bytes) -> _Read:
    try:
        note = parse_note(raw)
        return _Read(where, note, parse_checkpoint(note.text))
    except ProtocolError as wrong:
        return _Read(where, None, None, wrong.problem)


def _entries(raw: Sequence[bytes], elsewhere: Elsewhere) -> Iterator[Finding]:
    entries: list[Entry] = []
    wrong = []
    for index, data in enumerate(raw):
        try:
            entries.append(parse_entry(data))
        except ProtocolError as problem:
            wrong.append(f"entry {index}: {problem.problem}")
    yield from _told("entries", wrong, f"{len(entries)} entries are in their one form")
    units = len({entry.unit for entry in entries})
    yield from _told("sequence", gaps(entries), f"no number is missing in {units} unit(s)")
    said: dict[tuple[bytes, str], Entry] = {}
    twice = []
    for entry in entries:
        if (entry.document, entry.event) in said:
            twice.append(f"{hex0x(entry.document)} was {entry.event} twice")
        said[entry.document, entry.event] = entry
    yield from _told("events", twice, "no event is logged twice")
    missing = list(_beyond(said, elsewhere))
    for document, event, digest in elsewhere.documents:
        found = said.get((document, event))
        if found is None:
            missing.append(f"the chain says {hex0x(document)} was {event}, the log does not")
        elif digest is not None and found.digest != digest:
            missing.append(f"the chain has another sealed digest of {hex0x(document)}")
    yield from _told("documents", missing, f"all {len(elsewhere.documents)} document events of the chain are in the log")


def _beyond(said: Mapping[tuple[bytes, str], Entry], elsewhere: Elsewhere) -> Iterator[str]:
    """Ends the log says of documents the chain has, and the chain does not say."""
    on_chain = {(document, event) for document, event, _ in elsewhere.documents}
    recorded = {document for document, _ in on_chain}
    for document, event in said:
        if event in ENDS and document in recorded and (document, event) not in on_chain:
            yield f"the log says {hex0x(document)} was {event}, the chain does not"


def _anchors(anchors: Sequence[Anchored], leaves: Sequence[bytes], roots: Mapping[int, bytes]) -> Iterator[Finding]:
    for one in anchors:
        if (grave := _against(roots, len(leaves), one.size, one.root, f"the chain (block {one.block})")) is not None:
            yield Finding("anchors", *grave)
    held = [one for one in anchors if one.size <= len(leaves)]
    for old, new in pairwise(held):
        if not _continues(old, new, leaves):
            yield Finding("consistency", Verdict.SPLIT, f"the log anchored at {new.size} does not continue the one anchored at {old.size}")
    if anchors and all(roots.get(one.size) == one.root for one in anchors):
        detail = f"{len(anchors)} anchored checkpoint(s) up to size {anchors[-1].size}, each a continuation of the one before"
        yield Finding("anchors", Verdict.WHOLE, detail)


def _continues(old: Anchored, new: Anchored, leaves: Sequence[bytes]) -> bool:
    """Whether a consistency proof from these leaves leads from one anchored root to the next."""
    if old.size >= new.size:
        return False
    proof = consistency_proof(list(leaves[: new.size]), old.size)
    return verify_consistency(old.root, old.size, new.root, new.size, proof)


def _checkpoints(notes: Sequence[_Read], elsewhere: Elsewhere, roots: Mapping[int, bytes], size: int) -> Iterator[Finding]:
    wrong, graves = [], list[Finding]()
    for one in notes:
        if one.note is None or one.head is None:
            wrong.append(f"{one.where}: {one.problem}")
            continue
        if one.head.origin != elsewhere.origin:
            wrong.append(f"{one.where} is of another log, {one.head.origin}")
        elif elsewhere.log_key is not None and not elsewhere.log_key.signed(one.note):
            wrong.append(f"{one.where} is not signed by {elsewhere.log_key.name}'s key {elsewhere.log_key.key_id.hex()}")
        elif (grave := _against(roots, size, one.head.size, one.head.root, "a signed checkpoint")) is not None:
            graves.append(Finding("checkpoints", *grave))
    yield from graves
    if not notes:
        yield Finding("checkpoints", Verdict.UNANCHORED, "no checkpoint was served, so no signature of the log was checked", checked=False)
    elif wrong or not graves:
        signed = "signed by the key you named" if elsewhere.log_key else "each the root of these entries"
        yield from _told("checkpoints", wrong, f"{len(notes)} checkpoint(s), {signed}")
    if elsewhere.log_key is None:
        yield Finding("log-key", Verdict.UNANCHORED, "the checkpoints' signatures: no --log-key was given", checked=False)


def _newest(notes: Sequence[_Read], seen: Sequence[_Read]) -> Iterator[Finding]:
    """A server that gives no checkpoint as new as one that was seen withholds it, and what was proven under it."""
    served = max((one.head.size for one in notes if one.head is not None), default=0)
    for one in seen:
        if one.head is not None and one.head.size > served:
            told = f"older than what is known: the newest checkpoint served is of {served} entries, {one.where} has one of {one.head.size}"
            yield Finding("newest", Verdict.UNANCHORED, told)


def _witnesses(
    notes: Sequence[_Read], seen: Sequence[_Read], elsewhere: Elsewhere, roots: Mapping[int, bytes], size: int
) -> Iterator[Finding]:
    for one in seen:
        if one.note is None or one.head is None:
            yield Finding("witnesses", Verdict.BROKEN, f"{one.where}: {one.problem}")
            continue
        if one.head.origin == elsewhere.origin and (grave := _against(roots, size, one.head.size, one.head.root, one.where)) is not None:
            yield Finding("witnesses", *grave)
    for key in elsewhere.witnesses:
        stood = [(one.head.size, time) for one in notes if one.note and one.head and (time := key.cosigned_at(one.note)) is not None]
        if stood:
            largest, time = max(stood)
            yield Finding(
                "witnesses", Verdict.WHOLE, f"{key.name} cosigned {len(stood)} checkpoint(s), the log at {largest} at {_moment(time)}"
            )
            if elsewhere.not_after is not None and time > elsewhere.not_after:
                yield Finding("witnesses", Verdict.UNANCHORED, f"{key.name} cosigned at a time to come: its clock is wrong")
            if elsewhere.not_before is not None and time < elsewhere.not_before:
                yield Finding("witnesses", Verdict.UNANCHORED, f"stale: {key.name} cosigned nothing since {_moment(elsewhere.not_before)}")
        else:
            yield Finding("witnesses", Verdict.UNANCHORED, f"{key.name} cosigned no checkpoint")


def _coverage(size: int, anchored: int) -> Iterator[Finding]:
    if size > anchored:
        yield Finding("coverage", Verdict.UNANCHORED, f"the last {size - anchored} of {size} entries are not anchored yet")
    else:
        yield Finding("coverage", Verdict.WHOLE, f"all {size} entries are anchored")


def _moment(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S} UTC" if at_s < _CALENDARS_END else str(at_s)


def _against(roots: Mapping[int, bytes], size: int, claimed: int, root: bytes, who: str) -> tuple[Verdict, str] | None:
    """What it means that somebody holds a root at a size; None when it is this log's."""
    if claimed > size:
        return Verdict.BROKEN, f"the log was cut: {who} holds it at {claimed} entries, {size} are served"
    if roots[claimed] != root:
        return Verdict.SPLIT, f"split view: at {claimed} entries {who} holds {hex0x(root)}, the entries served give {hex0x(roots[claimed])}"
    return None


def _told(check: str, wrong: Sequence[str], good: str) -> Iterator[Finding]:
    for detail in wrong[:SHOWN]:
        yield Finding(check, Verdict.BROKEN, detail)
    if len(wrong) > SHOWN:
        yield Finding(check, Verdict.BROKEN, f"and {len(wrong) - SHOWN} more")
    if not wrong:
        yield Finding(check, Verdict.WHOLE, good)
