"""Verification said of minutes, which have no end, that they are in force until 9999-12-31 and expire then; the customer's page did not."""

from __future__ import annotations

from api.pages.verify import TOLD
from api.pages.views import page
from ledger.agreements.rules import OPEN_END
from ledger.evidence.claims.agreement import agreement_status
from ledger.evidence.findings import Answer, Report, SeenBlock
from ledger.evidence.shown import lines
from ledger.protocol.slots import AgreementRecord

NOW = 1_782_838_800


def about(valid_to: int, status: int = 1, ended_at: int = 0) -> Report:
    """A report on an agreement with that end."""
    found = agreement_status(AgreementRecord(bytes(32), bytes(32), NOW, valid_to, ended_at, status, bytes(32)), NOW)
    return Report(Answer.AUTHENTIC, "agreement", SeenBlock(1, bytes(32), NOW), found, (), {"valid_to": valid_to}, ())


def told(report: Report) -> str:
    """What the command prints and what the page shows of it."""
    told = {"headline": "", "good": True, "advice": None, "failed": [], "passed": 0, "skipped": 0, "trusted": "given", "file": ""}
    shown = lines(report)
    return "\n".join([*shown, bytes(page("verdict.html", report=report, lines=shown, **told, **TOLD).body).decode()])


def test_minutes_in_force_have_no_end_on_the_command_line_and_on_the_page() -> None:
    said = told(about(OPEN_END))
    assert "Hợp đồng · Agreement: đang có hiệu lực · in force, không thời hạn · no end\n" in said
    assert f"  valid_to: {OPEN_END} (không thời hạn · no end)" in said
    assert 'in force</span></strong>, không thời hạn <span class="en" lang="en">· no end</span></p>' in said
    assert not [word for word in ("9999", "until", "expired") if word in said]


def test_what_ends_or_was_ended_says_until_when() -> None:
    assert "until 2027-07-01 00:00:00 UTC, sau đó · then đã hết hạn · expired" in told(about(1_814_400_000))
    assert "until 2027-07-01 00:00:00 UTC, sau đó · then đã chấm dứt · terminated" in told(about(OPEN_END, 3, 1_814_400_000))


def test_programs_are_still_told_the_number() -> None:
    status = about(OPEN_END).status
    assert status is not None
    assert (status.as_json()["at"], status.as_json()["then"]) == (OPEN_END, "expired")
