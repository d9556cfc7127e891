"""What witnesses, and the auditor before, saw of a log, held against a copy of it: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ledger.protocol.checkpoint import NoteKey
from ledger.transparency.findings import Finding, Verdict, against, moment
from ledger.transparency.known import Elsewhere, Read


def check_newest(notes: Sequence[Read], seen: Sequence[Read]) -> Iterator[Finding]:
    """A server that gives no checkpoint as new as one that was seen withholds it, and what was proven under it."""
    served = max((one.head.size for one in notes if one.head is not None), default=0)
    for one in seen:
        if one.head is not None and one.head.size > served:
            told = f"older than what is known: the newest checkpoint served is of {served} entries, {one.where} has one of {one.head.size}"
            yield Finding("newest", Verdict.UNANCHORED, told)


def check_witnesses(
    notes: Sequence[Read], seen: Sequence[Read], elsewhere: Elsewhere, roots: Mapping[int, bytes], size: int
) -> Iterator[Finding]:
    for one in seen:
        if one.note is None or one.head is None:
            yield Finding("witnesses", Verdict.BROKEN, f"{one.where}: {one.problem}")
            continue
        if elsewhere.log_key is not None and not elsewhere.log_key.signed(one.note):
            told = f"the checkpoint of {one.where} is not signed by the key you named: it convicts nobody"
            yield Finding("witnesses", Verdict.UNANCHORED, told)
        if one.head.origin == elsewhere.origin and (grave := against(roots, size, one.head.size, one.head.root, one.where)) is not None:
            yield Finding("witnesses", *grave)
    for name, why in elsewhere.silent.items():
        yield Finding("witnesses", Verdict.UNANCHORED, f"not asked: witness {name} {why}", checked=False)
    newest = max([one.size for one in elsewhere.anchors] + [one.head.size for one in notes if one.head is not None], default=0)
    for key in elsewhere.witnesses:
        yield from _trusted(key, notes, elsewhere, newest)


def _trusted(key: NoteKey, notes: Sequence[Read], elsewhere: Elsewhere, newest: int) -> Iterator[Finding]:
    """What a witness the auditor trusts cosigned of what is served, how far that goes and how long ago it was."""
    stood = [(one.head.size, time) for one in notes if one.note and one.head and (time := key.cosigned_at(one.note)) is not None]
    if not stood:
        yield Finding("witnesses", Verdict.UNANCHORED, f"{key.name} cosigned no checkpoint")
        return
    largest, time = max(stood)
    yield Finding("witnesses", Verdict.WHOLE, f"{key.name} cosigned {len(stood)} checkpoint(s), the log at {largest} at {moment(time)}")
    if largest < newest:
        told = f"{key.name} cosigned the log up to {largest} of {newest} entries only: ask it why"
        yield Finding("witnesses", Verdict.UNANCHORED, told)
    if elsewhere.not_after is not None and time > elsewhere.not_after:
        yield Finding("witnesses", Verdict.UNANCHORED, f"{key.name} cosigned at a time to come: its clock is wrong")
    if elsewhere.not_before is not None and time < elsewhere.not_before:
        yield Finding("witnesses", Verdict.UNANCHORED, f"stale: {key.name} cosigned nothing since {moment(elsewhere.not_before)}")
