"""`sonang service submit --at` and `act --at` said how many days were left at the moment that was named, not now: a request written down in
November that came in September "had 20 days left", and was late.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.calling import Sonang, answer
from tests.ledger.services.conftest import HOUSEHOLD
from tests.ledger.services.test_command_line import sonang

__all__ = ["sonang"]


def test_the_time_left_is_as_of_now_whenever_it_happened(sonang: Sonang, tmp_path: Path) -> None:
    sonang("unit", "add", "PA01HH", "--name", "Điện lực Hồng Hà")
    paper = tmp_path / "request.json"
    paper.write_text(json.dumps({"service": "low-voltage-supply", "unit": "PA01HH", "given": HOUSEHOLD}))
    told = answer(sonang("submit", str(paper), "--at", "2026-02-13T10:00", "--json"))
    assert (told["time"]["late"], told["received_s"]) == (True, 1770951600)
    done = answer(sonang("act", "1", "accept", "--at", "2026-02-23T08:00", "--json"))
    assert (done["time"]["late"], done["acts"][-1]["at_s"]) == (True, 1771808400)
    assert sonang("overdue")[0] == 3
    assert "quá hạn" in sonang("submit", str(paper), "--at", "2026-02-13T10:00")[1]
