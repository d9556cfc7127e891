"""A request that led to nothing keeps nothing of a person beyond its time, unless somebody has it held."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from ledger.errors import InputError, RuleError
from ledger.life.commands import erase_party, lift_hold, place_hold
from ledger.messages.model import Message
from ledger.messages.sealing import prepare
from ledger.office.erasing import finish
from ledger.parties.commands import draft_party
from ledger.services.acting import facts_given, values_of
from ledger.services.attachments import Vault, attach, attachments_of
from ledger.services.expiring import forget_unmet, withdraw_unanswered
from ledger.services.holding import hold_request, on_request_of
from ledger.services.model import Request, RequestAttachment
from ledger.services.returns import forget_party
from ledger.services.telling import tell_due
from ledger.settings import Settings
from tests.ledger.life.test_command import told, typed
from tests.ledger.services.conftest import COUNTER, CUSTOMER, OFFICE, Desk, at
from tests.ledger.services.test_attachments import picture

__all__ = ["typed"]

REJECTED, YEAR_AFTER = at("2025-03-04T09:00"), at("2026-03-04T09:00")


@pytest.fixture
def rejected(desk: Desk, tmp_path: Path) -> Request:
    """A stranger's request with a photograph, rejected before anybody became a party."""
    request = desk.take("2025-03-03T09:00")
    attach(desk.session, Vault(tmp_path / "attachments"), request, name="a.jpg", data=picture(), actor=COUNTER, at=at("2025-03-03T09:01"))
    desk.act(request, "reject", "2025-03-04T09:00", reason="nhà của Nguyễn Thị A đang tranh chấp")
    assert request.party is None
    return request


def emptied(desk: Desk, when: int = YEAR_AFTER) -> int:
    return forget_unmet(desk.session, at=when, days=365)


def test_it_loses_values_files_and_notes_a_year_after_it_ended_and_keeps_what_was_done_when(desk: Desk, rejected: Request) -> None:
    before = [(one.verb, one.at_s, one.actor) for one in rejected.acts]
    assert (emptied(desk, YEAR_AFTER - 1), len(values_of(rejected))) == (0, 8)
    assert (emptied(desk), emptied(desk)) == (1, 0)
    assert (values_of(rejected), facts_given(rejected), attachments_of(desk.session, rejected)) == ({}, {}, [])
    assert desk.session.scalars(select(RequestAttachment.key)).all() == []
    assert [(one.verb, one.at_s, one.actor) for one in rejected.acts] == before
    assert {one.note for one in rejected.acts} == {None}
    assert (rejected.state, rejected.closed_s) == ("rejected", REJECTED)


def test_one_that_runs_or_was_met_is_left_alone_and_one_withdrawn_is_not(desk: Desk) -> None:
    running, met, withdrawn = (desk.take("2025-03-03T09:00") for _ in range(3))
    desk.act(withdrawn, "withdraw", "2025-03-04T09:00", actor=CUSTOMER, reason="thôi")
    met.state, met.step, met.closed_s = "closed", None, REJECTED
    assert emptied(desk) == 1
    assert [bool(values_of(one)) for one in (running, met, withdrawn)] == [True, True, False]


def test_a_legal_hold_keeps_it_until_it_is_lifted(desk: Desk, rejected: Request) -> None:
    hold = hold_request(desk.session, rejected, reason="Khiếu nại 7", by="Pháp chế", at=REJECTED)
    assert emptied(desk) == 0
    lift_hold(desk.session, hold, reason="đã giải quyết", by="Pháp chế", at=YEAR_AFTER)
    assert emptied(desk) == 1
    with pytest.raises(RuleError, match="it was emptied"):
        hold_request(desk.session, rejected, reason="Khiếu nại 8", by="Pháp chế", at=YEAR_AFTER)


def test_a_hold_on_its_customer_keeps_it_and_a_hold_on_it_keeps_its_customer(desk: Desk, rejected: Request) -> None:
    customer = draft_party(desk.session, label="A", role="customer", name="Nguyễn Thị A", signer=None)
    rejected.party = customer
    on_party = place_hold(desk.session, party=customer, reason="Vụ án 1", by="Pháp chế", at=REJECTED)
    assert emptied(desk) == 0
    with pytest.raises(RuleError, match=f"legal hold {on_party.id} by Pháp chế"):
        erase_party(desk.session, customer, by="Lưu trữ", at=YEAR_AFTER, on_request=on_request_of)
    lift_hold(desk.session, on_party, reason="xong", by="Pháp chế", at=YEAR_AFTER)
    hold_request(desk.session, rejected, reason="Khiếu nại 7", by="Pháp chế", at=REJECTED)
    with pytest.raises(RuleError, match=f"a legal hold stands on request {rejected.number}"):
        erase_party(desk.session, customer, by="Lưu trữ", at=YEAR_AFTER, on_request=on_request_of, others=(forget_party,))


def test_the_office_empties_it_by_itself_after_the_days_that_are_set(desk: Desk, rejected: Request, tmp_path: Path) -> None:
    kept = desk.take("2025-03-03T09:00")
    desk.act(kept, "reject", "2025-03-04T09:00", actor=OFFICE, reason="trùng")
    hold_request(desk.session, kept, reason="Khiếu nại 7", by="Pháp chế", at=REJECTED)
    patient = Settings(state_dir=tmp_path, request_retention_days=36_500)
    assert finish(desk.session, patient).emptied == 0
    assert finish(desk.session, Settings(state_dir=tmp_path)).emptied == 1
    assert [bool(values_of(one)) for one in (rejected, kept)] == [False, True]


def test_whoever_handles_a_complaint_types_a_hold_on_a_request(desk: Desk, rejected: Request, typed: CliRunner) -> None:
    kept = desk.take("2025-03-03T09:00")
    desk.act(kept, "reject", "2025-03-04T09:00", reason="trùng")
    desk.session.commit()
    assert f"request {kept.number}, từ · since" in told(
        typed, "hold", "--request", str(kept.number), "--reason", "Khiếu nại 7", "--by", "Pháp chế"
    )
    with pytest.raises(InputError, match="name one thing to hold"):
        told(typed, "hold", "--request", "1", "--party", "A", "--reason", "x", "--by", "Pháp chế")
    assert "Requests that led to nothing, emptied now: 1" in (listed := told(typed, "list"))
    assert f"request {kept.number}, từ · since" in listed
    desk.session.expire_all()
    assert [bool(values_of(one)) for one in (rejected, kept)] == [False, True]


def test_one_that_nobody_answers_is_withdrawn_long_after_its_customer_was_reminded_and_they_are_told(desk: Desk, tmp_path: Path) -> None:
    opener = prepare(desk.session, Settings(state_dir=tmp_path))
    returned, held, answered = (desk.take("2025-03-03T09:00", email="hoa@example.vn", phone="02438254321") for _ in range(3))
    for one in (returned, held, answered):
        desk.act(one, "hand-back", "2025-03-04T09:00", reason="ảnh mờ")
    desk.act(answered, "give", "2025-03-05T09:00", actor=CUSTOMER, given={"place_title": "sổ đỏ"})
    hold_request(desk.session, held, reason="Khiếu nại 7", by="Pháp chế", at=REJECTED)
    due = at("2025-06-05T09:00")
    assert withdraw_unanswered(desk.session, at=due) == [], "nobody was reminded yet"
    tell_due(desk.session, public_url="https://a.example", now=at("2025-03-07T09:00"))
    reminder = desk.session.scalars(select(Message).where(Message.about == returned.id)).one()
    assert "in 90 days from this message it counts as withdrawn" in opener.open(reminder.handle, reminder.body or b"")
    assert withdraw_unanswered(desk.session, at=due) == [], "nobody carried the reminder yet"
    reminder.state, reminder.body, reminder.sent_s = "sent", None, at("2025-03-07T09:00")
    assert withdraw_unanswered(desk.session, at=due - 1) == []
    assert withdraw_unanswered(desk.session, at=due) == [returned]
    assert withdraw_unanswered(desk.session, at=due) == []
    last = returned.acts[-1]
    assert (returned.state, last.verb, last.who, last.note) == ("withdrawn", "withdraw", "system", "không có trả lời · nobody answered")
    assert [held.state, answered.state] == ["returned", "open"]
    assert len(tell_due(desk.session, public_url="https://a.example", now=due)) == 1
    (last,) = desk.session.scalars(select(Message).where(Message.about == returned.id, Message.id != reminder.id))
    assert "was not answered and counts as withdrawn" in opener.open(last.handle, last.body or b"")
