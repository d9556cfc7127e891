"""`sonang day`: a village trades a day on a chain, gets settled, and anybody can check it offline."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.day.limits import buy_steps, sell_steps
from tests.stories.village import ROOFS, Village, energies

pytestmark = pytest.mark.slow
DAY = "2016-05-21"
PUBLISHED, RETAIL = 1_012, 2_204


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """A village after its first day, with an oracle lost half-way."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        made = Village(Path(folder)).imported()
        made.day(DAY, "first", "--lose-an-oracle")
        yield made


@pytest.fixture(scope="module")
def report(village: Village) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(village.report("first").read_bytes())
    return found


def reference(day: str) -> list[dict[str, int]]:
    """Clears a day the slow, obvious way: every Wh at its limit, cheapest seller to dearest buyer, one price for all."""
    metered = energies(day)
    return [
        _cleared({home: wh for (home, unit), wh in metered.items() if unit == start}) for start in sorted({unit for _, unit in metered})
    ]


def _cleared(unit: dict[str, tuple[int, int]]) -> dict[str, int]:
    offers, bids = [], []
    for home, (taken, given) in unit.items():
        offers += _spread(sell_steps(home, PUBLISHED, RETAIL), given) if home in ROOFS else []
        bids += _spread(buy_steps(home, PUBLISHED, RETAIL), taken)
    demand, surplus = (sum(wh[place] for wh in unit.values()) for place in (0, 1))
    traded = 0
    for price in sorted({price for price, _ in (*offers, *bids)}):
        willing = min(sum(wh for limit, wh in offers if limit <= price), sum(wh for limit, wh in bids if limit >= price))
        traded = max(traded, willing)
    return {
        "surplus_wh": surplus,
        "demand_wh": demand,
        "traded_wh": traded,
        "to_utility_wh": surplus - traded,
        "from_utility_wh": demand - traded,
    }


def _spread(steps: tuple[Any, ...], wh: int) -> list[tuple[int, int]]:
    """How much is offered at each price."""
    spread = []
    for step in steps:
        taken = min(step.quantity_wh, wh)
        spread.append((step.price_vnd_per_kwh, taken))
        wh -= taken
    return spread


def test_a_day_is_traded_as_a_slow_and_obvious_clearing_says(report: dict[str, Any]) -> None:
    expected = reference(DAY)
    assert [{name: slot[name] for name in expected[0]} for slot in report["slots"]] == expected
    assert sum(slot["traded_wh"] for slot in report["slots"]) > 0
    assert all(PUBLISHED <= slot["price_vnd_per_kwh"] <= RETAIL for slot in report["slots"] if slot["traded_wh"])


def test_energy_and_money_are_conserved(report: dict[str, Any]) -> None:
    totals, positions = report["totals"], report["positions"]
    assert totals["import_wh"] == sum(taken for taken, _ in energies(DAY).values())
    assert totals["export_wh"] == sum(given for _, given in energies(DAY).values())
    assert totals["buyers_pay_mvnd"] + totals["utility_pays_mvnd"] == totals["sellers_get_mvnd"] + totals["utility_gets_mvnd"]
    assert sum(one["sold_wh"] for one in positions) == totals["export_wh"]
    assert sum(one["bought_wh"] for one in positions) == totals["import_wh"]
    assert sum(one["net_mvnd"] for one in positions) == totals["sellers_get_mvnd"] - totals["buyers_pay_mvnd"]
    money = sum(slot["traded_wh"] * slot["price_vnd_per_kwh"] + slot["from_utility_wh"] * RETAIL for slot in report["slots"])
    assert money == totals["buyers_pay_mvnd"]
    assert len(report["checks"]) == 11
    assert all(check["holds"] for check in report["checks"])


def test_the_report_says_what_it_must(report: dict[str, Any]) -> None:
    assert (report["zone"], report["date"], report["interval_minutes"]) == ("village", DAY, 120)
    assert [slot["start"] for slot in report["slots"]] == [f"{DAY}T{hour:02}:00:00+01:00" for hour in range(0, 24, 2)]
    assert sorted(one["home"] for one in report["agreements"]) == list(ROOFS)
    for record in (*report["agreements"], *report["anchors"], report["settlement"]):
        assert record["transaction_state"] == "final"
        assert len(record["transaction"]) == 66
    assert (report["chain"]["chain_id"], report["chain"]["client"].split("/")[0]) == (31337, "anvil")
    assert report["chain"]["blocks"] == report["chain"]["trust_block"]["number"] > 0


def test_agreements_are_sealed_documents(report: dict[str, Any]) -> None:
    from hashlib import sha256

    from pypdf import PdfReader

    for one in report["agreements"]:
        sealed = Path(one["file"]).read_bytes()
        assert sealed.startswith(b"%PDF-")
        assert sha256(sealed).hexdigest() == one["sealed_sha256"]
        printed = " ".join(" ".join(page.extract_text() for page in PdfReader(one["file"]).pages).split())
        assert "from 00:00 on 21 May 2016 until before 00:00 on 21 May 2021 (time zone UTC+01:00)" in printed
        assert (one["valid_from"], one["valid_to"]) == ("2016-05-20T23:00:00+00:00", "2021-05-20T23:00:00+00:00")


def test_every_bundle_verifies_offline_and_one_flipped_byte_does_not(village: Village, report: dict[str, Any]) -> None:
    assert [one["kind"] for one in report["evidence"]] == ["agreement", "reading", "trade", "position"]
    trust = ("--trust-block", report["chain"]["trust_block"]["hash"], "--deployment", village.environment["SONANG_DEPLOYMENT_FILE"])
    nothing = {"SONANG_STATE_DIR": str(village.folder / "auditor"), "SONANG_RPC_URL": "http://127.0.0.1:9"}
    for one in report["evidence"]:
        done = village.sonang("verify", "--bundle", one["file"], *trust, **nothing)
        assert done.returncode == 0, done.stdout + done.stderr
        altered = bytearray(Path(one["file"]).read_bytes())
        altered[len(altered) // 2] ^= 1
        file = village.folder / "altered.zip"
        file.write_bytes(altered)
        assert village.sonang("verify", "--bundle", str(file), *trust, **nothing).returncode != 0


def test_the_same_day_again_changes_nothing_and_answers_the_same(village: Village) -> None:
    before = village.report("first").read_bytes(), village.report("first").with_suffix(".html").read_bytes()
    village.day(DAY, "again")
    assert (village.report("again").read_bytes(), village.report("again").with_suffix(".html").read_bytes()) == before


def test_a_day_without_data_is_said_to_be_left_out_and_the_report_goes_where_the_state_is(village: Village) -> None:
    done = village.sonang("day", "--zone", "village", "--date", "2016-05-20", "--days", "2", "--json", here=village.folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "sonang: 1 of 2 days have no whole data and were left out: 2016-05-20\n"
    file = village.folder / "state" / "reports" / "village-2016-05-20_2016-05-21.json"
    assert Path(json.loads(done.stdout)["report"]).samefile(file)
    assert json.loads(file.read_bytes())["days_without_data"] == ["2016-05-20"]
    assert not (village.folder / "report.json").exists()


def test_files_below_the_folder_it_is_asked_from_are_named_from_there_and_the_commands_can_be_pasted(village: Village) -> None:
    asked = ("day", "--zone", "village", "--date", DAY, "--report", "here.json")
    done = village.sonang(*asked, here=village.folder)
    assert done.returncode == 0, done.stderr
    first = (village.folder / "here.json").read_bytes()
    report = json.loads(first)
    for one in (*report["agreements"], *report["evidence"]):
        assert one["file"].startswith("state/")
        assert (village.folder / one["file"]).is_file()
    commands = [line.strip() for line in done.stdout.splitlines() if " verify --bundle state/" in line]
    assert len(commands) == 4
    shell = subprocess.run(["/bin/sh", "-c", commands[2]], cwd=village.folder, env=village.environment, capture_output=True, check=False)
    assert shell.returncode == 0, shell.stdout
    village.sonang(*asked, here=village.folder)
    assert (village.folder / "here.json").read_bytes() == first


def test_nothing_runs_on_when_a_day_is_done(village: Village) -> None:
    assert village.processes() == {}


def test_an_earlier_day_is_refused_since_its_gates_have_closed(village: Village) -> None:
    village.day("2016-05-23", "monday")
    done = village.sonang("day", "--zone", "village", "--date", "2016-05-22", "--report", str(village.report("sunday")))
    assert done.returncode == 1
    assert "the gate closed at 2016-05-22 03:00 +01:00" in done.stderr, "orders of the first two units were fixed as their gates passed"
    assert "choose a later day, or another folder (SONANG_STATE_DIR=…)" in done.stderr
    assert not village.report("sunday").exists()


def test_days_in_a_row_continue_and_add_up(village: Village) -> None:
    report = village.day("2016-05-24", "days", "--days", "2")
    assert [day["date"] for day in report["days"]] == ["2016-05-24", "2016-05-25"]
    for day in report["days"]:
        expected = reference(day["date"])
        assert [{name: slot[name] for name in expected[0]} for slot in day["slots"]] == expected
    assert report["totals"]["traded_wh"] == sum(day["totals"]["traded_wh"] for day in report["days"])
    answer = village.sonang(
        "day", "--zone", "village", "--date", "2016-05-24", "--days", "2", "--report", str(village.report("days")), "--json"
    )
    told = json.loads(answer.stdout)
    assert (told["days"], told["checks"], told["checks_that_hold"]) == (2, 22, 22)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--zone", "vilage", "--date", DAY), "did you mean 'village'?"),
        (("--zone", "village", "--date", "2017-01-01"), "choose a day from 2016-05-21 to 2016-05-27"),
        (("--zone", "village", "--date", "21/05/2016"), "write it as in 2016-05-25"),
        (("--zone", "village", "--date", DAY, "--days", "2", "--month"), "give one of them"),
        (("--zone", "village", "--date", DAY, "--report", "x.html"), "name a .json file"),
    ],
)
def test_a_wrong_wish_is_answered_in_one_line_that_says_what_to_do(village: Village, words: tuple[str, ...], said: str) -> None:
    done = village.sonang("day", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
