"""Working days in Vietnam: known years, and every answer held against one that walks day by day or minute by minute."""

from __future__ import annotations

import datetime
from functools import cache
from pathlib import Path

import pytest
from holidays import HolidayBase, country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import InputError, RuleError, SettingsError
from ledger.services.calendar import WorkCalendar
from ledger.services.reading import CALENDAR_FILE, office_calendar, read_calendar
from tests.ledger.services.conftest import VIETNAM, at

CALENDAR = office_calendar()
DAY = datetime.timedelta(days=1)
days = st.dates(datetime.date(2023, 11, 1), datetime.date(2028, 3, 1))
moments = st.integers(CALENDAR.moment(datetime.date(2025, 12, 20), 0), CALENDAR.moment(datetime.date(2026, 3, 10), 0))


@cache
def slow_is_working(day: datetime.date) -> bool:
    """By the calendar's own words: a weekday that is no holiday, unless the year's decision says otherwise."""
    off = {day for one in CALENDAR.decisions.values() for day in one.off}
    worked = {day for one in CALENDAR.decisions.values() for day in one.worked}
    return day in worked or (day not in off and day.weekday() < 5 and day not in public(day.year))


@cache
def public(year: int) -> HolidayBase:
    return country_holidays("VN", years=year)


def slow_after(day: datetime.date, count: int) -> datetime.date:
    while count:
        day += DAY
        count -= slow_is_working(day)
    return day


def slow_seconds(start: int, end: int) -> int:
    """Second spans of every minute between two moments that is office time."""
    total, moment = 0, start
    while moment < end:
        step = min(60 - moment % 60, end - moment)
        wall = datetime.datetime.fromtimestamp(moment, VIETNAM)
        clock = wall.hour * 60 + wall.minute
        if (450 <= clock < 690 or 780 <= clock < 1020) and slow_is_working(wall.date()):
            total += step
        moment += step
    return total


def test_the_days_of_tet_2026_are_free_and_the_days_in_lieu_are_worked() -> None:
    free = ["2026-01-01", "2026-01-02", "2026-02-16", "2026-02-20", "2026-04-27", "2026-04-30", "2026-05-01", "2026-08-31", "2026-09-02"]
    assert [day for day in free if CALENDAR.is_working(datetime.date.fromisoformat(day))] == []
    assert CALENDAR.is_working(datetime.date(2026, 1, 10))  # a Saturday, worked for Friday 2 January
    assert CALENDAR.is_working(datetime.date(2026, 8, 22))
    assert not CALENDAR.is_working(datetime.date(2026, 11, 24))  # the Day of Vietnamese Culture, for the first time
    assert CALENDAR.is_working(datetime.date(2025, 11, 24))


def test_a_decision_adds_what_the_package_of_holidays_does_not_know() -> None:
    package = country_holidays("VN", years=[2024, 2025, 2026])
    year = [datetime.date(2024, 1, 1) + DAY * n for n in range(366 + 365 + 365)]
    differ = [day for day in year if CALENDAR.is_working(day) != package.is_working_day(day)]
    assert differ == [datetime.date(2026, 1, 2), datetime.date(2026, 1, 10)]


def test_a_year_without_a_decision_is_computed_and_says_so() -> None:
    assert CALENDAR.decided(2026)
    assert not CALENDAR.decided(2090)
    tet = datetime.date(2027, 2, 6)
    assert [CALENDAR.is_working(tet + DAY * n) for n in range(-3, 6)] == [True] + [False] * 7 + [True]


def test_a_request_on_the_friday_before_tet_is_due_when_the_fifth_working_day_after_it_closes() -> None:
    friday = at("2026-02-13T10:00")
    assert CALENDAR.clock_start(friday) == at("2026-02-23T07:30")
    assert CALENDAR.due(friday, 5) == at("2026-02-27T17:00")
    assert CALENDAR.due(friday, 1) == at("2026-02-23T17:00")
    assert CALENDAR.due(at("2026-02-13T23:59"), 5) == CALENDAR.due(at("2026-02-13T00:00"), 5)
    assert CALENDAR.due(at("2026-02-18T12:00"), 5) == CALENDAR.due(friday, 5)  # received in the middle of Tet


def test_the_office_rests_at_noon_and_at_night() -> None:
    monday = at("2026-03-02T11:00")
    assert CALENDAR.working_seconds(monday, at("2026-03-02T13:30")) == 3600
    assert CALENDAR.after(monday, 3600) == at("2026-03-02T14:00") - 1800
    assert CALENDAR.after(at("2026-03-02T16:00"), 7200) == at("2026-03-03T08:30")
    assert CALENDAR.after(at("2026-03-02T19:00"), 1) == at("2026-03-03T07:30") + 1
    assert CALENDAR.after(at("2026-03-02T19:00"), 0) == at("2026-03-02T19:00")


@given(days, st.integers(1, 90))
def test_the_nth_working_day_is_the_one_that_counting_finds(day: datetime.date, count: int) -> None:
    found = CALENDAR.add_working_days(day, count)
    assert found == slow_after(day, count)
    assert CALENDAR.working_days(day + DAY, found + DAY) == count


@given(moments, moments)
@settings(max_examples=25, deadline=None)
def test_working_seconds_are_those_that_every_minute_adds_up_to(start: int, end: int) -> None:
    end = min(end, start + 5 * 86_400)
    assert CALENDAR.working_seconds(start, end) == slow_seconds(start, end)


@given(moments, st.integers(1, 40 * 8 * 3600))
def test_the_moment_after_so_much_work_is_the_first_that_has_it_behind(start: int, seconds: int) -> None:
    moment = CALENDAR.after(start, seconds)
    assert CALENDAR.working_seconds(start, moment) == seconds
    assert CALENDAR.working_seconds(start, moment - 1) == seconds - 1


@given(moments, moments, moments)
def test_working_time_adds_up(one: int, two: int, three: int) -> None:
    first, second, third = sorted((one, two, three))
    whole = CALENDAR.working_seconds(first, third)
    assert whole == CALENDAR.working_seconds(first, second) + CALENDAR.working_seconds(second, third)


@given(moments, st.integers(1, 30))
def test_a_deadline_is_over_when_its_days_of_office_hours_are(received: int, count: int) -> None:
    start = CALENDAR.clock_start(received)
    assert CALENDAR.after(start, count * 8 * 3600) == CALENDAR.due(received, count)


@pytest.mark.parametrize("day", [datetime.date(2020, 12, 31), datetime.date(2099, 1, 1)])
def test_a_day_beyond_the_calendar_says_how_far_it_reaches(day: datetime.date) -> None:
    with pytest.raises(RuleError, match=f"does not reach {day.year}") as refused:
        CALENDAR.is_working(day)
    assert "2021 to 2098" in refused.value.fix


def test_a_deadline_of_no_days_is_refused() -> None:
    with pytest.raises(InputError, match="0 working days"):
        CALENDAR.add_working_days(datetime.date(2026, 1, 1), 0)


def calendar_with(folder: Path, old: str, new: str) -> WorkCalendar:
    """The calendar with one thing changed."""
    text = CALENDAR_FILE.read_text(encoding="utf-8")
    assert old in text
    changed = folder / "calendar.toml"
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_calendar(changed)


def test_office_hours_that_change_count_from_their_day_on(tmp_path: Path) -> None:
    office = CALENDAR_FILE.read_text(encoding="utf-8").split("[[office]]")[1].split("[[decision]]\nyear")[0]
    later = office.replace("2021-01-01", "2026-03-03").replace('["13:00", "17:00"]', '["13:00", "16:00"]')
    changed = calendar_with(tmp_path, "[[decision]]\nyear", f"[[office]]{later}\n[[decision]]\nyear")
    assert changed.working_seconds(at("2026-03-02T00:00"), at("2026-03-04T00:00")) == 15 * 3600
    assert changed.after(at("2026-03-02T07:30"), 15 * 3600) == at("2026-03-03T16:00")
    assert changed.due(at("2026-03-02T09:00"), 1) == at("2026-03-03T16:00")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('[["07:30", "11:30"], ["13:00", "17:00"]]', '[["07:30", "13:30"], ["13:00", "17:00"]]', "out of order"),
        ('"07:30"', '"half past seven"', "no time of day"),
        ("weekdays = [1, 2, 3, 4, 5]", "weekdays = []", "out of order"),
        ("off = [2024-04-29]", 'off = ["2024-04-29"]', "not days"),
        ("worked = [2024-05-04]", "worked = [2024-04-29]", "both off and worked"),
        ("year = 2025", "year = 2024", "two decisions for one year"),
        ("weekdays", "week_days", "lacks weekdays"),
        ("verify_by = 2025-12-31", "verify_by = 2025-12-31\nunverified = true", "does not know unverified"),
        ("[[office]]", "[[bureau]]", "no office hours"),
        ("[[office]]", "[[office]", "cannot be used"),
    ],
)
def test_a_calendar_that_a_hand_has_broken_is_named_by_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        calendar_with(tmp_path, old, new)
