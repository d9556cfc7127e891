"""What a kind's facts are, for people who fill them in: sort, choices and meaning, read from the dataclass and its docstring."""

from __future__ import annotations

import dataclasses
import re
import sys
import types
from collections.abc import Collection
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["Fact", "facts_told"]

_ENTRY = re.compile(r"^((?:[a-z_0-9]+, )*[a-z_0-9]+): (.*)$")
_INNER = re.compile(r"((?:`[a-z_0-9]+`, )*`[a-z_0-9]+`): ")
_TABLE = re.compile(r"`([A-Z_]{2,})`")
_SORTS = {int: "whole number", str: "text", bool: "true or false"}


@dataclasses.dataclass(frozen=True)
class Fact:
    """One fact.

    Attributes:
        sort: what its value is, such as `whole number`, `list of groups`, or the words it may be.
        what: what it says, with its unit; empty when its name says it all.
        fields: of a group or a list of groups, what belongs to each.
    """

    name: str
    sort: str
    required: bool
    what: str
    fields: tuple[Fact, ...]

    def line(self) -> str:
        """It in one line, after its name."""
        inner = f" of {', '.join(one.name for one in self.fields)}" if self.fields else ""
        return f"{self.sort}{inner}{f' – {self.what}' if self.what else ''}"


def facts_told(facts: type[Any]) -> tuple[Fact, ...]:
    """The facts of a dataclass, in its order."""
    hints, words = get_type_hints(facts), _words_of(facts)
    found = []
    for one in dataclasses.fields(facts):
        sort, inner = _sort(hints[one.name])
        required = one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        found.append(Fact(one.name, sort, required, words.get(one.name, ""), facts_told(inner) if inner else ()))
    return tuple(found)


def _sort(hint: Any) -> tuple[str, type[Any] | None]:
    """What a value is called, and the dataclass in it."""
    origin, choices = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _sort(next(one for one in choices if one is not type(None)))
    if origin is Literal:
        return f"one of {', '.join(map(str, choices))}", None
    if origin is tuple:
        sort, inner = _sort(choices[0])
        return f"list of {sort}s", inner
    return ("group", hint) if dataclasses.is_dataclass(hint) and isinstance(hint, type) else (_SORTS.get(hint, str(hint)), None)


def _words_of(facts: type[Any]) -> dict[str, str]:
    """What the docstrings of a dataclass and of those it extends say of each fact, tables of words spelt out."""
    words: dict[str, str] = {}
    for one in reversed(facts.__mro__):
        if dataclasses.is_dataclass(one):
            words |= _told(one.__doc__ or "", sys.modules[one.__module__])
    return words


def _told(text: str, module: types.ModuleType) -> dict[str, str]:
    entries: list[tuple[str, str]] = []
    for line in (line.strip() for line in text.splitlines()):
        if found := _ENTRY.match(line):
            entries.append((found[1], found[2]))
        elif entries and line:
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {line}")
        elif not entries:
            entries.extend((names.replace("`", ""), what) for names, what in _inner(line))
    words: dict[str, str] = {}
    for names, what in entries:
        first, *_ = _INNER.split(what)
        for group, told in [(names, first), *((group.replace("`", ""), told) for group, told in _inner(what))]:
            every, parts = group.split(", "), _spelt(told, module).split("; ")
            words.update(zip(every, parts, strict=True) if len(every) == len(parts) else dict.fromkeys(every, "; ".join(parts)))
    return words


def _inner(text: str) -> list[tuple[str, str]]:
    """Facts told within a sentence about another: `name`: what."""
    parts = _INNER.split(text)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def _spelt(text: str, module: types.ModuleType) -> str:
    def words(found: re.Match[str]) -> str:
        table = getattr(module, found[1], None)
        return ", ".join(map(str, table)) if isinstance(table, Collection) and not isinstance(table, str) else found[0]

    return _TABLE.sub(words, text).strip(" .;")
