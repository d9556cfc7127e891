"""An internal audit was written down as asked for at the counter, or on the web site: the channel nobody had named, or any that was.

An inspection or an audit is ordered internally, by itself; another channel is refused by its name.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.api.test_services import Branch, branch
from tests.calling import Sonang, answer
from tests.ledger.services.conftest import REVIEW
from tests.ledger.services.test_command_line import sonang

__all__ = ["branch", "sonang"]

SAID = "audit is ordered internally, not by web – give internal, or leave it out"


def test_a_review_is_ordered_internally_by_a_command(sonang: Sonang, tmp_path: Path) -> None:
    sonang("unit", "add", "PA01HH", "--name", "Điện lực Hồng Hà")
    paper = tmp_path / "audit.json"
    paper.write_text(json.dumps({"service": "audit", "unit": "PA01HH", "given": REVIEW}))
    code, said = sonang("submit", str(paper), "--channel", "web")
    assert (code, f"channel: {SAID}" in said) == (1, True), said
    assert answer(sonang("submit", str(paper), "--json"))["channel"] == "internal"


def test_and_over_http(branch: Branch) -> None:
    body = {"service": "audit", "unit": "PA01HH", "given": REVIEW}
    made = branch.http.post("/api/v1/staff/requests", json=body, headers=branch.staff)
    assert (made.status_code, made.json()["channel"]) == (200, "internal")
    refused = branch.http.post("/api/v1/staff/requests", json=body | {"channel": "web"}, headers=branch.staff)
    assert (refused.status_code, refused.json()["field"]) == (422, "channel")
