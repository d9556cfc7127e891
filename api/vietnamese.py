"""Errors in Vietnamese: inside they are English, and whoever signs or asks for a service reads Vietnamese first."""

from __future__ import annotations

import re
from functools import cache

from api.phrases import PHRASES

__all__ = ["in_vietnamese", "sentences_in_vietnamese"]

_OF_A_FIELD = re.compile(r"(.+?) · (.+?): (.+)", re.DOTALL)
_LONGEST = 1_000


def in_vietnamese(text: str) -> str | None:
    """A problem or a fix in Vietnamese; None when it is not known, or stands in both languages already."""
    named = _OF_A_FIELD.fullmatch(text[:_LONGEST])
    rest = None if named is None else in_vietnamese(named[3])
    if named is not None and rest is not None:
        return f"{named[1]}: {rest}"
    for pattern, vi in _patterns():
        found = pattern.fullmatch(text[:_LONGEST])
        if found is not None:
            return vi.format(*found.groups())
    return None


def sentences_in_vietnamese(problem: str, fix: str) -> str:
    """What is wrong and what to do, as sentences; empty when the problem is not known in Vietnamese."""
    told = [in_vietnamese(problem), in_vietnamese(fix)]
    return " ".join(f"{one[0].upper()}{one[1:]}." for one in told if one) if told[0] else ""


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The phrases as patterns: those with less to fill in first, so that a whole sentence is not taken for the end of a shorter one."""
    ordered = sorted(PHRASES.items(), key=lambda each: each[0].count("{}"))
    return [(re.compile(re.escape(en).replace(r"\{\}", "(.*)"), re.DOTALL), vi) for en, vi in ordered]
