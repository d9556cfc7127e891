"""`Integer exceeds 64-bit range`: a settled day whose sums of money are larger than 64 bits could not be written down."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from api.routes.settlement import PositionAnswer
from ledger.cli import verify as verify_command
from ledger.day.summary import page_beside, print_summary, write_report
from ledger.evidence.findings import Answer, Report
from tests.ledger.day.samples import HASH, sample_report

MONEY = st.one_of(st.integers(-(2**255), 2**255), st.sampled_from([2**53 + 1, 2**63, 2**64, 2**127, -(2**63) - 1]))
LEAN = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rich(money: int) -> dict[str, Any]:
    """A day on which so much is paid."""
    report = sample_report()
    report["positions"][0]["net_mvnd"] = money
    report["totals"] |= dict.fromkeys(("buyers_pay_mvnd", "sellers_get_mvnd", "utility_pays_mvnd", "utility_gets_mvnd"), abs(money))
    report["checks"].append({"name": "money_in_is_money_out", "left": abs(money), "right": abs(money), "holds": True})
    return report


@LEAN
@given(MONEY)
def test_a_report_and_its_page_are_written_and_every_sum_is_exact(tmp_path: Path, money: int) -> None:
    file, report = tmp_path / "report.json", rich(money)
    write_report(report, file)
    assert json.loads(file.read_bytes()) == report
    assert page_beside(file).stat().st_size > 0
    print_summary(Console(quiet=True), report, file)


@LEAN
@given(money=MONEY)
def test_a_verified_amount_is_answered_as_json(capsys: pytest.CaptureFixture[str], money: int) -> None:
    report = Report(Answer.AUTHENTIC, "trade", None, None, (), {"amount_mvnd": money}, ())
    verify_command._answer(verify_command.Outcome(report, None, None, None), [], as_json=True)
    assert json.loads(capsys.readouterr().out)["facts"] == {"amount_mvnd": money}


@LEAN
@given(MONEY)
def test_the_api_answers_it_as_a_json_integer(money: int) -> None:
    app = FastAPI()

    @app.get("/", response_model=PositionAnswer)
    def position() -> Any:
        return {"party_id": HASH, "sold_wh": 2**70, "bought_wh": 0, "net_mvnd": money, "leaf_hash": HASH}

    answer = asyncio.run(_asked(app))
    assert (answer["net_mvnd"], answer["sold_wh"]) == (money, 2**70)


async def _asked(app: FastAPI) -> dict[str, Any]:
    """What an application answers at its root."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        found: dict[str, Any] = json.loads((await client.get("/")).content)
        return found
