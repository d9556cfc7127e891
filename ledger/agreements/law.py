"""The law as dated configuration: figures and references come from `law.toml`, never from code."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ledger.errors import RuleError

_FRAME = frozenset({"topic", "valid_from", "valid_to", "verify_by", "reference_vi", "reference_en"})


@dataclass(frozen=True)
class Entry:
    """What the law says about one topic for a while.

    Attributes:
        valid_from, valid_to: first day it holds, first day it no longer holds (None: still open).
        verify_by: when somebody must check that it still stands.
        reference_vi, reference_en: where it is written.
    """

    topic: str
    valid_from: datetime.date
    valid_to: datetime.date | None
    verify_by: datetime.date
    reference_vi: str
    reference_en: str
    figures: Mapping[str, int | str]

    def number(self, name: str) -> int:
        """A figure of this entry."""
        value = self.figures[name]
        if not isinstance(value, int):
            raise RuleError(f"{self.topic}.{name} is no number", field="law.toml", fix="correct the entry")
        return value

    def word(self, name: str) -> str:
        """A word of this entry."""
        return str(self.figures[name])


@cache
def entries() -> tuple[Entry, ...]:
    """Every entry of the configuration."""
    table = tomllib.loads((files("ledger.agreements") / "law.toml").read_text(encoding="utf-8"))
    return tuple(
        Entry(
            topic=raw["topic"],
            valid_from=raw["valid_from"],
            valid_to=raw.get("valid_to"),
            verify_by=raw["verify_by"],
            reference_vi=raw["reference_vi"],
            reference_en=raw["reference_en"],
            figures={name: value for name, value in raw.items() if name not in _FRAME},
        )
        for raw in table["entry"]
    )


def law_on(topic: str, date: datetime.date) -> Entry:
    """The entry that holds on a date.

    Raises:
        RuleError: none does; a document cannot bear that date.
    """
    for entry in entries():
        if entry.topic == topic and entry.valid_from <= date and (entry.valid_to is None or date < entry.valid_to):
            return entry
    raise RuleError(
        f"no law about {topic} is configured for {date}", field="dated_s", fix="date the document later, or add the entry to law.toml"
    )


def unverified_on(date: datetime.date) -> tuple[Entry, ...]:
    """Entries in force that somebody should have looked at again by now."""
    return tuple(entry for entry in entries() if entry.verify_by < date and (entry.valid_to is None or date < entry.valid_to))
