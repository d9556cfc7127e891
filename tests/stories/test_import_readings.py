"""`sonang import-readings` as a person uses it: real files, real processes, a real database."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import NamedTuple

import orjson
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ledger.cli import main
from ledger.day import data
from ledger.metering.model import Mechanism
from ledger.metering.queries import days_with_data, homes_of_zone, load_profiles, zone_by_name
from tests.ledger.metering.files import HEADER, clock_times, counts, day_file, write

PROGRAM = Path(sys.executable).with_name("sonang")
FONTANA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fontana17"


class Done(NamedTuple):
    """How a run of the program ended."""

    returncode: int
    stdout: str
    stderr: str


Sonang = Callable[..., Done]


def words(file: Path, *more: str, zone: str = "village") -> list[str]:
    return [str(PROGRAM), "import-readings", str(file), "--zone", zone, *more]


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """Environment of an installation with this test's database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    url = engine.url.render_as_string(hide_password=False)
    return {**kept, "SONANG_STATE_DIR": str(tmp_path / "state"), "SONANG_DATABASE_URL": url, "COLUMNS": "200"}


@pytest.fixture
def bring(own: dict[str, str]) -> Sonang:
    """Runs the program as a process."""

    def run(file: Path, *more: str, zone: str = "village") -> Done:
        done = subprocess.run(words(file, *more, zone=zone), env=own, capture_output=True, text=True, check=False, timeout=120)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def bring_here(own: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Sonang]:
    """Runs the program in this process: a second less each time."""
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(signal.SIGTERM)

    def run(file: Path, *more: str, zone: str = "village") -> Done:
        with pytest.raises(SystemExit) as ended:
            main(words(file, *more, zone=zone)[1:])
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    yield run
    signal.signal(signal.SIGTERM, before)


def test_the_demos_week_is_imported_and_every_day_is_whole(bring: Sonang, session: Session) -> None:
    done = bring(data.READINGS, "--time-zone", data.TIME_ZONE, "--capacities", str(data.HOMES), zone="demo")
    assert done.returncode == 0, done.stderr
    assert "imported 13,440 readings of 40 homes, 2016-05-21 00:00 +01:00 to 2016-05-28 00:00 +01:00" in done.stdout
    assert (
        "meter=home, start=interval_start, import=grid_import_wh, export=grid_export_wh; unit Wh; time zone UTC+1; 30 minutes"
        in done.stdout
    )
    following = done.stdout.split("7 whole days. Next: ")[1].split(" day ")[0]
    assert Path(which(following) or "").samefile(PROGRAM), "as it is called from here"
    assert f"{following} day --zone demo --date {data.FIRST_DAY}\n" in done.stdout
    zone = zone_by_name(session, "demo")
    assert (zone.interval_s, zone.utc_offset_s, zone.mechanism) == (1_800, 3_600, Mechanism.UNIFORM_PRICE)
    homes = homes_of_zone(session, zone)
    roofs = [home for home in homes if home.capacity_w]
    assert (len(homes), len(roofs)) == (40, 13)
    assert all(home.peak_export_wh * 2 <= (home.capacity_w or 0) for home in homes)
    for day in days_with_data(session, zone):
        profiles = load_profiles(session, zone, day.period_start)
        assert sum(sum(one.export_wh) for one in profiles) > 200_000
        assert all(len(one.import_wh) == 48 and max(one.import_wh) < 20_000 for one in profiles)


def test_the_answer_as_json_and_the_second_time(bring_here: Sonang, tmp_path: Path) -> None:
    file = day_file(tmp_path / "a.csv")
    options = ("--time-zone", "Asia/Ho_Chi_Minh", "--mechanism", "single_buyer", "--region", "south", "--retail-price", "2500", "--json")
    answer = orjson.loads(bring_here(file, *options).stdout)
    assert (answer["zone"], answer["rows"], answer["homes"], answer["already_imported"]) == ("village", 96, 2, False)
    assert (answer["mechanism"], answer["published_price_vnd_per_kwh"], answer["retail_price_vnd_per_kwh"]) == (
        "single_buyer",
        1_012,
        2_500,
    )
    assert answer["days"] == [{"date": "2026-06-01", "homes": 2, "whole_homes": 2}]
    again = bring_here(file)
    assert again.returncode == 0, again.stderr
    assert "already has this file" in again.stdout
    changed = bring_here(file, "--published-price", "900", "--json")
    assert orjson.loads(changed.stdout)["published_price_vnd_per_kwh"] == 900
    refused = bring_here(file, "--mechanism", "uniform_price")
    assert refused.returncode == 1
    assert refused.stderr.startswith("sonang: village: clears by single_buyer")


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


def test_a_file_a_vietnamese_spreadsheet_saved_is_imported_and_the_answer_says_how_it_was_read(bring_here: Sonang, tmp_path: Path) -> None:
    file, homes = tmp_path / "sổ.csv", tmp_path / "homes.csv"
    rows = (f"An;25/05/2026 {unit // 2:02}:{unit % 2 * 30:02};0,150;0,05" for unit in range(48))
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(["home;start;import_kwh;export_kwh", *rows, ""]).encode())
    homes.write_text("home;pv_kwp\nAn;4,5\n", encoding="utf-8")
    options = ("--time-zone", "UTC+7", "--decimal", ",", "--time-format", "%d/%m/%Y %H:%M", "--capacities", str(homes))
    done = bring_here(file, *options, zone="xóm; $(nắng)")
    assert done.returncode == 0, done.stderr
    assert "30 minutes; fields parted by ';'; decimal comma; times as %d/%m/%Y %H:%M.\n" in done.stdout
    assert "day --zone 'xóm; $(nắng)' --date 2026-05-25\n" in done.stdout, "it can be pasted"
    assert "readings a second" not in done.stdout, "no rate for a moment's work"
    again = orjson.loads(bring_here(file, *options, "--json", zone="xóm; $(nắng)").stdout)
    assert (again["already_imported"], again["delimiter"], again["read_as"]["decimal"]) == (True, ";", ",")
    other = bring_here(file, *options[:4], "--time-format", "%d/%m/%Y %H:%M", "--interval", "30", "--unit", "kWh", zone="xóm; $(nắng)")
    assert other.returncode == 0, "the same, said in more words"


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


def test_a_zone_is_in_the_region_it_was_told_and_takes_the_prices_of_the_one_it_moves_to(bring_here: Sonang, tmp_path: Path) -> None:
    file, first = day_file(tmp_path / "a.csv"), ("--time-zone", "UTC+7", "--json")
    told = [
        orjson.loads(bring_here(file, *words).stdout)
        for words in (
            (*first, "--published-price", "900"),
            ("--json",),
            ("--region", "south", "--json"),
            ("--region", "south", "--published-price", "950", "--json"),
            ("--region", "south", "--json"),
            ("--region", "centre", "--published-price", "960", "--json"),
        )
    ]
    assert [(each["region"], each["published_price_vnd_per_kwh"]) for each in told] == [
        ("north", 900),
        ("north", 900),
        ("south", 1_012),
        ("south", 950),
        ("south", 950),
        ("centre", 960),
    ]
    refused = bring_here(file, "--region", "east")
    assert refused.returncode == 2
    assert "north" in refused.stderr


def half_done(session: Session) -> int:
    """Rows of the table on disk that nobody can see yet: a stream is under way when there are any."""
    return session.scalar(text("SELECT pg_relation_size('imported_interval')")) or 0


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_kill_in_the_middle_leaves_nothing_and_the_next_run_brings_all(
    own: dict[str, str], tmp_path: Path, session: Session, how: signal.Signals
) -> None:
    homes, times = 600, clock_times(480)
    file = write(tmp_path / "large.csv", (f"home-{home},{start},{home},0" for home in range(homes) for start in times))
    start = words(file, "--time-zone", "UTC+7")
    process = subprocess.Popen(start, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while half_done(session) < 1_000_000 and process.poll() is None and time.monotonic() < deadline:
        session.rollback()
        time.sleep(0.01)
    assert process.poll() is None
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode != 0
    session.rollback()
    assert counts(session) == (0, 0, 0)
    again = subprocess.run([*start, "--json"], env=own, capture_output=True, text=True, check=True, timeout=120)
    assert orjson.loads(again.stdout)["rows"] == homes * len(times)
    session.rollback()
    assert counts(session) == (1, homes, homes * len(times))


MEASURED = """
import sys
from pathlib import Path
from ledger.cli import main
try:
    main(sys.argv[1:])
finally:
    status = Path("/proc/self/status").read_text()
    print(status[status.index("VmHWM:"):].split()[1], file=sys.stderr)
"""
"""The program, and then the most memory this very process held, in kB; `ru_maxrss` would count its parent's too."""


@pytest.mark.slow
def test_a_large_file_is_read_in_little_memory(own: dict[str, str], tmp_path: Path, session: Session) -> None:
    """Memory does not grow with the file: 200 MB would take the peak this takes."""
    peaks: list[int] = []
    for homes in (100, 1_500):
        rows = (f"home-{home},{start},{home},0" for home in range(homes) for start in clock_times(480))
        file = write(tmp_path / f"{homes}.csv", rows)
        arguments = words(file, "--time-zone", "UTC+7", zone=f"z{homes}")[1:]
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *arguments], env=own, capture_output=True, text=True, check=True, timeout=300
        )
        peaks.append(int(done.stderr.split()[-1]))  # kB
    assert peaks[1] < peaks[0] * 1.3
    assert peaks[1] < 200_000


@pytest.mark.skipif(not FONTANA.is_dir(), reason="the folder of seventeen real homes is no part of the project and is not here")
def test_nine_months_of_seventeen_real_homes(bring_here: Sonang, session: Session) -> None:
    options = ("--time-zone", "UTC-8", "--interval", "60", "--capacities", str(FONTANA / "homes.csv"), "--json")
    columns = "meter=home,start=interval_start,import=grid_import_kwh,export=grid_export_kwh"
    answer = orjson.loads(bring_here(FONTANA / "readings.csv.gz", "--map", columns, "--unit", "kWh", *options, zone="fontana").stdout)
    assert (answer["rows"], answer["homes"]) == (111_401, 17)
    zone = zone_by_name(session, "fontana")
    days = days_with_data(session, zone)
    assert [(day.homes, day.whole_homes) for day in days[:2]] == [(17, 0), (17, 17)]
    with gzip.open(FONTANA / "readings.csv.gz", "rt", encoding="utf-8") as lines:
        first = next(line for line in lines if line.startswith("home-01,2016-08-01 00:"))
    bought = int(first.split(",")[2].replace(".", "").lstrip("0"))
    assert load_profiles(session, zone, days[1].period_start)[0].import_wh[0] == round(bought / 10)
