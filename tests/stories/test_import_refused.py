"""A file that cannot be imported gets one line that says why, and leaves nothing."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.ledger.metering.files import HEADER, clock_times, counts
from tests.stories.importing import Sonang, words

ROWS = [f"An,{start},100,50" for start in clock_times(4)]
BAD = {
    "wrong columns": ("a,b,c\n1,2,3\n", [], "which column is the meter?"),
    "a column that is not there": (HEADER + "\n" + ROWS[0], ["--map", "import=bought", "--unit", "Wh"], "line 1: no column 'bought'"),
    "an overlap": ("\n".join([HEADER, *ROWS, ROWS[2]]), [], "line 6, column 2 (interval_start): the interval of An"),
    "a missing interval": (
        "\n".join([HEADER, *ROWS[:1], *ROWS[2:]]),
        ["--interval", "30"],
        "line 3, column 2 (interval_start): 1 missing interval",
    ),
    "negative energy": (
        "\n".join([HEADER, *ROWS, "Bình,2026-06-01 00:00,5,-1"]),
        [],
        "line 6, column 4 (grid_export_wh): negative energy -1",
    ),
    "mixed units": (
        "\n".join([HEADER, *ROWS, "Bình,2026-06-01 00:00,5 kWh,1"]),
        [],
        "line 6, column 3 (grid_import_wh): '5 kWh' carries a unit",
    ),
    "a unit against the column's name": ("\n".join([HEADER, *ROWS]), ["--unit", "kWh"], "mixed units"),
    "a summer-time gap": (
        "\n".join([HEADER, "An,2026-03-29 01:30,1,0", "An,2026-03-29 02:00,1,0"]),
        ["--time-zone", "Europe/Berlin"],
        "line 3, column 2 (interval_start): 2026-03-29 02:00 does not exist in Europe/Berlin",
    ),
    "no UTF-8": (
        ("\n".join([HEADER, *ROWS, "B"])).encode() + b"\xecnh,2026-06-01 00:00,5,1\n",
        [],
        "line 6, column 1: byte 0xec is not UTF-8",
    ),
    "an open quote": ('home,"interval_start\n' + "x\n" * 100_000, [], "line 1: not CSV"),
    "an empty file": ("", [], "line 1: the file is empty"),
    "a header alone": (HEADER + "\n", [], "line 1: no row below the header"),
    "another delimiter": (
        "home|start|import_wh\nAn|2026-06-01 00:00|1",
        [],
        "give the character between the file's fields with --delimiter",
    ),
    "two characters between fields": (HEADER, ["--delimiter", ";;"], "--delimiter: ';;' is not one character"),
    "a decimal comma": ("home;start;import_kwh\nAn;2026-06-01 00:00;0,150", [], "line 2, column 3 (import_kwh): '0,150' is not a number"),
    "no decimal mark": (HEADER, ["--decimal", "'"], '--decimal: "\'" is no decimal mark'),
    "times of a spreadsheet": (HEADER + "\nAn,01/06/2026 00:00,1,0", [], "--time-format '%d/%m/%Y %H:%M'"),
    "two units": ("home,start,import_wh,export_kwh\nAn,2026-06-01 00:00,1,0", [], "names kwh, but the energies are counted in Wh"),
    "no such time zone": ("\n".join([HEADER, *ROWS]), ["--time-zone", "Mars"], "sonang: --time-zone: time zone 'Mars' is not known"),
    "no time zone": ("\n".join([HEADER, *ROWS]), None, "--time-zone: a new zone needs one"),
    "damaged gzip": (gzip.compress("\n".join([HEADER, *ROWS]).encode())[:-9], [], "the gzip data are damaged"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_gets_one_line_and_leaves_nothing(bring_here: Sonang, tmp_path: Path, session: Session, what: str) -> None:
    content, options, says = BAD[what]
    file = tmp_path / ("bad.csv.gz" if what == "damaged gzip" else "bad.csv")
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    given = [] if options is None else [*(["--time-zone", "UTC+7"] if "--time-zone" not in options else []), *options]
    refused = bring_here(file, *given)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert says in refused.stderr
    assert refused.stderr.startswith("sonang: ")
    assert refused.stderr.count("\n") == 1
    assert counts(session) == (0, 0, 0)
    assert session.scalar(text("SELECT count(*) FROM zone")) == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([*ROWS, "An,2026-06-01 02:00,x,0"], "line 6, column 3 (grid_import_wh): 'x' is not a number"),
        (["An,01/06/2026 02:00,1,0"], "line 2, column 2 (interval_start): '01/06/2026 02:00' is not a time"),
    ],
)
def test_a_fault_in_the_first_rows_is_told_before_any_database_is_started(tmp_path: Path, lines: list[str], said: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    own = {**kept, "SONANG_STATE_DIR": str(tmp_path / "state")}
    done = subprocess.run(
        words(file, "--time-zone", "UTC+7"), env=own, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert said in done.stderr
    assert not (tmp_path / "state").exists()


def test_a_folder_or_a_missing_file_is_one_line_too(bring_here: Sonang, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        refused = bring_here(path, "--time-zone", "UTC")
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert path.name in refused.stderr
