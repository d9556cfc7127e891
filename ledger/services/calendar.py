"""Working days and office hours in Vietnam. Pure: every answer follows from the days, the public holidays and `calendar.toml`.

A deadline of n working days begins at the opening of the first working day after the day of receipt and is over when n working days' office
hours have passed: at the close of the n-th day. Moments are Unix seconds; days are those of the office's time zone.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from ledger.errors import InputError, RuleError
from ledger.services.holiday import holidays_of

__all__ = ["LAST_YEAR", "Decision", "Office", "WorkCalendar"]

LAST_YEAR = 2098
"""The lunar tables end there."""
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Office:
    """When offices are open, for a while.

    Attributes:
        weekdays: 1 is Monday.
        hours: spans of a working day, seconds after midnight, in order.
    """

    valid_from: datetime.date
    verify_by: datetime.date
    time_zone: str
    weekdays: frozenset[int]
    hours: tuple[tuple[int, int], ...]
    reference_vi: str
    reference_en: str

    @cached_property
    def seconds_a_day(self) -> int:
        """Working seconds of one day."""
        return sum(closes - opens for opens, closes in self.hours)


@dataclass(frozen=True)
class Decision:
    """What the Government decided for a year: days off beside the computed ones, and days worked although computed as free."""

    year: int
    verify_by: datetime.date
    off: frozenset[datetime.date]
    worked: frozenset[datetime.date]
    reference_vi: str
    reference_en: str


class WorkCalendar:
    """The working days of every year from the first office's to `LAST_YEAR`; a year is computed when first asked for."""

    def __init__(self, offices: Sequence[Office], decisions: Sequence[Decision] = ()) -> None:
        self.offices = tuple(sorted(offices, key=lambda office: office.valid_from))
        self.decisions = {decision.year: decision for decision in decisions}
        self._zone = ZoneInfo(self.offices[0].time_zone)
        self._years: dict[int, tuple[int, ...]] = {}
        self._off = frozenset(day for one in decisions for day in one.off)
        self._worked = frozenset(day for one in decisions for day in one.worked)

    def day_of(self, moment: int) -> datetime.date:
        """The office's day a moment lies in."""
        return datetime.datetime.fromtimestamp(moment, self._zone).date()

    def moment(self, day: datetime.date, second: int) -> int:
        """A second after midnight of a day."""
        return int(datetime.datetime.combine(day, datetime.time(), self._zone).timestamp()) + second

    def is_working(self, day: datetime.date) -> bool:
        """Whether offices are open on a day.

        Raises:
            RuleError: the calendar does not reach that day; so too for everything below.
        """
        days = self._of_year(day.year)
        place = bisect_left(days, day.toordinal())
        return place < len(days) and days[place] == day.toordinal()

    def add_working_days(self, day: datetime.date, count: int) -> datetime.date:
        """The `count`-th working day after a day; the day itself is not counted, working or not.

        Raises:
            InputError: less than one.
        """
        if count < 1:
            raise InputError(f"{count} working days", field="count", fix="give one or more")
        year, days = day.year, self._of_year(day.year)
        place = bisect_right(days, day.toordinal()) + count - 1
        while place >= len(days):
            place -= len(days)
            year += 1
            days = self._of_year(year)
        return datetime.date.fromordinal(days[place])

    def working_days(self, first: datetime.date, end: datetime.date) -> int:
        """How many working days lie from `first` on and before `end`."""
        if end <= first:
            return 0
        total = 0
        for year in range(first.year, end.year + 1):
            days = self._of_year(year)
            total += bisect_left(days, end.toordinal()) - bisect_left(days, first.toordinal())
        return total

    def working_seconds(self, start: int, end: int) -> int:
        """Office hours between two moments, in seconds; 0 when `end` is not later."""
        if end <= start:
            return 0
        first, last = self.day_of(start), self.day_of(end)
        whole = sum(self.working_days(since, until) * office.seconds_a_day for office, since, until in self._by_office(first, last))
        return whole - self._passed(first, start) + self._passed(last, end)

    def after(self, start: int, seconds: int) -> int:
        """The earliest moment with so many working seconds between `start` and it; `start` itself for none."""
        if seconds <= 0:
            return start
        day = self.day_of(start)
        left = seconds + self._passed(day, start)
        if not self.is_working(day):
            day = self.add_working_days(day, 1)
        while left > self.office_on(day).seconds_a_day:
            left -= self.office_on(day).seconds_a_day
            day = self.add_working_days(day, 1)
        for opens, closes in self.office_on(day).hours:
            if left <= closes - opens:
                return self.moment(day, opens + left)
            left -= closes - opens
        raise AssertionError("unreachable: a day's spans make up its seconds")

    def clock_start(self, received: int) -> int:
        """When the clock of something received at a moment begins: the opening of the first working day after that day."""
        day = self.add_working_days(self.day_of(received), 1)
        return self.moment(day, self.office_on(day).hours[0][0])

    def due(self, received: int, days: int) -> int:
        """When a deadline of so many working days is over: the close of the last one."""
        day = self.add_working_days(self.day_of(received), days)
        return self.moment(day, self.office_on(day).hours[-1][1])

    def decided(self, year: int) -> bool:
        """Whether the Government's decision for a year is configured; until then its days may still change."""
        return year in self.decisions

    def office_on(self, day: datetime.date) -> Office:
        """The office hours of a day."""
        for office in reversed(self.offices):
            if office.valid_from <= day:
                return office
        raise _beyond(day.year, self.offices[0].valid_from.year)

    def _by_office(self, first: datetime.date, end: datetime.date) -> Iterator[tuple[Office, datetime.date, datetime.date]]:
        self.office_on(first)
        for place, office in enumerate(self.offices):
            until = self.offices[place + 1].valid_from if place + 1 < len(self.offices) else end
            since = max(first, office.valid_from)
            if since < min(until, end):
                yield office, since, min(until, end)

    def _passed(self, day: datetime.date, moment: int) -> int:
        """Working seconds of a day before a moment of it."""
        if not self.is_working(day):
            return 0
        second = moment - self.moment(day, 0)
        return sum(max(0, min(second, closes) - opens) for opens, closes in self.office_on(day).hours)

    def _of_year(self, year: int) -> tuple[int, ...]:
        found = self._years.get(year)
        if found is None:
            if not self.offices[0].valid_from.year <= year <= LAST_YEAR:
                raise _beyond(year, self.offices[0].valid_from.year)
            found = self._years[year] = tuple(self._compute(year))
        return found

    def _compute(self, year: int) -> Iterator[int]:
        free = (holidays_of(year).keys() | self._off) - self._worked
        day = max(datetime.date(year, 1, 1), self.offices[0].valid_from)
        while day.year == year:
            usual = day.isoweekday() in self.office_on(day).weekdays
            if day not in free and (usual or day in self._worked):
                yield day.toordinal()
            day += _DAY


def _beyond(year: int, first: int) -> RuleError:
    return RuleError(
        f"the calendar does not reach {year}",
        field="date",
        fix=f"give a day of the years {first} to {LAST_YEAR}, or extend ledger/services/calendar.toml",
    )
