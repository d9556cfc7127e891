"""The dates of entries, held against their order and against what witnesses had cosigned by then: pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from ledger.protocol.checkpoint import CLOCKS_S
from ledger.transparency.findings import Finding, Verdict, moment, told
from ledger.transparency.known import Elsewhere, Read
from ledger.transparency.rules import Entry

_NEVER = 2**64


def check_times(entries: Sequence[Entry | str], notes: Sequence[Read], elsewhere: Elsewhere) -> Iterator[Finding]:
    """An entry is dated when it was appended: not before those it follows, nor before a trusted witness cosigned the log without it."""
    times = [one.time if isinstance(one, Entry) else 0 for one in entries]
    wrong = [*_backwards(times), *_cosigned_without(times, notes, elsewhere)]
    yield from told("times", wrong, f"{len(times)} entries are dated in their order")
    ahead = next((place for place, time in enumerate(times) if elsewhere.not_after is not None and time > elsewhere.not_after), None)
    if ahead is not None:
        yield Finding("times", Verdict.UNANCHORED, f"entry {ahead} is dated at a time to come")


def _backwards(times: Sequence[int]) -> Iterator[str]:
    for place, (time, latest) in enumerate(zip(times, accumulate(times, max), strict=True)):
        if 0 < time < latest - CLOCKS_S:
            yield f"entry {place} is dated {moment(time)}, long before the entries it follows"


def _cosigned_without(times: Sequence[int], notes: Sequence[Read], elsewhere: Elsewhere) -> Iterator[str]:
    """Of each checkpoint a trusted witness cosigned, the earliest entry behind it, where that should have been in it."""
    earliest = list(accumulate(reversed([(time or _NEVER, place) for place, time in enumerate(times)]), min))[::-1]
    named = set[int]()
    for key in elsewhere.witnesses:
        for one in notes:
            if one.note is None or one.head is None or one.head.origin != elsewhere.origin or one.head.size >= len(times):
                continue
            at = key.cosigned_at(one.note)
            if at is None or at > (elsewhere.not_after or at):
                continue
            time, place = earliest[one.head.size]
            if time < at - CLOCKS_S and place not in named:
                named.add(place)
                yield f"entry {place} is dated {moment(time)}, but {key.name} cosigned the log without it at {moment(at)}"
