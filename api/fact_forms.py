"""The facts of documents as a form: a control for each that is missing or may be given, what is known beside it, and what was filled in."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from starlette.datastructures import FormData

from api.fact_help import help_of
from api.fact_names import DAYS, name_of
from ledger.agreements.kinds import KINDS, kind_named
from ledger.agreements.kinds.told import Fact, facts_told
from ledger.errors import InputError, SonangError
from ledger.services.acting import facts_given, service_of
from ledger.services.annexes import ANNEX_FACTS
from ledger.services.documents import facts_for, facts_lacking, known_of
from ledger.services.model import Request
from ledger.services.proposing import proposed
from ledger.services.reading import office_calendar
from ledger.services.wording import moment_of

__all__ = ["Blank", "Sheet", "facts_filled", "helped_by", "in_words", "sheets"]

NAMED = "fact."
"""Begins the names of these controls: `fact.<kind>.<fact>`, within groups `.<fact>`, within lists `.<place>.<fact>`."""
ROWS, MORE, MOST = 3, 2, 60
_WORDS = re.compile(r"one of ((?:[a-z0-9.-]+, )+[a-z0-9.-]+)")
_NEEDED = {"installed": ("install", "replace"), "removed": ("remove", "replace")}
"""At which acts of meter minutes which meter is described."""


@dataclass(frozen=True)
class Blank:
    """A control, or a group or a list of them.

    Attributes:
        sort: text, count, numbers, date, moment, choice, flag, group or list.
        helped: the help below it, Vietnamese and English; both empty where its name says it all, or its control does.
        known: what is known already and stands unless something else is given.
        proposed: whether `given` was filled in for staff, who look it over.
        rows: of a group its controls, of a list those of each entry.
    """

    name: str
    vi: str
    en: str
    sort: str
    helped: tuple[str, str]
    required: bool
    choices: Mapping[str, tuple[str, str]]
    given: str
    known: str
    rows: Sequence[Sequence[Blank]] = ()
    open: bool = False
    proposed: bool = False


@dataclass(frozen=True)
class Sheet:
    """A document a step may draft: the facts that are missing, and those that are known or need not be given."""

    kind: str
    titles: tuple[str, str]
    certain: bool
    missing: Sequence[Blank]
    others: Sequence[Blank]


def sheets(request: Request, now: int, typed: Mapping[str, str]) -> list[Sheet]:
    """The documents of the step a request stands at.

    Args:
        typed: what was filled in before, by the controls' names.
    """
    step = service_of(request).step(request.step or "")
    held, known, made = facts_given(request), known_of(request, now), []
    for one in step.documents:
        lacking = facts_lacking(request, step, now).get(one.kind)
        if lacking is None:
            continue
        told = facts_for(one, known) | held.get(one.kind, {})
        hidden = ANNEX_FACTS if one.changes else ()
        blanks = [
            _blank(fact, f"{NAMED}{one.kind}", told, typed) for fact in facts_told(kind_named(one.kind).facts) if fact.name not in hidden
        ]
        missing = {f"{NAMED}{one.kind}.{name}" for name in lacking}
        filled = _proposals(request, one.kind, missing - typed.keys())
        blanks = [replace(blank, given=filled[blank.name], proposed=True) if blank.name in filled else blank for blank in blanks]
        first = [blank for blank in blanks if blank.name in missing or blank.open]
        kind = KINDS[one.kind]
        certain = one.when is None or one.when.holds(known)
        made.append(Sheet(one.kind, (kind.title_vi, kind.title_en), certain, first, [blank for blank in blanks if blank not in first]))
    return made


def _proposals(request: Request, kind: str, missing: set[str]) -> dict[str, str]:
    """What is filled in for staff, by the controls' names, where it is missing and nobody typed anything."""
    names = {f"{NAMED}{kind}.{name}": value for name, value in proposed(request, kind).items()}
    return {name: value for name, value in names.items() if name in missing}


def _blank(fact: Fact, prefix: str, told: Mapping[str, Any], typed: Mapping[str, str]) -> Blank:
    name, (vi, en), value = f"{prefix}.{fact.name}", name_of(fact.name), told.get(fact.name)
    sort, choices = _sort(fact)
    rows: list[list[Blank]] = []
    if sort == "group":
        rows = [[_inner(each, name, value or {}, typed) for each in fact.fields]]
    elif sort == "list":
        entries: Sequence[Any] = value if isinstance(value, list | tuple) else ()
        count = min(MOST, max(ROWS, len(entries) + MORE, _typed_rows(name, typed) + MORE))
        rows = [
            [_inner(each, f"{name}.{place}", entries[place] if place < len(entries) else {}, typed) for each in fact.fields]
            for place in range(count)
        ]
    opened = told.get("act") in _NEEDED.get(fact.name, ())
    known = "" if rows or value is None else _shown(value, choices)
    helped = helped_by(fact)
    return Blank(name, vi, en, sort, helped, fact.required, choices, typed.get(name, ""), known, rows, opened)


def helped_by(fact: Fact) -> tuple[str, str]:
    """The help below a fact's control."""
    what = fact.what if _sort(fact)[0] in ("text", "numbers", "count") else ""
    return help_of(what), what


def _inner(fact: Fact, prefix: str, told: Mapping[str, Any], typed: Mapping[str, str]) -> Blank:
    """A control within a group, filled with what is known: a group is given as a whole."""
    name = f"{prefix}.{fact.name}"
    known = {} if name in typed or not isinstance(told.get(fact.name), str | int) else {name: str(told[fact.name])}
    return _blank(fact, prefix, told if fact.fields else {}, {**typed, **known})


def _typed_rows(name: str, typed: Mapping[str, str]) -> int:
    places = [each.removeprefix(f"{name}.").split(".")[0] for each, value in typed.items() if each.startswith(f"{name}.") and value]
    return max((int(one) + 1 for one in places if one.isdecimal() and len(one) < 4), default=0)


def _shown(value: object, choices: Mapping[str, tuple[str, str]]) -> str:
    if isinstance(value, bool):
        return "có · yes" if value else "không · no"
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return " · ".join(choices.get(str(value), (str(value),)))


def _sort(fact: Fact) -> tuple[str, Mapping[str, tuple[str, str]]]:
    if fact.fields:
        return ("group" if fact.sort == "group" else "list"), {}
    if fact.name in DAYS:
        return "date", {}
    if found := _WORDS.search(f"{fact.sort} {fact.what}"):
        words = tuple(found[1].split(", "))
        return "choice", _tables().get(words) or {word: (word, word) for word in words}
    if fact.sort == "whole number":
        return ("moment" if "Unix" in fact.what else "count"), {}
    return {"true or false": "flag", "list of whole numbers": "numbers"}.get(fact.sort, "text"), {}


@cache
def _tables() -> dict[tuple[str, ...], Mapping[str, tuple[str, str]]]:
    """The choices of documents with their names, by their words."""
    found: dict[tuple[str, ...], Mapping[str, tuple[str, str]]] = {}
    for module in [one for name, one in sorted(sys.modules.items()) if name.startswith("ledger.agreements.kinds.")]:
        for table in vars(module).values():
            if isinstance(table, Mapping) and all(isinstance(one, tuple) and len(one) == 2 for one in table.values()):
                found.setdefault(tuple(map(str, table)), table)
    return found


def facts_filled(form: FormData) -> dict[str, dict[str, Any]]:
    """What a form says of facts, by kind of document; what was left empty was not given.

    Raises:
        InputError: a moment is none.
    """
    given = {name: str(value).strip() for name, value in form.items() if name.startswith(NAMED)}
    kinds = {name.split(".")[1] for name in given} & KINDS.keys()
    found = {kind: dict(_filled(facts_told(kind_named(kind).facts), f"{NAMED}{kind}", given)) for kind in kinds}
    return {kind: facts for kind, facts in found.items() if facts}


def _filled(facts: Sequence[Fact], prefix: str, given: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for fact in facts:
        name, sort = f"{prefix}.{fact.name}", _sort(fact)[0]
        if sort == "group":
            value: Any = dict(_filled(fact.fields, name, given))
        elif sort == "list":
            entries = (dict(_filled(fact.fields, f"{name}.{place}", given)) for place in range(min(MOST, _typed_rows(name, given))))
            value = [one for one in entries if one]
        else:
            value = _value("count" if fact.sort == "whole number" and sort == "choice" else sort, given.get(name, ""), name)
        if value not in ("", None, [], {}):
            yield fact.name, value


def _value(sort: str, text: str, name: str) -> object:
    if not text:
        return None
    if sort == "moment":
        return moment_of(office_calendar(), text, name.removeprefix(NAMED))
    if sort == "flag":
        return text == "yes"
    if sort == "count":
        return _number(text)
    return [_number(one) for one in re.split(r"[\s,;]+", text) if one] if sort == "numbers" else text


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else text


def in_words(refused: SonangError) -> SonangError:
    """A refusal of facts with their names instead of what they are called in data; any other as it is."""
    fields = [refused.field, *re.findall(r"[a-z-]+\.[a-z_]+", refused.problem.partition("missing, and so ")[2])]
    if refused.field.split(".")[0] not in KINDS or "." not in refused.field:
        return refused
    named = [name_of(re.split(r"[.\[]", re.sub(r"\[\d+\]", "", field))[-1]) for field in fields]
    vi, en = ("; ".join(name[at] for name in named) for at in (0, 1))
    if refused.problem.startswith("missing"):
        return InputError(f"còn thiếu: {vi} · missing: {en}", field=refused.field, fix="điền vào mẫu dưới đây · fill them in below")
    return type(refused)(f"{vi} · {en}: {refused.problem}", field=refused.field, fix=refused.fix)
