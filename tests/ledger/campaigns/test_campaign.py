"""A campaign from its list to issued files: on a real chain, with a real authority, codes read from real messages."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ledger.agreements.model import AgreementRow
from ledger.campaigns import commands, queries
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.campaigns.queries import CampaignReport
from ledger.errors import ConflictError, InputError, RuleError
from ledger.messages.model import Message
from ledger.parties.commands import draft_party, draft_unit
from ledger.sealing.levels import check_issued
from ledger.sealing.sealer import Sealer
from ledger.signing.commands import CHANGED, decline
from ledger.signing.desk import note
from ledger.signing.reminding import remind_signers
from ledger.signing.rules import DAY_S
from ledger.transparency.model import LogEntry
from tests.ledger.campaigns.customers import customer
from tests.ledger.campaigns.office import Office
from tests.ledger.signing.hall import NOON, Hall


@pytest.fixture
def office(hall: Hall, sealer: Sealer) -> Office:
    """An office with nothing to do yet."""
    return Office(hall, sealer)


def test_everybody_gets_one_document_and_who_is_stuck_is_named_with_the_reason(office: Office) -> None:
    with office.hall.sessions.begin() as session:
        draft_party(session, label=customer(2)["customer_code"], role="customer", name="Another Name", signer=None)
    campaign = office.start(6)
    first = office.run(campaign)
    assert (first.total, first.counts["invited"], first.counts["stuck"]) == (4, 3, 1)
    assert (first.stuck[0].label, first.stuck[0].stage) == (customer(2)["customer_code"], "chosen")
    assert "known under another name" in first.stuck[0].why
    drafts = office.unsigned()
    for agreement in drafts[:2]:
        office.sign(agreement)
    with office.hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, drafts[2])
        decline(session, row, row.owner, reason="tôi dọn nhà", now_s=office.hall.now)
    last = office.run(campaign)
    assert (last.done, last.counts["stuck"], last.counts["invited"]) == (2, 2, 0)
    assert any("tôi dọn nhà" in one.why for one in last.stuck)
    for agreement in drafts[:2]:
        check_issued(office.hall.store.read_issued(agreement), office.hall.store.read(agreement), office.sealer.trust_roots)
    with office.hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(LogEntry).where(LogEntry.event == "issued")) == 2
        assert session.scalars(select(CampaignMember.given).where(CampaignMember.agreement_id.is_not(None))).all() == [None] * 3
    assert office.run(campaign) == last


def test_a_run_that_is_stopped_at_any_moment_is_gone_on_with_and_nobody_gets_two_documents(office: Office) -> None:
    campaign = office.start(10)
    for moment in (1, 2):
        seen: list[CampaignReport] = []

        def told(now: CampaignReport, seen: list[CampaignReport] = seen, moment: int = moment) -> None:
            seen.append(now)
            if len(seen) == moment:
                office.stop.set()

        office.run(campaign, told)
        office.stop.clear()
    for agreement in office.unsigned():
        office.sign(agreement)
    report = office.run(campaign)
    assert (report.total, report.done) == (8, 8)
    with office.hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(AgreementRow)) == 8
        links = select(func.count()).select_from(Message).where(Message.key.startswith("signing-link/"))
        assert session.scalar(links) == 8


def test_a_member_is_tried_again_once_its_cause_is_mended(office: Office) -> None:
    with office.hall.sessions.begin() as session:
        known = draft_party(session, label=customer(2)["customer_code"], role="customer", name="Another Name", signer=None).id
        unit = draft_unit(session, code="PE1500", name="Điện lực Tân Thuận").id
    campaign = office.start(3)
    assert office.run(campaign).counts["stuck"] == 1
    with office.hall.sessions.begin() as session:
        found = queries.campaign_named(session, "large")
        assert commands.retry(session, found) == 1
        party = session.get_one(type(found.utility), known)
        party.name = customer(2)["name"]
    assert office.run(campaign).counts["invited"] == 1
    with office.hall.sessions() as session:
        row = session.scalars(select(AgreementRow)).one()
        assert row.unit_id == unit, "the unit that serves the customer sees it"


def test_members_who_were_reminded_to_sign_are_counted_once_whatever_else_reminds(office: Office) -> None:
    first, second = office.start(4), office.start(3, "again", served="again")
    hall = office.hall
    with hall.sessions.begin() as session:
        session.get_one(Campaign, first).deadline = NOON + 10 * DAY_S
    report = office.run(first)
    assert (report.counts["invited"], report.reminded) == (2, 0)
    signed, other = office.unsigned()
    office.sign(signed)
    hall.wait(3 * DAY_S)
    for _ in range(2):
        with hall.sessions.begin() as session:
            remind_signers(session, hall.desk)
    with hall.sessions() as session:
        told = [queries.report_of(session, session.get_one(Campaign, one)).reminded for one in (first, second)]
    assert told == [1, 0]
    with hall.sessions.begin() as session:
        note(session, "fetch", at_s=hall.now, agreement=other, refused=RuleError(CHANGED, field="document", fix="restore it"))
    with hall.sessions() as session:
        (stuck,) = queries.report_of(session, session.get_one(Campaign, first)).stuck
    assert (stuck.stage, "its file changed since it was shown" in stuck.why) == ("invited", True)


def test_a_campaign_needs_a_name_of_its_own_and_somebody_in_its_segment(office: Office) -> None:
    office.start(3)
    with pytest.raises(ConflictError, match="is taken"):
        office.start(3)
    with pytest.raises(InputError, match="nobody"):
        office.start(1, "small")
