"""Reads `law.toml` and says what held on a day."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from ledger.errors import RuleError, SettingsError

__all__ = ["LAW_FILE", "REGIONS", "Entry", "Region", "entries", "law_on", "read_law", "unverified_on"]

Region = Literal["north", "centre", "south"]
"""The parts of the country whose price frames differ."""
REGIONS: Mapping[str, tuple[str, str]] = {
    "north": ("miền Bắc", "the North"),
    "centre": ("miền Trung", "the Centre"),
    "south": ("miền Nam", "the South"),
}
"""Their names, Vietnamese and English."""

LAW_FILE = Path(__file__).with_name("law.toml")
_FRAME = frozenset({"topic", "valid_from", "valid_to", "verify_by", "reference_vi", "reference_en"})


@dataclass(frozen=True)
class Entry:
    """What the law says about one topic for a while.

    Attributes:
        valid_from, valid_to: first day it holds, first day it no longer holds (None: still open).
        verify_by: when somebody must check that it still stands.
        reference_vi, reference_en: where it is written.
        figures: its whole numbers and words by name; a number's unit ends its name.
    """

    topic: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    verify_by: datetime.date
    reference_vi: str
    reference_en: str
    figures: Mapping[str, int | str]

    def holds(self, date: datetime.date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= date and (self.valid_to is None or date < self.valid_to)

    def overdue(self, date: datetime.date) -> bool:
        """Whether somebody should have looked at it again by a day."""
        return self.verify_by < date

    def number(self, name: str) -> int:
        """A figure of this entry.

        Raises:
            SettingsError: the entry has no number of that name.
        """
        value = self.figures.get(name)
        if not isinstance(value, int):
            raise _broken(f"{self.topic} of {self.valid_from} has no number {name}", f"{self.topic}.{name}")
        return value

    def word(self, name: str) -> str:
        """A word of this entry.

        Raises:
            SettingsError: the entry has no word of that name.
        """
        value = self.figures.get(name)
        if not isinstance(value, str):
            raise _broken(f"{self.topic} of {self.valid_from} has no word {name}", f"{self.topic}.{name}")
        return value


@cache
def entries() -> tuple[Entry, ...]:
    """Every entry of the law, by topic and first day."""
    return read_law(LAW_FILE)


def law_on(topic: str, date: datetime.date) -> Entry:
    """The entry that holds on a day.

    Raises:
        RuleError: none does; nothing that rests on it can bear that date.
    """
    for entry in entries():
        if entry.topic == topic and entry.holds(date):
            return entry
    raise RuleError(
        f"no law about {topic} is configured for {date}", field="date", fix="use a later date, or add the entry to ledger/law/law.toml"
    )


def unverified_on(date: datetime.date) -> tuple[Entry, ...]:
    """Entries in force that somebody should have looked at again by now."""
    return tuple(entry for entry in entries() if entry.overdue(date) and entry.holds(date))


def read_law(path: Path) -> tuple[Entry, ...]:
    """Every entry of a file, by topic and first day.

    Raises:
        SettingsError: unreadable, an entry lacks a field or has one of the wrong sort, or two of one topic hold on one day; names it.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["entry"]
    except (OSError, tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as wrong:
        raise SettingsError(f"{path.name} cannot be used: {wrong}", field=path.name, fix="restore the file") from None
    found = tuple(sorted((_entry(raw, place) for place, raw in enumerate(table)), key=lambda entry: (entry.topic, entry.valid_from)))
    for entry, following in pairwise(found):
        if entry.topic == following.topic and entry.holds(following.valid_from):
            raise _broken(f"two entries about {entry.topic} hold on {following.valid_from}", entry.topic)
    return found


def _entry(raw: object, place: int) -> Entry:
    try:
        if not isinstance(raw, dict):
            raise TypeError("no table")
        return Entry(
            topic=_word(raw["topic"]),
            valid_from=_day(raw["valid_from"]),
            valid_to=_day(raw["valid_to"]) if "valid_to" in raw else None,
            verify_by=_day(raw["verify_by"]),
            reference_vi=_word(raw["reference_vi"]),
            reference_en=_word(raw["reference_en"]),
            figures={name: _figure(value) for name, value in raw.items() if name not in _FRAME},
        )
    except (KeyError, TypeError) as wrong:
        raise _broken(f"not a dated entry: {type(wrong).__name__} {wrong}", f"entry[{place}]") from None


def _word(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is not a word")
    return value


def _day(value: object) -> datetime.date:
    if type(value) is not datetime.date:
        raise TypeError(f"{value!r} is not a day")
    return value


def _figure(value: object) -> int | str:
    if type(value) is not int and type(value) is not str:
        raise TypeError(f"{value!r} is neither a whole number nor a word")
    return value


def _broken(problem: str, field: str) -> SettingsError:
    return SettingsError(problem, field=field, fix="correct the entry; the first lines of law.toml say how")
