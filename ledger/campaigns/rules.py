"""Who belongs to a campaign, from a list a utility exports: every row right, or the first wrong one named. Pure."""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any, get_type_hints

from ledger.agreements.kinds import facts_from, kind_named
from ledger.errors import InputError, SonangError
from ledger.parties.contacts import normalised

CODE, NAME, CONSUMPTION = "customer_code", "name", "kwh_per_month"
CONTACTS = ("email", "phone", "zalo")
"""Columns of contacts; at least one is filled. `phone` and `email` may be facts of the document too."""
CHANNELS = {"email": "email", "phone": "sms", "zalo": "zalo"}
DELIMITERS = (",", ";", "\t")
"""What may part the cells: a spreadsheet set to Vietnamese saves `;`."""
UNIQUE = ("contract_number", "meter_serial")
"""Facts no two customers share: twice in a list, a row was pasted twice."""
QUOTED = re.compile(r'"[^"]*"?')
TOP = re.compile(r"[.\[]")
"""Ends the name of a fact in the name of a field within it."""


@dataclass(frozen=True)
class Chosen:
    """A customer of the list.

    Attributes:
        label: customer code. `kwh_per_month`: whole kWh.
        given: `name`, `contacts` by channel and `facts` by name, as plain values.
    """

    label: str
    kwh_per_month: int
    given: Mapping[str, Any]


@dataclass(frozen=True)
class _Common:
    """Facts that are the same for everybody, and what their file is called."""

    facts: Mapping[str, object]
    name: str


def read_list(
    text: str, kind: str, common: Mapping[str, object], *, over_kwh: int | None = None, common_name: str = "--common"
) -> list[Chosen]:
    """The customers of a segment, the largest consumers first.

    Args:
        text: CSV, parted by whichever of `DELIMITERS` its header has most often; the header names `customer_code`, `name`, `kwh_per_month`,
            contacts, and a column for each fact of the kind.
        common: facts that are the same for everybody, such as the utility's address.
        over_kwh: only customers above so many kWh a month.
        common_name: what the common facts are called where one is wrong, such as the name of their file.

    Raises:
        InputError: the first row that is not as it must be, with its line and column; a customer, contract or meter listed twice, with
            both lines; or a common fact, with the name of its file.
    """
    text = text.removeprefix("\ufeff")
    rows = csv.DictReader(StringIO(text), delimiter=_delimiter(text), strict=True)
    _check_common(kind, common, common_name)
    _check_columns(rows.fieldnames or (), kind, common)
    found: dict[str, Chosen] = {}
    lines: dict[tuple[str, str], int] = {}
    try:
        for row in rows:
            one = _chosen(row, kind, _Common(common, common_name), f"line {rows.line_num}")
            _check_once(row, rows.line_num, lines)
            found[one.label] = one
    except csv.Error as broken:
        raise InputError(f"not CSV: {broken}", field=f"line {rows.line_num}", fix="save the list as CSV, UTF-8") from None
    segment = [one for one in found.values() if over_kwh is None or one.kwh_per_month > over_kwh]
    return sorted(segment, key=lambda one: (-one.kwh_per_month, one.label))


def _delimiter(text: str) -> str:
    first = QUOTED.sub("", text.split("\n", 1)[0])
    return max(DELIMITERS, key=first.count)


def _check_once(row: Mapping[str, str | None], line: int, lines: dict[tuple[str, str], int]) -> None:
    for name in (CODE, *UNIQUE):
        value = (row.get(name) or "").strip()
        before = lines.setdefault((name, value), line) if value else line
        if before != line:
            problem = f"{value!r} stands in line {before} too"
            raise InputError(problem, field=f"line {line}, {name}", fix=f"keep one of the rows, or give each its own {name}")


def _check_common(kind: str, common: Mapping[str, object], common_name: str) -> None:
    known = _facts(kind)
    unknown = [name for name in common if name not in known]
    if unknown:
        raise InputError("no such fact", field=f"{common_name}, {unknown[0]}", fix=f"leave it out, or name one of {', '.join(known)}")


def _check_columns(given: Collection[str], kind: str, common: Mapping[str, object]) -> None:
    needed = dict.fromkeys((CODE, NAME, CONSUMPTION, *(name for name in _needed(kind) if name not in common)))
    known = dict.fromkeys((*needed, *CONTACTS, *_facts(kind)))
    wrong, missing = [name for name in given if name not in known], [name for name in needed if name not in given]
    if not {*CONTACTS} & {*given, *missing}:
        missing.append(" or ".join(CONTACTS))
    others = [name for name in known if name not in given and name not in common]
    if wrong:
        raise InputError(f"no such column: {', '.join(wrong)}", field="line 1", fix=f"leave it out, or name one of {', '.join(others)}")
    if missing:
        more = ", ".join(name for name in others if name not in missing)
        fix = "name them in the first line, or give what is the same for all as common facts" + (
            f"; there may also be {more}" if more else ""
        )
        raise InputError(f"columns are missing: {', '.join(missing)}", field="line 1", fix=fix)


def _chosen(row: Mapping[str, str | None], kind: str, common: _Common, where: str) -> Chosen:
    cells = {name: (value or "").strip() for name, value in row.items() if name is not None}
    if None in row or None in row.values():
        raise InputError("more or fewer cells than the header", field=where, fix="quote cells that hold a comma, semicolon or tab")
    facts: dict[str, object] = dict(common.facts)
    for name, hint in _facts(kind).items():
        if cells.get(name):
            facts[name] = _whole(cells[name], f"{where}, {name}") if hint is int else cells[name]
    try:
        facts_from(kind, facts)
    except SonangError as wrong:
        fact = TOP.split(wrong.field)[0]
        place = common.name if fact in common.facts and not cells.get(fact) else where
        raise InputError(wrong.problem, field=f"{place}, {wrong.field}", fix=wrong.fix) from None
    contacts = {channel: _contact(channel, cells[name], f"{where}, {name}") for name, channel in CHANNELS.items() if cells.get(name)}
    if not contacts or not cells[CODE] or not cells[NAME]:
        lacking = "customer_code" if not cells[CODE] else "name" if not cells[NAME] else "email, phone or zalo"
        raise InputError("empty", field=f"{where}, {lacking}", fix=f"give {lacking}")
    given = {"name": cells[NAME], "contacts": contacts, "facts": facts}
    return Chosen(cells[CODE], _whole(cells[CONSUMPTION], f"{where}, {CONSUMPTION}"), given)


def _contact(channel: str, address: str, where: str) -> str:
    try:
        return normalised(channel, address)
    except InputError as wrong:
        raise InputError(wrong.problem, field=where, fix=wrong.fix) from None


def _needed(kind: str) -> list[str]:
    """Facts without a default."""
    nothing = dataclasses.MISSING
    return [one.name for one in dataclasses.fields(kind_named(kind).facts) if one.default is nothing and one.default_factory is nothing]


def _facts(kind: str) -> dict[str, Any]:
    facts = kind_named(kind).facts
    hints = get_type_hints(facts)
    return {one.name: hints[one.name] for one in dataclasses.fields(facts)}


def _whole(text: str, where: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise InputError(f"not a whole number: {text[:30]!r}", field=where, fix="give digits only")
    return int(text)
