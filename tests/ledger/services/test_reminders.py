"""Reminders: whoever is late is told once for a step and day, on working days, without a word about the customer."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.messages.model import Message
from ledger.messages.sealing import Opener, prepare
from ledger.services.documents import request_code
from ledger.services.reminders import remind_due
from ledger.services.routing import desk as set_desk
from ledger.settings import Settings
from tests.ledger.services.conftest import HOUSEHOLD, Desk, at


def told(session: Session, opener: Opener) -> list[tuple[str, str]]:
    """Subject and text of every message queued, in order."""
    found = session.scalars(select(Message).order_by(Message.id))
    return [(one.subject, opener.open(one.handle, one.body or b"")) for one in found]


def test_a_late_request_is_reminded_of_once_a_day_until_it_moves_on(desk: Desk, tmp_path: Path) -> None:
    opener = prepare(desk.session, Settings(state_dir=tmp_path))
    set_desk(desk.session, desk.unit, channel="email", address="dieuhanh@example.vn")
    request = desk.take("2026-03-02T09:00")
    code = request_code(request)
    assert remind_due(desk.session, at("2026-03-02T10:00")).queued == ()
    assert remind_due(desk.session, at("2026-03-03T08:00")).queued == (code,)  # a step's four hours end at half past eleven
    again = remind_due(desk.session, at("2026-03-03T16:00"))
    assert (again.queued, again.waiting, again.until) == ((), (code,), at("2026-03-04T00:00"))
    assert remind_due(desk.session, at("2026-03-04T08:00")).queued == (code,)
    desk.act(request, "accept", "2026-03-04T08:30")
    assert remind_due(desk.session, at("2026-03-04T08:31")).queued == ()
    saturday = remind_due(desk.session, at("2026-03-07T08:00"))
    assert (saturday.queued, saturday.waiting, saturday.until) == ((), (code,), at("2026-03-09T00:00"))
    assert remind_due(desk.session, at("2026-03-10T08:00")).queued == (code,)
    said = told(desk.session, opener)
    assert [subject for subject, _ in said] == [f"{code}: sắp đến hạn · due soon", f"{code}: quá hạn · late", f"{code}: quá hạn · late"]
    assert "Hạn của yêu cầu · Request due: 09/03/2026 17:00 (quá hạn 30 phút · 30 min late)" in said[-1][1]
    assert "khảo sát" in said[-1][1]
    everything = "\n".join(subject + body for subject, body in said)
    assert [name for name, value in HOUSEHOLD.items() if len(str(value)) > 5 and str(value) in everything] == []


def test_nobody_is_reminded_while_the_customer_has_the_next_word(desk: Desk, tmp_path: Path) -> None:
    prepare(desk.session, Settings(state_dir=tmp_path))
    set_desk(desk.session, desk.unit, channel="sms", address="+84912345678")
    request = desk.take("2026-03-02T09:00", phone=None)
    desk.act(request, "hand-back", "2026-03-03T08:00", reason="thiếu điện thoại")
    assert remind_due(desk.session, at("2026-04-01T08:00")).queued == ()


def test_a_unit_without_a_desk_is_named(desk: Desk, tmp_path: Path) -> None:
    prepare(desk.session, Settings(state_dir=tmp_path))
    desk.take("2026-03-02T09:00")
    desk.take("2026-03-02T09:00", "renewal", metering_point="PX99ZZ0000001")
    report = remind_due(desk.session, at("2026-03-10T08:00"))
    assert (report.queued, report.nowhere) == ((), ("-", "PA01HH"))
