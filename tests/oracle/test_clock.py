"""Times in files: in the file's zone or an offset they carry, through summer time, at standard time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from oracle.errors import SourceError
from oracle.sources.clock import Clock
from tests.oracle.csv_files import HEADER, fault, read

HOURS = ["00:00", "01:00", "03:00", "04:00"]


def summer(clock: str) -> dict[str, Any]:
    return {"clock": Clock(clock), "export_column": None}


def test_the_hour_that_summer_time_skips_is_no_gap_and_its_label_is_refused(path: Path) -> None:
    lines = [HEADER, *(f"a,2024-03-10 {hour}:00,1,0" for hour in HOURS)]
    rows = read(path, lines, **summer("America/Los_Angeles"))
    assert {later.start - earlier.start for earlier, later in pairwise(rows)} == {3600}
    wrong = fault(path, [HEADER, "a,2024-03-10 01:00:00,1,0", "a,2024-03-10 02:00:00,1,0"], **summer("America/Los_Angeles"))
    assert (wrong.line, wrong.column) == (3, 2)
    assert "fixed offset" in str(wrong)


def test_the_same_labels_at_a_fixed_offset_have_a_missing_interval(path: Path) -> None:
    lines = [HEADER, *(f"a,2024-03-10 {hour}:00,1,0" for hour in HOURS)]
    wrong = fault(path, lines, **summer("UTC-8"))
    assert (wrong.line, wrong.column) == (4, 2)
    assert "1 missing interval of a" in str(wrong)


def test_the_hour_that_happens_twice_is_refused_unless_its_offset_is_written(path: Path) -> None:
    wrong = fault(path, [HEADER, "a,2024-11-03 00:00:00,1,0", "a,2024-11-03 01:00:00,1,0"], **summer("America/Los_Angeles"))
    assert (wrong.line, wrong.column) == (3, 2)
    assert "happens twice" in str(wrong)
    rows = read(path, [HEADER, "a,2024-11-03T01:00-07:00,1,0", "a,2024-11-03T01:00-08:00,1,0"], **summer("America/Los_Angeles"))
    assert rows[1].start - rows[0].start == 3600


@pytest.mark.parametrize(
    ("name", "text", "seconds"),
    [
        ("UTC", "1970-01-01 00:00", 0),
        ("UTC+7", "1970-01-01 07:00:00", 0),
        ("+05:30", "1970-01-01T05:30", 0),
        ("Asia/Ho_Chi_Minh", "2024-06-01T00:00:00", 1_717_174_800),
        ("UTC+7", "1970-01-01T00:00:00Z", 0),
    ],
)
def test_times_are_placed_in_the_files_zone_unless_they_carry_their_own(name: str, text: str, seconds: int) -> None:
    assert Clock(name).seconds(text) == seconds


@pytest.mark.parametrize("name", ["UTC+15", "Mars/Olympus", "", "../etc/passwd", "UTC+7:99"])
def test_an_unknown_time_zone_is_refused_with_examples(name: str) -> None:
    with pytest.raises(SourceError, match="Asia/Ho_Chi_Minh"):
        Clock(name)


def test_a_day_is_counted_at_standard_time_all_year() -> None:
    clock = Clock("America/Los_Angeles")
    assert clock.standard_offset_s(1_720_000_000) == clock.standard_offset_s(1_705_000_000) == -8 * 3600
