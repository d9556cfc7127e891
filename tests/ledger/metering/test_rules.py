"""Days, prices and columns: the pure side of metering."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ConflictError, InputError, RuleError
from ledger.metering.columns import choose_columns, parse_map
from ledger.metering.prices import prices_in_force
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
    assert "Quyết định 1279" in north.reference, "said in both languages"
    assert "Decision 1279" in north.reference
    assert not north.overdue
    assert prices_in_force("north", date(2027, 1, 1)).overdue


def test_a_day_before_the_law_or_an_unknown_region_has_no_price() -> None:
    with pytest.raises(RuleError, match="no law about surplus-sale is configured for 2016-01-01") as early:
        prices_in_force("north", date(2016, 1, 1))
    assert "give both prices" in early.value.fix
    with pytest.raises(RuleError, match="use one of centre, north, south"):
        prices_in_force("east", date(2026, 1, 1))


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
