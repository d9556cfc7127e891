"""Days, prices and columns: the pure side of metering."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ConflictError, InputError, RuleError, SettingsError
from ledger.metering.columns import choose_columns, parse_map
from ledger.metering.prices import load_prices, prices_in_force, whole_dong
from ledger.metering.rules import DAY_S, check_next_version, check_period, day_start, local_day, shown, unit_starts
from oracle.errors import SourceError

offsets = st.integers(-14 * 3600, 14 * 3600)


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)), offsets)
def test_a_local_day_begins_where_the_calendar_says(day: date, offset: int) -> None:
    zone = timezone(timedelta(seconds=offset))
    assert day_start(day, offset) == int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


@given(st.integers(86_400, 2**33), offsets)
def test_every_moment_lies_in_its_own_day(moment: int, offset: int) -> None:
    start = day_start(local_day(moment, offset), offset)
    assert start <= moment < start + DAY_S
    assert local_day(moment, offset) == datetime.fromtimestamp(moment, timezone(timedelta(seconds=offset))).date()
    check_period(start, offset)


@given(st.integers(86_400, 2**33), st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_shown_as_people_of_the_zone_read_it(moment: int, offset_min: int) -> None:
    zone = timezone(timedelta(minutes=offset_min))
    assert datetime.strptime(shown(moment, offset_min * 60), "%Y-%m-%d %H:%M %z") == datetime.fromtimestamp(moment - moment % 60, zone)


def test_a_day_has_its_units_and_no_other_start_is_a_period() -> None:
    start = day_start(date(2026, 6, 1), 25_200)
    assert len(unit_starts(start, 1_800)) == 48
    assert datetime.fromtimestamp(start, UTC).isoformat() == "2026-05-31T17:00:00+00:00"
    with pytest.raises(InputError, match="is not midnight"):
        check_period(start + 1, 25_200)


def test_versions_follow_one_another() -> None:
    check_next_version(1, 0)
    check_next_version(3, 2)
    for version, latest in ((2, 0), (2, 2), (1, 2)):
        with pytest.raises(ConflictError, match=f"a correction of this period is version {latest + 1}"):
            check_next_version(version, latest)


def test_the_laws_prices_are_whole_dong_and_a_ceiling_is_never_exceeded() -> None:
    on = date(2026, 7, 1)
    assert [prices_in_force(region, on).published for region in ("north", "centre", "south")] == [1_382, 1_107, 1_012]
    north = prices_in_force("north", on)
    assert north.retail == 2_204
    assert "Decision 1279" in north.reference
    assert not north.overdue
    assert prices_in_force("north", date(2027, 1, 1)).overdue


@given(st.decimals(0, 10_000, places=4))
def test_a_fraction_of_a_dong_is_dropped(price: Decimal) -> None:
    assert whole_dong(price) <= price < whole_dong(price) + 1


def test_a_day_before_the_table_or_an_unknown_region_has_no_price() -> None:
    with pytest.raises(RuleError, match="no surplus price is in force in 'north' on 2016-01-01"):
        prices_in_force("north", date(2016, 1, 1))
    with pytest.raises(RuleError, match="use one of centre, north, south"):
        prices_in_force("east", date(2026, 1, 1))


def test_the_newest_entry_in_force_counts_and_none_holds_on_the_day_it_ends(tmp_path: Path) -> None:
    entry = "[[price]]\nkind='{}'\nregion='all'\nvnd_per_kwh='{}'\nvalid_from={}\nvalid_to={}\nreference='r'\nverify_by=2030-01-01\n"
    file = tmp_path / "prices.toml"
    entries = [
        ("surplus", 10, "2025-01-01", "2026-12-31"),
        ("surplus", 11, "2026-01-01", "2026-07-01"),
        ("retail", 20, "2020-01-01", "2030-01-01"),
    ]
    file.write_text("".join(entry.format(*one) for one in entries), encoding="utf-8")
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [prices_in_force("anywhere", day, file).published for day in days] == [10, 11, 11, 10]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[price]]\nkind = 'surplus'", "not a dated price"),
        ("price = [1, 2]", "not a dated price"),
        ("[[price]", "cannot be used"),
        ("", "cannot be used"),
        (
            "[[price]]\nkind='a'\nregion='b'\nvnd_per_kwh=1382.7\nvalid_from=2025-01-01\nreference='r'\nverify_by=2026-01-01",
            'for example "1382.7"',
        ),
        (
            "[[price]]\nkind='a'\nregion='b'\nvnd_per_kwh='NaN'\nvalid_from=2025-01-01\nreference='r'\nverify_by=2026-01-01",
            "is not a price",
        ),
        ("[[price]]\nkind='a'\nregion='b'\nvnd_per_kwh='1'\nvalid_from='soon'\nreference='r'\nverify_by=2026-01-01", "not a dated price"),
    ],
)
def test_a_broken_price_table_is_named(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        load_prices(file)


def test_obvious_columns_are_found_and_the_unit_read_from_their_names() -> None:
    header = ["home", "interval_start", "grid_import_kwh", "grid_export_kwh", "load_kwh", "pv_kwh"]
    assert str(choose_columns(header, {}, None)) == (
        "meter=home, start=interval_start, import=grid_import_kwh, export=grid_export_kwh; unit kWh"
    )
    assert choose_columns(["Meter", "Timestamp", "Consumption (Wh)"], {}, None).exported is None
    chosen = choose_columns(["a", "b", "c", "d"], parse_map("meter=a, start=b,import=c,export=d"), "W")
    assert (chosen.meter, chosen.start, chosen.imported, chosen.exported, chosen.unit.value) == ("a", "b", "c", "d", "W")


@pytest.mark.parametrize(
    ("header", "columns", "unit", "says"),
    [
        (["a", "time", "import_wh"], "", None, "which column is the meter"),
        (["home", "meter", "time", "import_wh"], "", None, "home and meter could both be the meter"),
        (["home", "time", "import"], "", None, "give --unit"),
        (["home", "time", "import_mwh"], "", None, "use Wh, kWh or W"),
        (["home", "time", "import"], "", "barrel", "use Wh, kWh or W"),
        (["home", "time", "import_wh"], "nonsense", None, "does not say which column"),
        (["home", "time", "import_wh"], "meter=a,meter=b", None, "does not say which column"),
        (["home", "time", "import_wh"], "owner=a", None, "does not say which column"),
    ],
)
def test_a_doubtful_column_or_unit_is_asked_for(header: list[str], columns: str, unit: str | None, says: str) -> None:
    with pytest.raises((InputError, SourceError), match=says):
        choose_columns(header, parse_map(columns), unit)
