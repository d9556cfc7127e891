"""`--at` took any moment: a mistyped year made a deadline vanish, and every later act was written down as of that year."""

from __future__ import annotations

import json
from pathlib import Path

from tests.calling import Sonang, answer
from tests.ledger.services.conftest import HOUSEHOLD
from tests.ledger.services.test_command_line import sonang

__all__ = ["sonang"]


def test_a_moment_still_to_come_or_before_the_last_act_is_refused_by_its_name(sonang: Sonang, tmp_path: Path) -> None:
    sonang("unit", "add", "PA01HH", "--name", "Điện lực Hồng Hà")
    paper = tmp_path / "request.json"
    paper.write_text(json.dumps({"service": "low-voltage-supply", "unit": "PA01HH", "given": HOUSEHOLD}))
    code, said = sonang("submit", str(paper), "--at", "2050-01-01T08:00")
    assert (code, "at: 01/01/2050 08:00 is still to come – give a moment not later than now" in said) == (1, True)
    answer(sonang("submit", str(paper), "--at", "2026-02-13T10:00", "--json"))
    assert "is still to come" in sonang("act", "1", "accept", "--at", "2060-01-01T00:00")[1]
    early = sonang("act", "1", "accept", "--at", "2020-01-01T00:00")[1]
    assert "before the last act – give a moment not before the last act, 13/02/2026 10:00, and not later than now" in early
    told = answer(sonang("act", "1", "accept", "--at", "2026-02-23T08:00", "--json"))
    assert (told["step"], [one["at_s"] for one in told["acts"]] == sorted(one["at_s"] for one in told["acts"])) == ("survey", True)
