"""What a document of any kind says before its own facts: which one it is, between whom, from when, of what date."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ledger.agreements.rules import local_date

F = TypeVar("F")


@dataclass(frozen=True)
class Named:
    """A party as a document names it."""

    id: bytes
    name: str


@dataclass(frozen=True)
class Frame:
    """The frame of one document.

    Attributes:
        lookup_code: printed on every page.
        parties: in the order of signing.
        valid_from: first second it is in force, Unix.
        dated_s: the date the document bears, which chooses the law; Unix.
        supersedes: the agreement it replaces, or None.
    """

    id: bytes
    lookup_code: str
    parties: tuple[Named, ...]
    valid_from: int
    dated_s: int
    supersedes: bytes | None
    time_zone: str

    def date(self) -> datetime.date:
        """The date on the document."""
        return local_date(self.dated_s, self.time_zone)


@dataclass(frozen=True)
class Kind(Generic[F]):
    """A kind of document.

    Attributes:
        name: its name; the chain holds the keccak.
        template: file name beside this module.
        valid_to: the first second it is no longer in force.
        terms: every field it agrees on, by path; raises RuleError for what the law forbids.
        wording: what the template prints, from the terms alone.
    """

    name: str
    template: str
    valid_to: Callable[[Frame, F], int]
    terms: Callable[[Frame, F], dict[str, object]]
    wording: Callable[[Mapping[str, object]], dict[str, str]]
