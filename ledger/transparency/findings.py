"""What an audit finds, and how grave it is: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from ledger.protocol.quantities import hex0x

_CALENDARS_END = 253_402_300_800
"""Unix seconds, year 10 000."""
SHOWN = 20
"""Findings of one kind that are spelt out; the rest are counted."""


class Verdict(IntEnum):
    """What an audit comes to, as the exit code."""

    WHOLE = 0
    UNANCHORED = 3
    BROKEN = 4
    SPLIT = 9


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


def told(check: str, wrong: Sequence[str], good: str) -> Iterator[Finding]:
    for detail in wrong[:SHOWN]:
        yield Finding(check, Verdict.BROKEN, detail)
    if len(wrong) > SHOWN:
        yield Finding(check, Verdict.BROKEN, f"and {len(wrong) - SHOWN} more")
    if not wrong:
        yield Finding(check, Verdict.WHOLE, good)


def against(roots: Mapping[int, bytes], size: int, claimed: int, root: bytes, who: str) -> tuple[Verdict, str] | None:
    """What it means that somebody holds a root at a size; None when it is this log's."""
    if claimed > size:
        return Verdict.BROKEN, f"the log was cut: {who} holds it at {claimed} entries, {size} are served"
    if roots[claimed] != root:
        return Verdict.SPLIT, f"split view: at {claimed} entries {who} holds {hex0x(root)}, the entries served give {hex0x(roots[claimed])}"
    return None


def moment(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S} UTC" if at_s < _CALENDARS_END else str(at_s)
