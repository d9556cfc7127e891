"""Days unlike the others: the law's single buyer, a village without roofs, silent, torn or unbelievable meters, and huge sums."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from sqlalchemy import select

from ledger.metering.model import ImportedHome, ImportedInterval
from tests.stories.village import OTHERS, ROOFS, Energies, Village, energies

pytestmark = pytest.mark.slow
DAY = "2016-05-21"
ABSURD_WH = (2**63 - 1, 9_223_372_036_854_775)


@pytest.fixture
def village() -> Iterator[Village]:
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        made = Village(Path(folder))
        yield made
        assert made.processes() == {}


def test_by_law_the_utility_buys_all_surplus_and_serves_all_demand(village: Village) -> None:
    report = village.imported("--mechanism", "single_buyer", "--region", "centre", "--published-price", "900").day(DAY)
    totals = report["totals"]
    assert report["mechanism"] == "single_buyer"
    assert (totals["traded_wh"], totals["to_utility_wh"], totals["from_utility_wh"]) == (0, totals["export_wh"], totals["import_wh"])
    assert all(slot["price_vnd_per_kwh"] == 0 for slot in report["slots"])
    assert all(check["holds"] for check in report["checks"])
    assert [one["kind"] for one in report["evidence"]] == ["agreement", "reading", "trade", "position"]
    (seen, *_) = (page.extract_text() for page in pypdf.PdfReader(report["agreements"][0]["file"]).pages)
    assert "miền Trung" in seen, "the price frame is the region's that was named, although others would admit the price"


def test_a_village_without_roofs_buys_everything_and_signs_no_sale(village: Village) -> None:
    week = {place: wh for place, wh in energies().items() if place[0] in OTHERS}
    report = village.imported(week=week, powers=dict.fromkeys(OTHERS, "0")).day(DAY)
    assert report["agreements"] == []
    assert report["totals"]["from_utility_wh"] == report["totals"]["import_wh"] > 0
    assert [one["kind"] for one in report["evidence"]] == ["reading", "trade", "position"]
    assert all(check["holds"] for check in report["checks"])


def test_silent_torn_and_unbelievable_meters_do_not_stop_the_others(village: Village) -> None:
    """One home has no data that day, one joins at six, and one roof of 2 kWp exports 50 kWh in two hours, which oracles refuse."""
    silent, torn, wild = OTHERS[0], OTHERS[1], ROOFS[0]
    week: Energies = {place: wh for place, wh in energies().items() if place[0] != silent or not place[1].startswith(DAY)}
    for hour in ("00", "02", "04"):
        del week[torn, f"{DAY} {hour}:00:00"]
    week[wild, f"{DAY} 12:00:00"] = (0, 50_000)
    report = village.imported(week=week, powers={**dict.fromkeys(OTHERS, "0"), **dict.fromkeys(ROOFS, "14"), wild: "2"}).day(DAY)
    held = {one["home"]: one for one in report["positions"]}
    assert (held[silent]["bought_wh"], held[wild]["sold_wh"], held[wild]["net_mvnd"]) == (0, 0, 0)
    assert held[torn]["bought_wh"] == sum(taken for (home, start), (taken, _) in week.items() if home == torn and start.startswith(DAY))
    assert report["anchors"][0]["count"] == 6 * 12
    assert all(check["holds"] for check in report["checks"])
    unread = {one["home"]: (one["intervals"], one["why"]) for one in report["unread"]}
    assert unread == {silent: (12, "silent"), torn: (3, "gaps"), wild: (12, "refused")}


def test_a_file_with_an_import_no_connection_carries_is_refused_at_its_place(village: Village) -> None:
    file = village.folder / "absurd.csv"
    for wh in ABSURD_WH:
        rows = [f"{home},{DAY} {hour:02}:00:00,100,0\n" for home in OTHERS[:2] for hour in range(0, 24, 2)]
        rows[-1] = rows[-1].replace(",100,", f",{wh},")
        file.write_text("home,interval_start,grid_import_wh,grid_export_wh\n" + "".join(rows), encoding="utf-8")
        done = village.sonang("import-readings", str(file), "--zone", "village", "--time-zone", "UTC+1", "--interval", "120")
        assert done.returncode != 0
        told = f"line 25, column 3 (grid_import_wh): {wh} Wh in 7200 s is more than a connection carries (200000 Wh)"
        assert told in " ".join(done.stderr.split())
    again = village.sonang("day", "--zone", "village", "--date", DAY, "--report", str(village.report()))
    assert "no zone" in again.stderr, "nothing of the file was kept"


def test_unbelievable_imports_do_not_stop_the_others(village: Village) -> None:
    """Two homes claim more than a wire carries, in intervals that were imported before files were looked at for that."""
    village.imported()
    liars = dict(zip(OTHERS, ABSURD_WH, strict=False))
    with village.database() as session:
        for home, wh in liars.items():
            found = select(ImportedInterval).join(ImportedHome, ImportedHome.id == ImportedInterval.home_id)
            session.scalars(found.where(ImportedHome.label == home).order_by(ImportedInterval.start).limit(1)).one().import_wh = wh
    first = min(start[:10] for _, start in energies())
    report = village.day(first)
    assert {one["home"]: one["why"] for one in report["unread"]} == dict.fromkeys(liars, "refused")
    held = {one["home"]: one for one in report["positions"]}
    assert [held[home]["net_mvnd"] for home in liars] == [0, 0]
    assert held[OTHERS[2]]["bought_wh"] == sum(taken for (home, _), (taken, _) in energies(first).items() if home == OTHERS[2])
    assert all(check["holds"] for check in report["checks"])


def test_a_day_that_costs_more_than_64_bits_count_is_settled_written_and_proven(village: Village) -> None:
    """A works beside a plant of a gigawatt, at the highest price there is."""
    week = energies()
    works, highest = OTHERS[0], 2**32 - 1
    week |= {(home, start): (2_400_000_000, 0) for home, start in week if home == works and start.startswith(DAY)}
    powers = {**dict.fromkeys(OTHERS, "0"), **dict.fromkeys(ROOFS, "14"), works: "1000000"}
    village.imported("--retail-price", str(highest), week=week, powers=powers)
    said = village.sonang("day", "--zone", "village", "--date", DAY, "--report", str(village.report()), "--json")
    assert said.returncode == 0, said.stderr
    report = json.loads(village.report().read_bytes())
    assert json.loads(said.stdout)["totals"] == report["totals"]
    assert report["totals"]["buyers_pay_mvnd"] > 2**64
    assert report["totals"]["import_wh"] == sum(taken for (_, start), (taken, _) in week.items() if start.startswith(DAY))
    assert all(check["holds"] for check in report["checks"])
    proof = next(one for one in report["evidence"] if one["kind"] == "position")
    trusted = report["chain"]["trust_block"]["hash"]
    assert village.sonang("verify", "--bundle", proof["file"], "--trust-block", trusted, "--json").returncode == 0
