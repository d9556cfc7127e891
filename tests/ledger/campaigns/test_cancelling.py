"""A campaign that is given up: before anything, half-way, twice, and while it runs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow
from ledger.campaigns import commands, queries, running
from ledger.campaigns.cancelling import cancel, withdraw_next
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.campaigns.queries import CampaignReport, Cancelled
from ledger.cli.campaign_told import tell_report
from ledger.errors import InputError, RuleError
from ledger.messages.model import Message
from ledger.sealing.sealer import Sealer
from ledger.services.signatures import held_back
from ledger.signing.commands import decline
from ledger.signing.countersigning import countersign_due
from ledger.signing.queries import progress_of
from tests.ledger.campaigns.customers import customer
from tests.ledger.campaigns.office import Office
from tests.ledger.signing.hall import NOON, Hall

WHY = "Biểu giá mới từ 01/07"
PATIENCE_S, MOMENT_S = 10.0, 0.2


@pytest.fixture
def office(hall: Hall, sealer: Sealer) -> Office:
    """An office with nothing to do yet."""
    return Office(hall, sealer)


def give_up(office: Office, campaign: int, *, by: str = "Phòng Kinh doanh", reason: str = WHY) -> tuple[bool, int]:
    """Cancels a campaign; whether it was the first time, and how many documents were withdrawn."""
    with office.hall.sessions.begin() as session:
        first = cancel(session, session.get_one(Campaign, campaign), by=by, reason=reason, now_s=office.hall.now)
    after, withdrawn = -1, 0
    while (found := withdraw_next(office.hall.sessions, campaign, after, now_s=lambda: office.hall.now)) is not None:
        after, withdrawn = found[0], withdrawn + found[1]
    return first, withdrawn


def report(office: Office, campaign: int) -> CampaignReport:
    with office.hall.sessions() as session:
        return queries.report_of(session, session.get_one(Campaign, campaign), now_s=office.hall.now)


def test_what_nobody_signed_is_withdrawn_what_was_signed_stays_and_no_more_is_drafted(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hall, campaign = office.hall, office.start(8)
    monkeypatch.setattr(running, "AT_ONCE", 4)
    office.told.clear()

    def stop(_: CampaignReport) -> None:
        office.stop.set()

    office.run(campaign, stop)
    office.stop.clear()
    signed, unwilling, *asked = office.unsigned()
    office.sign(signed)
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, unwilling)
        decline(session, row, row.owner, reason="tôi dọn nhà", now_s=hall.now)
    for wrong in ({"reason": "  "}, {"by": ""}, {"reason": "x" * 501}):
        with pytest.raises(InputError):
            give_up(office, campaign, **wrong)  # type: ignore[arg-type]
    assert report(office, campaign).cancelled is None

    assert give_up(office, campaign) == (True, 2)
    told = report(office, campaign)
    assert told.cancelled == Cancelled(NOON, "Phòng Kinh doanh", WHY)
    assert {stage: count for stage, count in told.counts.items() if count} == {"signed": 1, "cancelled": 5}
    with hall.sessions() as session:
        for one in asked:
            stands = progress_of(session, session.get_one(AgreementRow, one))
            assert (stands.state, stands.reason) == ("declined", WHY), "the customer's page says so"
        assert session.scalars(select(CampaignMember.given).where(CampaignMember.agreement_id.is_(None))).all() == [{}, {}]
        links = select(Message.about, Message.state).where(Message.key.startswith("signing-link/"))
        states = dict(session.execute(links).all())  # type: ignore[arg-type]
        assert states == {signed: "queued", unwilling: "queued"} | dict.fromkeys(asked, "expired"), "no link goes out to what was withdrawn"
    for again in (lambda: office.run(campaign), lambda: retry(office, campaign)):
        with pytest.raises(RuleError, match=f"large was cancelled by Phòng Kinh doanh: {WHY} .* begin another"):
            again()

    hall.wait(60)
    assert give_up(office, campaign, by="somebody else", reason="another") == (False, 0)
    assert report(office, campaign) == told, "again, nothing changes"
    assert len(countersign_due(hall.desk, held_back=held_back()).done) == 1, "what the customer signed goes its way"
    after = report(office, campaign)
    assert (after.counts["sealed"], after.counts["cancelled"]) == (1, 5)
    tell_report(after)
    assert f"đã huỷ · cancelled 01/07/2026 12:00 (giờ Việt Nam · Vietnam time), Phòng Kinh doanh: {WHY}" in capsys.readouterr().out
    second = office.start(8, "second", served="leave-out")
    with hall.sessions() as session:
        anew = session.scalar(select(func.count()).where(CampaignMember.campaign_id == second))
    assert anew == 5, "of all six only who has signed is served; a cancelled campaign will draft nothing for the others"


def retry(office: Office, campaign: int) -> int:
    with office.hall.sessions.begin() as session:
        return commands.retry(session, session.get_one(Campaign, campaign))


def test_who_signs_while_it_is_cancelled_has_signed_and_nobody_is_left_in_between(office: Office) -> None:
    campaign = office.start(5)
    office.run(campaign)
    first, *others = office.unsigned()
    with office.hall.sessions.begin() as session:
        cancel(session, session.get_one(Campaign, campaign), by="an", reason=WHY)
    half = report(office, campaign)
    assert (half.counts["invited"], half.counts["cancelled"]) == (3, 0)
    office.sign(first)  # the program was stopped before it came to this one
    assert give_up(office, campaign) == (False, 2)
    counts = report(office, campaign).counts
    assert (counts["signed"], counts["cancelled"], counts["stuck"]) == (1, 2, 0)
    with office.hall.sessions() as session:
        assert set(session.scalars(select(DraftEnding.agreement_id))) == set(others)


def test_a_run_that_is_going_on_ends_between_two_members(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign, drafting, drafted = office.start(8), threading.Event(), 0

    def slow(*given: object, **named: object) -> AgreementRow:
        nonlocal drafted
        row = commands.draft_for(*given, **named)  # type: ignore[arg-type]
        drafted += 1
        if drafted == 2:  # two documents of six
            drafting.set()
            threading.Event().wait(MOMENT_S)  # cancelling waits for this member
        return row

    monkeypatch.setattr(running, "draft_for", slow)
    with ThreadPoolExecutor() as people:
        going = people.submit(office.run, campaign)
        assert drafting.wait(PATIENCE_S)
        withdrawn = give_up(office, campaign)
        with pytest.raises(RuleError, match="was cancelled by"):
            going.result(PATIENCE_S)
    told = report(office, campaign)
    with office.hall.sessions() as session:
        made = session.scalar(select(func.count()).select_from(AgreementRow))
        links = session.scalar(select(func.count()).where(Message.key.startswith("signing-link/")))
    assert (withdrawn, links) == ((True, made), 0)
    assert (drafted, told.counts["cancelled"], told.total) == (made, 6, 6)
    assert customer(7)["customer_code"] not in {one.label for one in told.stuck}
