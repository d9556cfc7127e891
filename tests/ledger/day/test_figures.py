"""Numbers as people read them."""

from __future__ import annotations

import pytest

from ledger.day.figures import dong, grouped, kwh, written


@pytest.mark.parametrize(
    ("wh", "text"),
    [(0, "0,0"), (49, "0,0"), (50, "0,1"), (999, "1,0"), (1_234_567, "1.234,6"), (-1_250, "−1,3"), (2**63, "9.223.372.036.854.775,8")],
)
def test_watt_hours_are_shown_as_kilowatt_hours_with_a_decimal_comma(wh: int, text: str) -> None:
    assert kwh(wh) == text


@pytest.mark.parametrize(
    ("mvnd", "text"), [(0, "0"), (499, "0"), (500, "1"), (-499, "0"), (-500, "−1"), (345_011_211, "345.011"), (-15_961_562, "−15.962")]
)
def test_milli_dong_are_shown_as_whole_dong(mvnd: int, text: str) -> None:
    assert dong(mvnd) == text


def test_thousands_are_set_apart_by_dots() -> None:
    assert grouped(1_000_000) == "1.000.000"


def test_a_date_is_day_month_and_year_whatever_follows_it() -> None:
    assert [written(iso) for iso in ("2016-05-21", "2016-05-21T00:00:00+01:00")] == ["21/05/2016"] * 2
