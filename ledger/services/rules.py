"""Pure decisions about requests: values in their one form, what is missing, which steps follow, and time: used, left, due.

Time is working time: seconds of office hours (`calendar`), less those in which the clock stood still.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ledger.errors import InputError, RuleError
from ledger.parties.tax_codes import tax_code_kept
from ledger.services.calendar import WorkCalendar
from ledger.services.catalogue import Asked, Field, Service, Step

__all__ = [
    "Pause",
    "Value",
    "allowance_s",
    "check_days",
    "due",
    "following",
    "metering_point",
    "missing",
    "parse_value",
    "parse_values",
    "prefixes_of",
    "used_s",
]

Value = str | int | bool
"""What a field holds: a date as ISO text, a flag as a bool."""
TEXT_LIMIT = 2000
COUNT_LIMIT = 2**53 - 1
_PHONE = re.compile(r"(?:\+84|0)\d{9,10}")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}\.[^\s@.]{2,}")
_IDENTITY = re.compile(r"\d{9}|\d{12}|\d{10}(?:-\d{3})?|[A-Z]{1,2}\d{6,8}")
"""An old or a present identity number, a business number, one of its branches, or a passport."""
_POINT = re.compile(r"[A-Z0-9]{6}\d{7}(?:\d{3})?")
POINT_ENDING = "001"
UNIT_CODE_LENGTH = 6


class Pause(NamedTuple):
    """A time the clock stood still, from `began` on and before `ended`; None while it still does."""

    began: int
    ended: int | None


def parse_values(given: Mapping[str, object], asked: Sequence[Asked]) -> dict[str, Value]:
    """What was given, each value in its one form; what is given as empty counts as not given.

    Raises:
        InputError: a field that is not asked for here, or a malformed value; names the field.
    """
    fields = {one.field.name: one.field for one in asked}
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise InputError("not asked for here", field=unknown[0], fix=f"give {', '.join(fields) or 'nothing'}")
    return {name: parse_value(fields[name], value) for name, value in given.items() if value is not None and value != ""}


def parse_value(field: Field, value: object) -> Value:
    """A value in the one form its sort has.

    Raises:
        InputError: it is not of that sort.
    """
    if field.sort == "flag":
        return _flag(field, value)
    if field.sort == "count":
        return _count(field, value)
    text = _text(field, value)
    if field.sort == "choice" and text not in field.choices:
        raise _wrong(field, f"{text!r}", f"give one of {', '.join(field.choices)}")
    if field.sort in _READS:
        return _READS[field.sort](field, text)
    if field.sort == "email" and not _EMAIL.fullmatch(text):
        raise _wrong(field, "not an e-mail address", "give it as name@example.vn")
    return text


def check_days(
    asked: Sequence[Asked], given: Mapping[str, object], known: Mapping[str, object], today: datetime.date, received: datetime.date
) -> None:
    """Passes where no day precedes what it may not.

    Args:
        given: what is new, which is held against today; what was given before has stood that already.
        known: everything, the new included.
        received: the day the request came in, which nothing done for it precedes.

    Raises:
        InputError: one does; names the field.
    """
    named = {one.field.name: one.field for one in asked}
    for field in named.values():
        if field.name not in known or (field.not_before == "today" and field.name not in given):
            continue
        first = {**known, "today": today.isoformat(), "received": received.isoformat()}.get(field.not_before)
        if field.not_before and isinstance(first, str) and str(known[field.name]) < first:
            fix = f"give {_day_words(first)} ({field.not_before}) or a later day"
            raise _wrong(field, f"{_day_words(str(known[field.name]))} is too early", fix)


def _day_words(iso: str) -> str:
    return f"{datetime.date.fromisoformat(iso):%d/%m/%Y}"


def _phone(field: Field, text: str) -> str:
    number = re.sub(r"[ .()-]", "", text)
    if not _PHONE.fullmatch(number):
        raise _wrong(field, "not a telephone number", "give it as 0912345678 or +84912345678")
    return number


def _identity(field: Field, text: str) -> str:
    number = re.sub(r"[\s.]", "", text).upper()
    if not _IDENTITY.fullmatch(number):
        raise _wrong(field, "no such number", "give the 12 digits of an identity card, or the 10 of a business number")
    return number


def _tax_code(field: Field, text: str) -> str:
    try:
        return tax_code_kept(text)
    except InputError as wrong:
        raise _wrong(field, wrong.problem, wrong.fix) from None


def _flag(field: Field, value: object) -> bool:
    known = {True: True, False: False, "yes": True, "no": False, "có": True, "không": False}
    if isinstance(value, (bool, str)) and value in known:
        return known[value]
    raise _wrong(field, f"{value!r} is neither yes nor no", "give yes or no")


def _count(field: Field, value: object) -> int:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 40 else value
    unit = f" of {field.unit}" if field.unit else ""
    fix = f"give a whole number{unit}, {field.least} or more"
    if type(number) is int and not field.least <= number <= COUNT_LIMIT:
        raise _wrong(field, f"{'too small' if number < field.least else 'too large'}", fix)
    if type(number) is not int:
        raise _wrong(field, f"{str(value)[:40]!r} is no whole number{unit}", fix)
    if field.among and number not in field.among:
        raise _wrong(field, f"{number}", f"give one of {', '.join(map(str, field.among))}")
    return number


def _date(field: Field, text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong(field, f"{text!r} is no day", "give a day of the calendar as YYYY-MM-DD") from None


_READS: Mapping[str, Callable[[Field, str], str]] = {"date": _date, "phone": _phone, "identity": _identity, "tax-code": _tax_code}
"""What reads the text of a field, by its sort."""


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(field, f"{type(value).__name__}, not text", "give text")
    text = unicodedata.normalize("NFC", value).strip()
    if not 0 < len(text) <= TEXT_LIMIT or not text.replace("\n", "").isprintable():
        raise _wrong(field, f"{len(text)} characters, or one that cannot be printed", f"give 1 to {TEXT_LIMIT} printable characters")
    return text


def _wrong(field: Field, problem: str, fix: str) -> InputError:
    return InputError(f"{field.vi} · {field.en}: {problem}", field=field.name, fix=fix)


def missing(asked: Sequence[Asked], values: Mapping[str, object]) -> tuple[Field, ...]:
    """The fields that must be there and are not."""
    return tuple(one.field for one in asked if one.needed(values) and one.field.name not in values)


def following(service: Service, code: str, values: Mapping[str, object]) -> Step:
    """The step after this one, of those that apply to what is known now.

    Raises:
        RuleError: it is the last one.
    """
    places = {step.code: place for place, step in enumerate(service.steps)}
    for step in service.applicable(values):
        if places[step.code] > places[code]:
            return step
    raise RuleError(f"nothing follows {code}", field="step", fix="close the request")


def allowance_s(calendar: WorkCalendar, service: Service, step: Step, values: Mapping[str, object], clock_s: int) -> int:
    """A step's share of the deadline, in working seconds."""
    total = service.deadline(values).days * calendar.office_on(calendar.day_of(clock_s)).seconds_a_day
    shares = sum(one.share for one in service.applicable(values))
    return total * step.share // shares if shares else 0


def used_s(calendar: WorkCalendar, pauses: Sequence[Pause], start: int, end: int) -> int:
    """Working seconds from one moment to another while the clock ran; pauses follow each other in order."""
    stood = sum(
        calendar.working_seconds(max(pause.began, start), min(end if pause.ended is None else pause.ended, end)) for pause in pauses
    )
    return calendar.working_seconds(start, end) - stood


def due(calendar: WorkCalendar, pauses: Sequence[Pause], start: int, seconds: int) -> int:
    """When so many working seconds from `start` on are over. While the clock stands still the answer is as of when it stopped.

    A pause that began when the time was already over moves nothing.
    """
    moment = calendar.after(start, seconds)
    for pause in pauses:
        if pause.ended is not None and pause.began < moment:
            moment = calendar.after(moment, calendar.working_seconds(max(pause.began, start), pause.ended))
    return moment


def metering_point(code: str) -> str:
    """A customer's code or the code of a metering point, as a metering point.

    Raises:
        InputError: neither.
    """
    text = re.sub(r"[\s.-]", "", code).upper()
    if not _POINT.fullmatch(text):
        raise InputError(
            f"{code[:40]!r} is no customer code",
            field="metering_point",
            fix="give the 13 characters of the customer's code as on a bill, or the 16 of the metering point",
        )
    return text if len(text) == 16 else text + POINT_ENDING


def prefixes_of(point: str) -> tuple[str, ...]:
    """What may say who serves a metering point, the most particular first: the point, the customer, the unit that gave the code."""
    return point, point[:-3], point[:UNIT_CODE_LENGTH]
