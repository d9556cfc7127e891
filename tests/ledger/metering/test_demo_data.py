"""The demo's own week: what its note says of it is true of the files, and its licence travels with it."""

from __future__ import annotations

import csv
import gzip
from hashlib import sha256
from pathlib import Path

from ledger.day import data
from oracle.sources.homes import read_capacities

NOTE = data.READINGS.with_name("README.md").read_text(encoding="utf-8")
DIGEST = "80eb7230162fecb0c9cd67c50e1a69b2c8e75459fd8af9cbcddc5a0376da2079"


def rows() -> list[dict[str, str]]:
    with gzip.open(data.READINGS, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_forty_homes_have_every_half_hour_of_seven_days_in_whole_wh() -> None:
    found = rows()
    homes = {row["home"] for row in found}
    assert len(homes) == 40
    assert len(found) == 40 * data.DAYS * 48
    assert found[0]["interval_start"] == f"{data.FIRST_DAY} 00:00"
    assert all(row["grid_import_wh"].isdecimal() and row["grid_export_wh"].isdecimal() for row in found)
    assert len({(row["home"], row["interval_start"]) for row in found}) == len(found)


def test_only_homes_with_panels_export_and_never_more_than_these_make() -> None:
    capacities = read_capacities(data.HOMES)
    assert len(capacities) == 40
    assert sum(1 for watts in capacities.values() if watts) == 13
    assert all(int(row["grid_export_wh"]) * 2 <= capacities[row["home"]] for row in rows())


def test_the_packed_file_holds_no_time_or_machine_and_is_the_one_the_script_writes() -> None:
    """The script writes the same bytes anywhere; whoever changes the rules changes this digest with them."""
    packed = data.READINGS.read_bytes()
    assert packed[3] == 0, "no file name in the gzip header"
    assert packed[4:8] == bytes(4), "no time in the gzip header"
    assert sha256(gzip.decompress(packed)).hexdigest() == DIGEST
    assert len(packed) < 100_000


def test_the_note_names_the_source_its_licences_and_the_script(project_root: Path) -> None:
    for needed in (
        "SimBench",
        "Open Database License",
        "Database Contents License",
        "https://opendatacommons.org/licenses/odbl/1-0/",
        "ODbL",
    ):
        assert needed in NOTE
    assert (project_root / "scripts" / "simbench_excerpt.py").is_file()
    assert "scripts/simbench_excerpt.py" in NOTE
