"""A member of a campaign whose link did not arrive could not be helped: no retry sent another, and one sent by hand was not seen."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
import pytest
from sqlalchemy import select

from ledger.agreements.model import AgreementRow
from ledger.campaigns import commands, queries
from ledger.campaigns.queries import Stuck
from ledger.cli.campaign_told import tell_report
from ledger.messages.commands import Gateway, accept_report
from ledger.messages.model import Message
from ledger.messages.signatures import REPORT, signature_of
from ledger.parties.contacts import standing_contact
from ledger.sealing.sealer import Sealer
from ledger.signing.contacting import change_contact, vouch_by_staff
from ledger.signing.links import send_link
from tests.ledger.campaigns.customers import customer
from tests.ledger.campaigns.office import Office
from tests.ledger.signing.hall import Hall

SECRET = b"a secret that both of us know 01"
ONE = customer(2)["customer_code"]


@dataclass
class Helped(Office):
    """An office with a campaign of one customer."""

    campaign: int = 0

    def standing(self) -> Stuck | str:
        """Why the customer is stuck, or the stage it is at."""
        with self.hall.sessions() as session:
            told = queries.report_of(session, queries.campaign_named(session, "large"), now_s=self.hall.now)
        return told.stuck[0] if told.stuck else next(stage for stage, count in told.counts.items() if count)

    def why(self) -> str:
        standing = self.standing()
        assert isinstance(standing, Stuck), standing
        return standing.why

    def lose(self) -> Message:
        """The newest link is reported as failed."""
        with self.hall.sessions.begin() as session:
            newest = session.scalars(select(Message).where(Message.key.startswith("signing-link/")).order_by(Message.id.desc())).first()
            assert newest is not None
            body, at = orjson.dumps({"id": newest.handle, "state": "failed", "code": "550 no such user"}), str(self.hall.now)
            signed = signature_of(SECRET, REPORT, at, body)
            accept_report(session, Gateway(newest.channel, SECRET), body, signed, at, now_s=self.hall.now)  # type: ignore[arg-type]
            return newest

    def links(self) -> list[tuple[str, str | None]]:
        """Where links went, oldest first."""
        asked = select(Message.channel, Message.address).where(Message.key.startswith("signing-link/")).order_by(Message.id)
        with self.hall.sessions() as session:
            return [(channel, address) for channel, address in session.execute(asked)]

    def retry(self) -> int:
        with self.hall.sessions.begin() as session:
            again = commands.retry(session, queries.campaign_named(session, "large"))
        self.run(self.campaign)
        return again


@pytest.fixture
def office(hall: Hall, sealer: Sealer) -> Helped:
    made = Helped(hall, sealer)
    made.campaign = made.start(3)
    assert made.run(made.campaign).counts["invited"] == 1
    return made


def test_a_retry_goes_by_another_contact_and_every_reason_says_what_to_do(office: Helped) -> None:
    hall, phone, mail = office.hall, ("sms", "+84910000002"), ("email", "khach2@example.vn")
    assert office.links() == [phone]
    office.lose()
    stuck = office.standing()
    assert isinstance(stuck, Stuck)
    with hall.sessions() as session:
        assert stuck.lookup_code == session.scalars(select(AgreementRow.lookup_code)).one()
    assert stuck.why.startswith("the link did not arrive: sms: 550 no such user – then `sonang campaign retry large`")
    assert "by email to k…@example.vn" in stuck.why
    assert office.run(office.campaign).counts["stuck"] == 1
    assert (office.retry(), office.links(), office.standing()) == (1, [phone, mail], "invited")
    assert office.retry() == 0

    office.lose()
    assert f"correct the contact (`sonang signing contact {ONE} CHANNEL ADDRESS --staff NAME`; it cools off for 72 h" in office.why()
    with hall.sessions.begin() as session:
        party = session.scalars(select(AgreementRow)).one().owner
        number = change_contact(session, party, "email", "moi@example.vn", by="staff:an", now_s=hall.now).id
    vouch = f"`sonang signing vouch {ONE} {number} --staff NAME`"
    assert "cools off for 72 h: wait until 04/07/2026 12:00 (Vietnam), or have another member of staff than an see" in office.why()
    assert vouch in office.why()
    with hall.sessions.begin() as session:
        vouch_by_staff(session, standing_contact(session, session.merge(party), "email"), staff="binh", now_s=hall.now)
    assert "by email to m…@example.vn" in office.why()
    assert (office.retry(), office.links()[2:], office.standing()) == (1, [("email", "moi@example.vn")], "invited")


def test_where_only_a_changed_contact_is_left_the_reason_is_that_it_cools_off(office: Helped, capsys: pytest.CaptureFixture[str]) -> None:
    office.lose()
    assert office.retry() == 1
    office.lose()
    with office.hall.sessions.begin() as session:
        party = session.scalars(select(AgreementRow)).one().owner
        for channel, address in (("sms", "0912 000 999"), ("email", "moi@example.vn")):
            change_contact(session, party, channel, address, by="staff:an", now_s=office.hall.now)  # type: ignore[arg-type]
    assert office.retry() == 1
    assert "no link was sent – the changed contact" in office.why()
    stuck = office.standing()
    assert isinstance(stuck, Stuck)
    assert stuck.message == "email: 550 no such user", "what the gateway said of the last one stands beside it"
    with office.hall.sessions() as session:
        tell_report(queries.report_of(session, queries.campaign_named(session, "large"), now_s=office.hall.now))
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "tin nhắn · message: email: 550 no such user" in told
    office.hall.wait(72 * 3_600)
    assert "then `sonang campaign retry large`: the next run sends it by sms to +84…999" in office.why()
    assert (office.retry(), office.links()[-1]) == (1, ("sms", "+84912000999"))


def test_a_link_sent_by_hand_counts_and_is_not_sent_again(office: Helped) -> None:
    office.lose()
    with office.hall.sessions.begin() as session:
        row = session.scalars(select(AgreementRow)).one()
        send_link(session, office.hall.desk, row, row.owner, "email")
    assert office.standing() == "invited"
    assert office.run(office.campaign).counts["stuck"] == 0
    assert (office.retry(), len(office.links())) == (0, 2)
    office.lose()
    assert "did not arrive" in office.why()
    assert (office.retry(), office.standing()) == (1, "invited")
