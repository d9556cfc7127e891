"""Errors in Vietnamese: inside they are English, and whoever signs or asks for a service reads Vietnamese first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from api.phrases import PHRASES
from api.posts import POSTS

__all__ = ["WORDS", "in_vietnamese", "sentences_in_vietnamese"]

_OF_A_FIELD = re.compile(r"(.+?) · (.+?): (.+)", re.DOTALL)
_OF_A_FILE = re.compile(r"(“[^”]*”): (.+)", re.DOTALL)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_LONGEST = 1_000
WORDS: Mapping[str, str] = {name: both.partition(" · ")[0] for name, both in POSTS.items()} | {
    "the customer": "khách hàng",
    "email": "e-mail",
    "zalo": "Zalo",
    "sms": "SMS",
    "you": "bạn",
}
"""What is filled in and has a Vietnamese word."""


def in_vietnamese(text: str) -> str | None:
    """A problem or a fix in Vietnamese; None when it is not known, or stands in both languages already."""
    named = _OF_A_FIELD.fullmatch(text[:_LONGEST]) or _OF_A_FILE.fullmatch(text[:_LONGEST])
    rest = None if named is None else in_vietnamese(named[named.lastindex or 0])
    if named is not None and rest is not None:
        return f"{named[1]}: {rest}"
    for pattern, vi in _patterns():
        found = pattern.fullmatch(text[:_LONGEST])
        if found is not None:
            return vi.format(*map(_filled, found.groups()))
    return None


def sentences_in_vietnamese(problem: str, fix: str) -> str:
    """What is wrong and what to do, as sentences; empty when the problem is not known in Vietnamese."""
    told = [in_vietnamese(problem), in_vietnamese(fix)]
    return " ".join(f"{one[0].upper()}{one[1:]}." for one in told if one) if told[0] else ""


def _filled(given: str) -> str:
    """What stands in a gap, as Vietnamese says it: roles and days in its own way, all else as it is."""
    words = [WORDS.get(one, one) for one in given.split(", ")]
    return _DAY.sub(r"\3/\2/\1", ", ".join(words))


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The phrases as patterns: those that say most themselves first, so that none is taken for what fills a gap of a shorter one."""
    ordered = sorted(PHRASES.items(), key=lambda each: -len(each[0].replace("{}", "")))
    return [(re.compile(re.escape(en).replace(r"\{\}", "(.*)"), re.DOTALL), vi) for en, vi in ordered]
