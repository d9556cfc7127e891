"""The CSV importer: real files are read exactly, bad files get one clear error with line and column."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from oracle.errors import SourceError
from oracle.sources.amounts import Unit
from oracle.sources.clock import Clock
from oracle.sources.csv import Interval, read_intervals
from oracle.sources.header import read_header
from tests.oracle.csv_files import GOOD, HEADER, fault, read, shape


def test_a_good_file_is_read_line_by_line_in_wh_and_utc(path: Path) -> None:
    midnight = 1_717_174_800
    assert read(path, GOOD) == [
        Interval(2, "a", midnight, 500, 0),
        Interval(3, "b", midnight, 0, 1250),
        Interval(4, "a", midnight + 3600, 2, 0),
    ]


def test_gzip_windows_ends_a_byte_order_mark_and_empty_lines_change_nothing(path: Path) -> None:
    expected = read(path, GOOD)
    assert read(path, b"\xef\xbb\xbf" + "\r\n".join([*GOOD, "", ""]).encode()) == expected
    packed = path.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress("\n".join(GOOD).encode()))
    assert list(read_intervals(packed, shape())) == expected


def test_a_home_that_only_consumes_needs_no_export_column(path: Path) -> None:
    assert [row.export_wh for row in read(path, GOOD, export_column=None)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("lines", "line", "column", "words"),
    [
        (["home;start"], 1, 0, "no column 'home'"),
        (["house,start,import_kwh,export_kwh", *GOOD[1:]], 1, 0, "did you mean|the file has"),
        (["home,start,import_kw_h,export_kwh", *GOOD[1:]], 1, 0, "did you mean 'import_kw_h'"),
        (["home,home,start,import_kwh,export_kwh"], 1, 2, "there 2 times"),
        ([HEADER], 0, 0, "no row below the header"),
        ([*GOOD, "a,2024-06-01 02:00:00,1"], 5, 4, "3 fields where the header has 4"),
        ([*GOOD, "a,2024-06-01 02:00:00,1,0,9"], 5, 5, "5 fields where the header has 4"),
        ([*GOOD, "a,2024-06-01 01:00:00,1,0"], 5, 2, "there twice"),
        ([*GOOD, "a,2024-06-01 00:00:00,1,0"], 5, 2, "overlaps an earlier row"),
        ([*GOOD, "a,2024-06-01 01:30:00,1,0"], 5, 2, "overlaps an earlier row"),
        ([*GOOD, "a,2024-06-01 02:30:00,1,0"], 5, 2, "not 3600 s after"),
        ([*GOOD, "a,2024-06-01 04:00:00,1,0"], 5, 2, "2 missing intervals of a"),
        ([*GOOD, "c,2024-06-01 00:30:00,1,0"], 5, 2, "whole interval"),
        ([*GOOD, "a,2024-06-01 02:00:00,-0.001,0"], 5, 3, "negative energy"),
        ([*GOOD, "a,2024-06-01 02:00:00,1,-2"], 5, 4, "negative energy"),
        ([*GOOD, "a,2024-06-01 02:00:00,1 kWh,0"], 5, 3, "mixed units"),
        ([*GOOD, "a,2024-06-01 02:00:00,350Wh,0"], 5, 3, "mixed units"),
        ([*GOOD, "a,2024-06-01 02:00:00,,0"], 5, 3, "empty"),
        ([*GOOD, 'a,2024-06-01 02:00:00,"1,5",0'], 5, 3, "give --decimal ,"),
        ([*GOOD, "a,2024-06-01 02:00:00,nan,0"], 5, 3, "not a number"),
        ([*GOOD, "a,2024-06-01 02:00:00,1e99,0"], 5, 3, "too large"),
        ([*GOOD, "a,2024-06-01 02:00:00,100.001,0"], 5, 3, "100001 Wh in 3600 s is more than a connection carries (100000 Wh)"),
        ([*GOOD, "a,2024-06-01 02:00:00,0,9223372036854775.807"], 5, 4, "more than a connection carries"),
        ([*GOOD, "a,2024-06-01 02:00:00,१,0"], 5, 3, "not a number"),
        ([*GOOD, "a,01/06/2024,1,0"], 5, 2, "--time-format '%d/%m/%Y %H:%M'"),
        ([*GOOD, "a,2024-02-30 02:00:00,1,0"], 5, 2, "not a time"),
        ([*GOOD, ",2024-06-01 02:00:00,1,0"], 5, 1, "not a meter's name"),
        ([*GOOD, 'a,"2024-06-01 02:00:00"x,1,0'], 5, 0, "not CSV"),
    ],
)
def test_a_bad_line_is_named_with_its_column_and_what_to_do(path: Path, lines: list[str], line: int, column: int, words: str) -> None:
    wrong = fault(path, lines)
    assert (wrong.line, wrong.column) == ((line, column) if line else (1, 0)), str(wrong)
    assert any(word in str(wrong) for word in words.split("|")), str(wrong)


def test_a_connection_carries_its_limit_and_more_where_a_larger_plant_stands(path: Path) -> None:
    assert read(path, [HEADER, "a,2024-06-01 00:00:00,100,100"])[0].import_wh == 100_000
    path.write_text(f"{HEADER}\na,2024-06-01 00:00:00,600,599\n", encoding="utf-8")
    assert [row.import_wh for row in read_intervals(path, shape().with_plants([0, 500_000]))] == [600_000]
    with pytest.raises(SourceError, match=r"line 2, column 3 .import_kwh.: 600000 Wh in 3600 s"):
        list(read_intervals(path, shape().with_plants([5_000])))


def test_a_spreadsheet_in_vietnamese_is_read_with_its_comma_and_its_times(path: Path) -> None:
    lines = [HEADER.replace(",", ";"), "a;01/06/2024 00:00;0,150;0", "a;01/06/2024 01:00;1,5e0;,25"]
    changes: dict[str, Any] = {"delimiter": ";", "decimal": ",", "clock": Clock("Asia/Ho_Chi_Minh", "%d/%m/%Y %H:%M")}
    midnight = 1_717_174_800
    assert read(path, lines, **changes) == [Interval(2, "a", midnight, 150, 0), Interval(3, "a", midnight + 3600, 1500, 250)]
    wrong = fault(path, [*lines, "a;01/06/2024 02:00;1.500;0"], **changes)
    assert (wrong.line, wrong.column) == (4, 3)
    assert "leave --decimal out" in str(wrong), "a point may part thousands"
    assert "not a number" in str(fault(path, [*lines, "a;01/06/2024 02:00;1,5,0;0"], **changes))
    assert "not a time like %d/%m/%Y %H:%M" in str(fault(path, [*lines, "a;2024-06-01 02:00;1;0"], **changes))
    assert "not a time like %d %d" in str(fault(path, lines, **(changes | {"clock": Clock("UTC", "%d %d")})))
    with pytest.raises(SourceError, match="neither a point nor a comma"):
        shape(decimal="'")


@pytest.mark.parametrize(
    ("first", "delimiter", "names"),
    [
        ("home,start", ",", ["home", "start"]),
        ("home;start;grid, kWh", ";", ["home", "start", "grid, kWh"]),
        ("home\tstart", "\t", ["home", "start"]),
        ('"a,b,c";start', ";", ["a,b,c", "start"]),
        ("home", ",", ["home"]),
    ],
)
def test_the_header_shows_what_parts_the_fields(path: Path, first: str, delimiter: str, names: list[str]) -> None:
    path.write_text(f"{first}\n1,2\n", encoding="utf-8")
    assert read_header(path) == (names, delimiter)
    assert read_header(path, delimiter) == (names, delimiter)


def test_a_number_may_have_an_exponent_and_the_error_does_not_deny_it(path: Path) -> None:
    assert read(path, [HEADER, "a,2024-06-01 00:00:00,1e1,0"])[0].import_wh == 10_000
    assert "write digits, as in 1234.5" in str(fault(path, [HEADER, "a,2024-06-01 00:00:00,ten,0"]))


def test_two_units_in_one_file_are_named_without_a_word_about_what_was_given(path: Path) -> None:
    wrong = fault(path, [HEADER.replace("export_kwh", "export_wh")], export_column="export_wh")
    assert "column 'export_wh' names wh, but the energies are counted in kWh (mixed units)" in str(wrong)


def test_an_empty_file_says_what_the_first_line_must_be(path: Path) -> None:
    assert "must name the columns" in str(fault(path, b""))


def test_a_file_in_another_encoding_is_refused_at_its_first_foreign_byte(path: Path) -> None:
    wrong = fault(path, "\n".join([*GOOD, "nhà,2024-06-01 00:00:00,1,0"]).encode("latin-1"))
    assert (wrong.line, wrong.column) == (5, 1)
    assert "save the file as UTF-8" in str(wrong)
    assert "UTF-8" in str(fault(path, "\n".join(GOOD).encode("utf-16")))
    assert "NUL" in str(fault(path, "\n".join(GOOD).encode() + b"\na,\0,1,1"))


def test_a_line_without_end_is_refused_before_it_fills_the_memory(path: Path) -> None:
    assert "longer than" in str(fault(path, "\n".join(GOOD).encode() + b"\n" + b"9" * 70_000))


def test_damaged_gzip_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    packed = tmp_path / "readings.csv.gz"
    whole = gzip.compress("\n".join(GOOD).encode())
    for cut, words in ((whole[:-12], "gzip data are damaged"), (b"plain text", "Not a gzipped file"), (whole[:-8] + bytes(8), "CRC")):
        packed.write_bytes(cut)
        with pytest.raises(SourceError, match=words):
            list(read_intervals(packed, shape()))
    with pytest.raises(SourceError, match="cannot be read"):
        list(read_intervals(tmp_path / "none.csv", shape()))


def test_columns_that_name_another_unit_than_the_one_given_are_mixed_units() -> None:
    with pytest.raises(SourceError, match="mixed units"):
        shape(unit=Unit.WH)
    with pytest.raises(SourceError, match="mixed units"):
        shape(import_column="grid_import [MWh]")
    assert shape(unit=Unit.WH, import_column="imported", export_column="exported").unit is Unit.WH


@pytest.mark.parametrize("interval_s", [0, 59, 7 * 60, 2 * 86_400])
def test_an_interval_that_does_not_divide_a_day_is_refused(interval_s: int) -> None:
    with pytest.raises(SourceError, match="does not divide a day"):
        shape(interval_s=interval_s)


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n", "ß"])
def test_an_odd_delimiter_is_refused(delimiter: str) -> None:
    with pytest.raises(SourceError, match="delimiter"):
        shape(delimiter=delimiter)


BIG = """
import sys, resource
from pathlib import Path
from oracle.sources.amounts import Unit
from oracle.sources.clock import Clock
from oracle.sources.csv import CsvFormat, read_intervals
form = CsvFormat("home", "start", "import_kwh", "export_kwh", Unit.KWH, Clock("UTC+7"), 900)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(1 for _ in read_intervals(Path(sys.argv[1]), form))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_two_hundred_megabytes_pass_through_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    rows = write_big(path, 200_000_000)
    done = subprocess.run([sys.executable, "-c", BIG, str(path)], capture_output=True, text=True, check=True)
    counted, grown_kib = map(int, done.stdout.split())
    assert counted == rows
    assert grown_kib < 100 * 1024, "less than 100 MB for a file of 200 MB"


def write_big(path: Path, size: int) -> int:
    """A file of that many bytes: 300 homes, every quarter of an hour; returns its rows."""
    from datetime import datetime, timedelta

    start, rows, written = datetime(2024, 1, 1), 0, 0  # noqa: DTZ001 - a label in a file
    with path.open("wb") as file:
        written += file.write(HEADER.encode() + b"\n")
        while written < size:
            label = (start + timedelta(seconds=900 * (rows // 300))).isoformat(" ")
            block = b"".join(f"home-{home:03d},{label},{rows % 977 / 1000},{home * 7 % 991 / 1000}\n".encode() for home in range(300))
            written += file.write(block)
            rows += 300
    return rows
