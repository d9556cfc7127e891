"""A campaign from its list to issued files: on a real chain, with a real authority, codes read from real messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from ledger.agreements.model import AgreementRow
from ledger.campaigns import commands, queries
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.campaigns.queries import CampaignReport
from ledger.campaigns.rules import read_list
from ledger.campaigns.running import Runner
from ledger.errors import ConflictError, InputError
from ledger.messages.model import Message
from ledger.parties.commands import draft_party
from ledger.sealing.batch import BatchSealer
from ledger.sealing.levels import check_issued
from ledger.sealing.sealer import Sealer
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import decline, present
from ledger.signing.reminding import remind_signers
from ledger.signing.rules import DAY_S
from ledger.transparency.model import LogEntry
from tests.ledger.agreements.town import FOREVER
from tests.ledger.campaigns.customers import COMMON, KIND, customer, listed
from tests.ledger.signing.hall import NOON, Hall


@dataclass
class Office:
    """Runs campaigns in a hall, and answers for its customers."""

    hall: Hall
    sealer: Sealer
    told: list[CampaignReport] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def start(self, count: int, name: str = "large") -> int:
        text = listed([customer(number) for number in range(count)])
        with self.hall.sessions.begin() as session:
            made = Campaign(
                name=name,
                kind=KIND,
                utility=self.hall.utility(session),
                valid_from=NOON,
                deadline=FOREVER,
                over_kwh=3_000,
                file_name="customers.csv",
                file_digest=sha256(text.encode()).digest(),
            )
            commands.start_campaign(session, made, read_list(text, KIND, COMMON, over_kwh=3_000))
            return made.id

    def run(self, campaign: int, told: Callable[[CampaignReport], object] | None = None) -> CampaignReport:
        runner = Runner(self.hall.desk, BatchSealer(self.sealer), lambda: None, told or self.told.append)
        return runner.run(campaign, self.stop)

    def unsigned(self) -> list[bytes]:
        open_ones = select(AgreementRow.id).where(AgreementRow.sealed_digest.is_(None)).order_by(AgreementRow.created_s)
        with self.hall.sessions() as session:
            return list(session.scalars(open_ones))

    def sign(self, agreement: bytes) -> None:
        """The customer reads the document and types the code from the message."""
        with self.hall.sessions.begin() as session:
            row = session.get_one(AgreementRow, agreement)
            showing = present(session, self.hall.store, row, row.owner, now_s=self.hall.now).id
        request_code(self.hall.desk, showing, "email")
        confirm_code(self.hall.desk, showing, self.hall.code())


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
    campaign = office.start(3)
    assert office.run(campaign).counts["stuck"] == 1
    with office.hall.sessions.begin() as session:
        found = queries.campaign_named(session, "large")
        assert commands.retry(session, found) == 1
        party = session.get_one(type(found.utility), known)
        party.name = customer(2)["name"]
    assert office.run(campaign).counts["invited"] == 1


def test_members_who_were_reminded_to_sign_are_counted_once_whatever_else_reminds(office: Office) -> None:
    first, second = office.start(4), office.start(3, "again")
    hall = office.hall
    with hall.sessions.begin() as session:
        session.get_one(Campaign, first).deadline = NOON + 10 * DAY_S
    report = office.run(first)
    assert (report.counts["invited"], report.reminded) == (2, 0)
    signed, _ = office.unsigned()
    office.sign(signed)
    hall.wait(3 * DAY_S)
    for _ in range(2):
        with hall.sessions.begin() as session:
            remind_signers(session, hall.desk)
    with hall.sessions() as session:
        told = [queries.report_of(session, session.get_one(Campaign, one)).reminded for one in (first, second)]
    assert told == [1, 0]


def test_a_campaign_needs_a_name_of_its_own_and_somebody_in_its_segment(office: Office) -> None:
    office.start(3)
    with pytest.raises(ConflictError, match="is taken"):
        office.start(3)
    with pytest.raises(InputError, match="nobody"):
        office.start(1, "small")
