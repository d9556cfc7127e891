"""`sonang import-readings` as a person uses it: real files, real processes, a real database."""

from __future__ import annotations

import gzip
from pathlib import Path
from shutil import which

import orjson
import pytest
from sqlalchemy.orm import Session

from ledger.day import data
from ledger.metering.model import Mechanism
from ledger.metering.queries import days_with_data, homes_of_zone, load_profiles, zone_by_name
from tests.ledger.metering.files import day_file
from tests.stories.importing import PROGRAM, Sonang

FONTANA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fontana17"


def test_the_demos_week_is_imported_and_every_day_is_whole(bring: Sonang, session: Session) -> None:
    done = bring(data.READINGS, "--time-zone", data.TIME_ZONE, "--capacities", str(data.HOMES), zone="demo")
    assert done.returncode == 0, done.stderr
    assert "imported 13,440 readings of 40 homes, 2016-05-21 00:00 +01:00 to 2016-05-28 00:00 +01:00" in done.stdout
    assert (
        "meter=home, start=interval_start, import=grid_import_wh, export=grid_export_wh; unit Wh; time zone UTC+1; 30 minutes"
        in done.stdout
    )
    following = done.stdout.split("7 ngày đủ · whole days. Tiếp theo · Next: ")[1].split(" day ")[0]
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
