"""A file goes in whole or not at all, once, and comes out as it was."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.errors import ConflictError, InputError, NotFoundError, RuleError, SonangError
from ledger.metering.commands import create_zone, import_file
from ledger.metering.imports import CHUNK_ROWS
from ledger.metering.model import UNRECORDED_WH, ImportedHome, ImportedInterval
from ledger.metering.queries import days_with_data, homes_of_zone, load_profile, load_profiles, zone_by_name
from ledger.metering.rules import day_start, local_day
from oracle.errors import SourceError
from oracle.sources.amounts import Unit
from oracle.vee import CONNECTION_W
from tests.ledger.metering.files import HALF_HOUR, PRICES, clock_times, counts, day_file, make_zone, shape, write


def test_a_days_file_becomes_load_profiles(session: Session, tmp_path: Path) -> None:
    zone = make_zone(session)
    done = import_file(session, zone, day_file(tmp_path / "a.csv"), shape(), capacities={"An": 5_000, "Cúc": 1})
    assert (done.record.rows, done.record.homes, done.repeated) == (96, 2, False)
    assert done.record.last_end - done.record.first_start == 86_400
    (day,) = days_with_data(session, zone)
    assert (str(day.day), day.homes, day.whole_homes) == ("2026-06-01", 2, 2)
    profiles = load_profiles(session, zone, day.period_start)
    assert [one.label for one in profiles] == ["An", "Bình"]
    assert profiles[0] == load_profile(session, zone, "An", day.period_start)
    assert profiles[0].import_wh == (100,) * 48
    assert profiles[0].export_wh == (50,) * 48
    homes = homes_of_zone(session, zone)
    assert [(home.label, home.capacity_w, home.peak_export_wh) for home in homes] == [("An", 5_000, 50), ("Bình", None, 50)]


def test_the_same_file_again_changes_nothing_and_later_data_join_it(session: Session, tmp_path: Path) -> None:
    zone = make_zone(session)
    file = day_file(tmp_path / "a.csv")
    import_file(session, zone, file, shape())
    assert import_file(session, zone, file, shape()).repeated
    assert counts(session) == (1, 2, 96)
    import_file(session, zone, day_file(tmp_path / "b.csv", ("An", "Cúc"), first=48), shape())
    assert counts(session) == (2, 3, 192)
    assert [day.whole_homes for day in days_with_data(session, zone)] == [2, 2]


def test_the_same_file_read_in_another_way_is_refused(session: Session, tmp_path: Path) -> None:
    zone = make_zone(session)
    file = write(tmp_path / "a.csv", [f"An,{start},1,0" for start in clock_times(2)])
    import_file(session, zone, file, shape())
    with pytest.raises(ConflictError, match="time_zone 'UTC\\+7'"):
        import_file(session, zone, file, shape(zone="UTC+8"))


def test_overlapping_data_are_refused_by_home_and_time(session: Session, tmp_path: Path) -> None:
    zone = make_zone(session)
    import_file(session, zone, day_file(tmp_path / "a.csv"), shape())
    session.commit()
    with pytest.raises(ConflictError, match=r"Bình at 2026-06-01 23:30 \+07:00 was imported before"):
        import_file(session, zone, day_file(tmp_path / "b.csv", ("Cúc", "Bình"), first=47, wh=7), shape())
    session.rollback()
    assert counts(session) == (1, 2, 96)


def test_two_zones_may_hold_homes_of_one_name(session: Session, tmp_path: Path) -> None:
    file = day_file(tmp_path / "a.csv")
    for name in ("một", "hai"):
        import_file(session, make_zone(session, name), file, shape())
    assert counts(session) == (2, 4, 192)


def test_a_file_of_another_interval_is_refused_before_it_is_read(session: Session, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="counts in 1800 s"):
        import_file(session, make_zone(session), tmp_path / "never-opened.csv", shape(interval_s=3_600))


def test_a_time_zone_that_does_not_fit_the_zones_units_is_refused(session: Session, tmp_path: Path) -> None:
    zone = make_zone(session, interval_s=3_600)
    file = write(tmp_path / "a.csv", [f"An,{start},1,0" for start in clock_times(3, minutes=60)])
    with pytest.raises(SourceError, match="line 2: does not begin with one of the zone's units"):
        import_file(session, zone, file, shape(zone="UTC+5:30", interval_s=3_600))


BAD_TAILS = {
    "a missing interval": (["An,2026-06-01 01:00,1,0"], "missing interval"),
    "an interval twice": (["An,2026-06-01 00:00,1,0"], "is there twice"),
    "negative energy": (["An,2026-06-01 00:30,-1,0"], "negative energy"),
    "a word for a number": (["An,2026-06-01 00:30,nan,0"], "is not a number"),
    "a unit of its own": (["An,2026-06-01 00:30,1 kWh,0"], "mixed units"),
    "a field too few": (["An,2026-06-01 00:30,1"], "3 fields where the header has 4"),
    "a number beyond every meter": (["An,2026-06-01 00:30,99999999999999999999,0"], "too large"),
    "more than a connection carries": (["An,2026-06-01 00:30,9223372036854775807,0"], "more than a connection carries"),
    "no time": (["An,sáng sớm,1,0"], "is not a time"),
}


@pytest.mark.parametrize("what", BAD_TAILS)
def test_a_fault_in_the_last_row_leaves_nothing_behind(session: Session, tmp_path: Path, what: str) -> None:
    """The rows before it had already been streamed to the database."""
    zone = make_zone(session)
    session.commit()
    before = [f"home-{number},{start},1,0" for number in range(60) for start in clock_times(48)]
    assert len(before) > CHUNK_ROWS
    tail, says = BAD_TAILS[what]
    file = write(tmp_path / "bad.csv", [*before, "An,2026-06-01 00:00,1,0", *tail])
    with pytest.raises(SourceError, match=says) as caught:
        import_file(session, zone, file, shape())
    assert caught.value.line == len(before) + 3
    session.rollback()
    assert counts(session) == (0, 0, 0)


def test_two_imports_of_one_file_at_once_bring_it_once(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    file = day_file(tmp_path / "a.csv", [f"home-{number}" for number in range(100)])
    with sessions.begin() as session:
        make_zone(session)
    repeated: list[bool] = []

    def bring() -> None:
        with sessions.begin() as own:
            repeated.append(import_file(own, zone_by_name(own, "Làng Nắng"), file, shape()).repeated)

    both = [threading.Thread(target=bring) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(repeated) == [False, True]
    with sessions() as session:
        assert counts(session) == (1, 100, 4_800)


def test_a_gap_between_files_is_marked_and_not_filled(session: Session, tmp_path: Path) -> None:
    zone = make_zone(session)
    import_file(session, zone, day_file(tmp_path / "a.csv", ["An"], count=10), shape())
    import_file(session, zone, day_file(tmp_path / "b.csv", ["An"], first=12, count=36), shape())
    (day,) = days_with_data(session, zone)
    assert (day.homes, day.whole_homes) == (1, 0)
    profile = load_profile(session, zone, "An", day.period_start)
    assert profile.import_wh == (100,) * 10 + (UNRECORDED_WH,) * 2 + (100,) * 36
    with pytest.raises(NotFoundError, match="no data of 'Ann' on 2026-06-01"):
        load_profile(session, zone, "Ann", day.period_start)


energies = st.integers(0, CONNECTION_W * HALF_HOUR // 3600)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    labels=st.lists(
        st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters='"'), min_size=1, max_size=12),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    values=st.lists(st.tuples(energies, energies), min_size=1, max_size=60),
    by_time=st.booleans(),
)
def test_what_is_imported_is_what_the_file_said(
    session: Session, tmp_path: Path, labels: list[str], values: list[tuple[int, int]], by_time: bool
) -> None:
    """Whatever the names, the numbers and the order of homes: compared with the rows written, one by one."""
    rows = [(label, start, *pair) for label in labels for start, pair in zip(clock_times(len(values)), values, strict=True)]
    if by_time:
        rows.sort(key=lambda row: row[1])
    file = write(tmp_path / "a.csv", (f'"{label}",{start},{bought},{sold}' for label, start, bought, sold in rows))
    zone = make_zone(session)
    import_file(session, zone, file, shape())
    stored = session.execute(
        select(ImportedHome.label, ImportedInterval.start, ImportedInterval.import_wh, ImportedInterval.export_wh).join(
            ImportedHome, ImportedHome.id == ImportedInterval.home_id
        )
    )
    first = day_start(local_day(1_780_272_000, 25_200), 25_200)
    order = {start: first + place * HALF_HOUR for place, start in enumerate(clock_times(len(values)))}
    assert sorted(stored) == sorted((label, order[start], bought, sold) for label, start, bought, sold in rows)
    session.rollback()


def test_units_are_converted_exactly(session: Session, tmp_path: Path) -> None:
    zone = make_zone(session)
    header = "home,interval_start,grid_import_wh,grid_export_wh".replace("wh", "energy")
    file = write(tmp_path / "a.csv", ["An,2026-06-01 00:00,0.0005,2.2758", "An,2026-06-01 00:30,0.0015,1e-1"], header)
    plain = shape()
    kwh = type(plain)("home", "interval_start", "grid_import_energy", "grid_export_energy", Unit.KWH, plain.clock, HALF_HOUR)
    import_file(session, zone, file, kwh)
    found = session.execute(select(ImportedInterval.import_wh, ImportedInterval.export_wh).order_by(ImportedInterval.start))
    assert found.all() == [(0, 2_276), (2, 100)]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"name": ""}, InputError),
        ({"name": "x" * 101}, InputError),
        ({"name": "a\tb"}, InputError),
        ({"interval_s": 7}, InputError),
        ({"interval_s": 3_601}, InputError),
        ({"region": "east"}, InputError),
        ({"gate_lead_s": -1}, SonangError),
        ({"utc_offset_s": 2**40}, SonangError),
        ({"prices": type(PRICES)(2_000, 1_999, "", False)}, InputError),
        ({"prices": type(PRICES)(1, 2**32, "", False)}, SonangError),
    ],
)
def test_a_zone_that_makes_no_sense_is_refused(session: Session, changed: dict[str, object], error: type[SonangError]) -> None:
    sound: dict[str, object] = {
        "name": "z",
        "time_zone": "UTC",
        "region": "north",
        "interval_s": 1_800,
        "utc_offset_s": 0,
        "prices": PRICES,
    }
    with session.no_autoflush, pytest.raises(error):
        create_zone(session, **{**sound, **changed})  # type: ignore[arg-type]


def test_a_name_is_taken_once_and_a_wrong_name_is_answered_with_the_right_one(session: Session) -> None:
    make_zone(session)
    with pytest.raises(ConflictError, match="there is a zone of that name"):
        make_zone(session)
    with pytest.raises(NotFoundError, match="did you mean 'Làng Nắng'"):
        zone_by_name(session, "Lang Nang")
