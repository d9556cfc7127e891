"""Several days as one report: what was left out is said, and the file is called after what is in it."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.day.page import render_page
from ledger.day.period import combined, file_name, left_out
from ledger.day.run import Asked
from tests.ledger.day.samples import sample_report

DAYS = ("2016-05-26", "2016-05-27")


def test_days_that_were_asked_for_and_have_no_data_are_listed() -> None:
    asked = Asked("demo", date(2016, 5, 26), days=4)
    whole = combined([sample_report(day) for day in DAYS], asked.dates)
    assert whole["days_without_data"] == ["2016-05-28", "2016-05-29"]
    assert left_out(whole) == "2 of 4 days have no whole data and were left out: 2016-05-28, 2016-05-29"
    assert combined([sample_report(day) for day in DAYS], asked.dates[:2])["days_without_data"] == []


def test_one_day_of_a_month_says_that_it_is_alone_and_one_of_one_says_nothing() -> None:
    asked = Asked.month("demo", date(2016, 5, 26))
    alone = combined([sample_report(DAYS[0])], asked.dates)
    assert (alone["date"], len(alone["days_without_data"])) == (DAYS[0], 30)
    assert left_out(alone).startswith("30 of 31 days have no whole data and were left out: 2016-05-01, ")
    assert left_out(alone).endswith("2016-05-10 and 20 more, in the report as days_without_data")
    assert render_page(alone)
    one = sample_report(DAYS[0])
    assert combined([one], [date(2016, 5, 26)]) is one
    assert left_out(one) == ""


def test_the_last_days_of_the_calendar_are_days_too() -> None:
    assert Asked("demo", date(9999, 12, 30), days=5).dates == [date(9999, 12, 30), date(9999, 12, 31)]


@pytest.mark.parametrize(
    ("zone", "name"),
    [("demo", "demo-2016-05-26.json"), ("Xóm Nắng/2; ..", "Xóm%20Nắng%2f2%3b%20%2e%2e-2016-05-26.json"), ("%20", "%2520-2016-05-26.json")],
)
def test_a_report_is_called_after_its_zone_and_day_whatever_the_zone_is_called(zone: str, name: str) -> None:
    assert file_name(zone, [date(2016, 5, 26)]) == name


def test_a_report_of_days_in_a_row_names_the_first_and_the_last_and_a_long_name_is_cut() -> None:
    days = Asked("demo", date(2016, 5, 26), days=4).dates
    assert file_name("demo", days) == "demo-2016-05-26_2016-05-29.json"
    long, other = file_name("ắ" * 100, days), file_name("ắ" * 99, days)
    assert long != other
    assert len(long.encode()) < 200
