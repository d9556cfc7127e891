"""Reads `services.toml` and `calendar.toml` strictly: what is missing, unknown or of the wrong sort is named by its place."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ledger.errors import SettingsError
from ledger.services.calendar import Decision, Office, WorkCalendar
from ledger.services.catalogue import DOES, GROUPS, KNOWN, PAUSING, RELATIONS, SORTS, Asked, Deadline, Field, Produced, Service, Step, When

__all__ = ["CALENDAR_FILE", "office_calendar", "read_calendar", "read_services"]

CALENDAR_FILE = Path(__file__).with_name("calendar.toml")
_ASKED = re.compile(r"(?P<name>[a-z_]+)(?P<optional>\?)?(?: if (?P<when>.+))?")
_WHEN = re.compile(r"(?P<name>[a-z_]+)=(?P<values>[a-z0-9|-]+)")
STEP_ROLES = ("", "inspector")
"""Roles of staff a step may be kept for; empty for all."""
_CODE = re.compile(r"[a-z]+(-[a-z]+)*")


@cache
def office_calendar() -> WorkCalendar:
    """The calendar of this installation."""
    return read_calendar(CALENDAR_FILE)


def read_calendar(path: Path) -> WorkCalendar:
    """The calendar of a file.

    Raises:
        SettingsError: unreadable, or an entry is not what it should be.
    """
    tables = _tables(path)
    offices = [_office(_Table(one, f"office[{at}]")) for at, one in enumerate(tables.get("office", ()))]
    decisions = [_decision(_Table(one, f"decision[{at}]")) for at, one in enumerate(tables.get("decision", ()))]
    if not offices:
        raise _broken("no office hours", "office")
    if len({one.time_zone for one in offices}) > 1 or len({one.year for one in decisions}) < len(decisions):
        raise _broken("two time zones, or two decisions for one year", path.name)
    return WorkCalendar(offices, decisions)


def read_services(path: Path) -> tuple[Service, ...]:
    """Every service of a file, in its order.

    Raises:
        SettingsError: unreadable, an entry is not what it should be, or two of one code hold on one day; names its place.
    """
    tables = _tables(path)
    fields = {name: _field(name, _Table(one, f"field.{name}")) for name, one in tables.get("field", {}).items()}
    found = tuple(_service(_Table(one, f"service[{at}]"), fields) for at, one in enumerate(tables.get("service", ())))
    odd = [one.name for one in fields.values() if one.not_before and one.not_before not in {"today", "received", *fields}]
    if odd:
        raise _broken("not_before is neither a field, today nor received", f"field.{odd[0]}")
    for one in found:
        if sum(other.code == one.code and other.holds(one.valid_from) for other in found) > 1:
            raise _broken(f"two entries of {one.code} hold on {one.valid_from}", one.code)
    return found


class _Table:
    """One table of the file, which must have been read whole when it is left."""

    def __init__(self, raw: Any, place: str) -> None:
        if not isinstance(raw, Mapping):
            raise _broken("no table", place)
        self.place, self._raw, self._left = place, raw, set(raw)

    def take(self, name: str, kind: type, default: Any = ...) -> Any:
        """A value of a sort; the default when it is absent."""
        self._left.discard(name)
        value = self._raw.get(name, default)
        if value is ...:
            raise _broken(f"lacks {name}", self.place)
        if name in self._raw and (type(value) is not kind or value == ""):
            raise _broken(f"{name} is no {kind.__name__}", self.place)
        return value

    def word(self, name: str, among: Collection[str] | None = None, default: Any = ...) -> Any:
        """A word, of these."""
        value = self.take(name, str, default)
        if among is not None and value not in among:
            raise _broken(f"{name} is {value!r}, not one of {', '.join(among)}", self.place)
        return value

    def tables(self, name: str) -> Iterable[_Table]:
        """The tables in it under a name."""
        return [_Table(one, f"{self.place}.{name}[{at}]") for at, one in enumerate(self.take(name, list, []))]

    def done(self) -> None:
        """Nothing may be left unread: a misspelt name would be silently ignored."""
        if self._left:
            raise _broken(f"does not know {', '.join(sorted(self._left))}", self.place)


def _office(table: _Table) -> Office:
    made = Office(
        valid_from=table.take("valid_from", datetime.date),
        verify_by=table.take("verify_by", datetime.date),
        time_zone=table.word("time_zone"),
        weekdays=frozenset(table.take("weekdays", list)),
        hours=tuple((_second(opens, table), _second(closes, table)) for opens, closes in table.take("hours", list)),
        reference_vi=table.word("reference_vi"),
        reference_en=table.word("reference_en"),
    )
    edges = [moment for span in made.hours for moment in span]
    if not edges or edges != sorted(set(edges)) or not made.weekdays <= set(range(1, 8)) or not made.weekdays:
        raise _broken("hours or weekdays out of order", table.place)
    table.done()
    return made


def _second(text: str, table: _Table) -> int:
    try:
        moment = datetime.time.fromisoformat(text)
    except (TypeError, ValueError):
        raise _broken(f"{text!r} is no time of day", table.place) from None
    return moment.hour * 3600 + moment.minute * 60


def _decision(table: _Table) -> Decision:
    made = Decision(
        year=table.take("year", int),
        verify_by=table.take("verify_by", datetime.date),
        off=frozenset(table.take("off", list)),
        worked=frozenset(table.take("worked", list)),
        reference_vi=table.word("reference_vi"),
        reference_en=table.word("reference_en"),
    )
    if any(type(day) is not datetime.date for day in made.off | made.worked) or made.off & made.worked:
        raise _broken("not days, or a day both off and worked", table.place)
    table.done()
    return made


def _field(name: str, table: _Table) -> Field:
    choices, among = table.take("choices", dict, {}), table.take("among", dict, {})
    made = Field(
        name=name,
        sort=table.word("sort", SORTS),
        vi=table.word("vi"),
        en=table.word("en"),
        choices=_named_twice(choices),
        unit=table.word("unit", default=""),
        among={int(word): names for word, names in _named_twice(among).items() if word.isascii() and word.isdecimal()},
        least=table.take("least", int, 0),
        not_before=table.word("not_before", default=""),
    )
    if (made.least and made.sort != "count") or (made.not_before and made.sort != "date"):
        raise _broken("least belongs to a count, not_before to a date", table.place)
    if (made.sort == "choice") != bool(made.choices) or len(made.choices) != len(choices):
        raise _broken("choices belong to a choice, each with two names", table.place)
    if (made.among and made.sort != "count") or len(made.among) != len(among):
        raise _broken("among belongs to a count, whole numbers each with two names", table.place)
    table.done()
    return made


def _named_twice(words: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {word: (names[0], names[1]) for word, names in words.items() if isinstance(names, list) and len(names) == 2}


def _service(table: _Table, fields: Mapping[str, Field]) -> Service:
    place: Literal["metering-point", "unit"] = table.word("place", ("metering-point", "unit"))
    made = Service(
        code=table.word("code"),
        group=table.word("group", GROUPS),
        vi=table.word("vi"),
        en=table.word("en"),
        valid_from=table.take("valid_from", datetime.date),
        valid_to=table.take("valid_to", datetime.date, None),
        verify_by=table.take("verify_by", datetime.date),
        reference_vi=table.word("reference_vi"),
        reference_en=table.word("reference_en"),
        place=place,
        of_contract=table.take("of_contract", bool, default=False),
        named_by=table.word("named_by", fields, "customer_name"),
        pauses=frozenset(table.take("pauses", list)),
        deadlines=tuple(_deadline(one, fields) for one in table.tables("deadline")),
        inputs=tuple(_asked(one, fields, table) for one in table.take("inputs", list)),
        steps=tuple(_step(one, fields) for one in table.tables("step")),
    )
    table.done()
    if not made.steps or not made.deadlines:
        raise _broken("no steps, or no deadline", table.place)
    _check(made, table.place)
    return made


def _check(service: Service, place: str) -> None:
    codes = [step.code for step in service.steps]
    wrong = {
        "its last deadline needs no condition, the others one": [one.when is None for one in service.deadlines]
        != [False] * (len(service.deadlines) - 1) + [True],
        "it begins with route and ends with close": [service.steps[0].does, service.steps[-1].does] != ["route", "close"],
        "its steps have codes of their own": len(set(codes)) < len(codes) or not all(_CODE.fullmatch(code) for code in codes),
        "the clock is stopped by what the engine knows": not service.pauses <= set(PAUSING),
        "documents are made before the step that has them signed": any(step.does == "sign" and step.documents for step in service.steps),
    }
    for problem, found in wrong.items():
        if found:
            raise _broken(f"{service.code}: {problem}", place)


def _deadline(table: _Table, fields: Mapping[str, Field]) -> Deadline:
    made = Deadline(table.take("days", int), _when(table, fields), table.word("vi", default=""), table.word("en", default=""))
    if made.days < 1:
        raise _broken("less than a day", table.place)
    table.done()
    return made


def _step(table: _Table, fields: Mapping[str, Field]) -> Step:
    by: Literal["utility", "customer"] = table.word("by", ("utility", "customer"), "utility")
    made = Step(
        code=table.word("code"),
        vi=table.word("vi"),
        en=table.word("en"),
        does=table.word("does", DOES),
        share=table.take("share", int),
        by=by,
        when=_when(table, fields),
        records=tuple(_asked(one, fields, table) for one in table.take("records", list, [])),
        documents=tuple(_produced(one, fields) for one in table.tables("document")),
        role=table.word("role", STEP_ROLES, ""),
    )
    if made.share < 0:
        raise _broken("a share below nothing", table.place)
    table.done()
    return made


def _produced(table: _Table, fields: Mapping[str, Field]) -> Produced:
    facts = table.take("facts", dict, {})
    changes = table.take("changes", dict, {})
    signed_by: Literal["customer", "holder"] = table.word("signed_by", ("customer", "holder"), "customer")
    made = Produced(table.word("kind"), _when(table, fields), table.word("relation", RELATIONS), facts, changes, signed_by)
    unknown = [name for name in facts.values() if not isinstance(name, str) or not (name in fields or name in KNOWN or name[:1] == "=")]
    unknown += [name for name in changes.values() if name not in fields]
    if unknown:
        raise _broken(f"no field {unknown[0]!r}", table.place)
    table.done()
    return made


def _asked(text: object, fields: Mapping[str, Field], table: _Table) -> Asked:
    found = _ASKED.fullmatch(text) if isinstance(text, str) else None
    if found is None or found["name"] not in fields:
        raise _broken(f"no field {text!r}", table.place)
    when = _condition(found["when"], fields, table.place) if found["when"] else None
    return Asked(fields[found["name"]], found["optional"] is None, when)


def _when(table: _Table, fields: Mapping[str, Field]) -> When | None:
    text = table.word("when", default=None)
    return None if text is None else _condition(text, fields, table.place)


def _condition(text: str, fields: Mapping[str, Field], place: str) -> When:
    found = _WHEN.fullmatch(text)
    field = fields.get(found["name"]) if found else None
    if found is None or field is None:
        raise _broken(f"no condition {text!r}", place)
    words = found["values"].split("|")
    known: Collection[str] = ("yes", "no") if field.sort == "flag" else field.choices
    if any(word not in known for word in words):
        raise _broken(f"{field.name} is never {text.partition('=')[2]}", place)
    return When(field.name, tuple(word == "yes" if field.sort == "flag" else word for word in words))


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise SettingsError(f"{path.name} cannot be used: {wrong}", field=path.name, fix="restore the file") from None


def _broken(problem: str, field: str) -> SettingsError:
    return SettingsError(problem, field=field, fix="correct the entry; the first lines of the file say how")
