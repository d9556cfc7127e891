"""Days in documents: as facts give them, and as moments of the document's time zone."""

from __future__ import annotations

import calendar
import datetime

from ledger.agreements.rules import OPEN_END, local_moment
from ledger.errors import InputError, RuleError

__all__ = ["OPEN_END", "check_day", "day_begins", "months_later"]


def check_day(value: object, field: str, *, not_before: datetime.date | None = None) -> datetime.date:
    """A calendar day written `2026-07-01`.

    Raises:
        InputError: another form or no such day.
        RuleError: before `not_before`.
    """
    try:
        if not isinstance(value, str):
            raise ValueError
        day = datetime.date.fromisoformat(value)
        if day.isoformat() != value or not 2000 <= day.year < 2200:
            raise ValueError
    except ValueError:
        raise InputError(f"no day {value!r}"[:120], field=field, fix="write the day as 2026-07-01") from None
    if not_before is not None and day < not_before:
        raise RuleError(f"{day} is too early", field=field, fix=f"give {not_before} or a later day")
    return day


def day_begins(day: datetime.date, time_zone: str) -> int:
    """The first second of a day in a time zone, Unix; raises InputError for a zone there is none of."""
    noon = datetime.datetime.combine(day, datetime.time(12), datetime.UTC)
    zone = local_moment(int(noon.timestamp()), time_zone).tzinfo
    return int(datetime.datetime.combine(day, datetime.time(), zone).timestamp())


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months on, or the last of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
