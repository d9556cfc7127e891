"""Days unlike the others: the law's single buyer, a village without roofs, meters that are silent, torn or not to be believed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest

from tests.stories.village import OTHERS, ROOFS, Energies, Village, energies

pytestmark = pytest.mark.slow
DAY = "2016-05-21"


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
