"""A household without any key is asked to sign where it said it can be reached, once for every document, and signs by a code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.messages.commands import Gateway, accept_report
from ledger.messages.model import Message
from ledger.messages.sealing import prepare
from ledger.messages.signatures import REPORT, signature_of
from ledger.parties.commands import draft_unit
from ledger.parties.contacts import contacts_of, end_contact
from ledger.services.commands import follow_due, submit
from ledger.services.documents import Papers, request_code
from ledger.services.inviting import InviteReport, invite_due
from ledger.services.queries import request_by_id, signing
from ledger.services.reminders import remind_due
from ledger.services.routing import desk as set_desk
from ledger.services.signatures import over_words, restless
from ledger.settings import Settings
from ledger.signing.contacting import change_contact
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.services.conftest import COUNTER, HOUSEHOLD, Desk, at
from tests.ledger.services.test_supply_story import PLAN
from tests.ledger.signing.hall import Hall

WHEN = "2026-03-03T09:00"
SECRET = b"a secret that both of us know 01"


@pytest.fixture
def hall(world: World, sessions: sessionmaker[Session], tmp_path: Path) -> Hall:
    town = Town(world.gateway, sessions, DocumentStore(tmp_path / "agreements"), world.operator, world.guardian)
    with sessions.begin() as session:
        return Hall(town, prepare(session, Settings(state_dir=tmp_path / "state", mailbox=True)))


def invited(hall: Hall) -> InviteReport:
    with hall.sessions.begin() as session:
        return invite_due(session, hall.desk)


def test_a_customer_without_a_key_is_invited_once_where_they_can_be_reached(hall: Hall, session: Session) -> None:
    desk = Desk(session, draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"))
    utility = hall.town.party(session, "Điện lực", "utility")
    request = submit(session, service="low-voltage-supply", given=HOUSEHOLD, actor=COUNTER, at=at("2026-03-02T09:00"), unit=desk.unit)
    desk.act(request, "accept", "2026-03-03T08:00")
    papers = Papers(hall.town.store, utility, {"connection-plan": PLAN})
    desk.act(request, "record", WHEN, given={"needs_works": "no", "supply_point": "T15"}, papers=papers)
    assert request.party is not None
    assert (request.party.role, request.party.signer, request.party.name) == ("customer", None, HOUSEHOLD["customer_name"])
    assert [(one.channel, one.address, one.given_by) for one in contacts_of(session, request.party)] == [
        ("sms", "+84912345678", "staff:minh")
    ]
    session.commit()
    with ThreadPoolExecutor(1) as elsewhere:
        with hall.sessions.begin() as office:
            report = invite_due(office, hall.desk)
            assert (len(report.sent), report.unreached) == (1, ())
            other = elsewhere.submit(invited, hall)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.3)  # another office waits for the document, and finds nothing left to do
        assert other.result(timeout=30).sent == ()
    (message,) = session.scalars(select(Message)).all()
    (plan,) = signing(session, request).open
    assert (message.channel, message.address, message.about) == ("sms", "+84912345678", plan.id)
    assert restless(session) == []
    assert follow_due(session, at("2026-03-04T09:00")).moved == ()


def test_a_customer_nobody_can_reach_is_named_and_tried_again(hall: Hall, session: Session) -> None:
    desk = Desk(session, draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"))
    utility = hall.town.party(session, "Điện lực", "utility")
    request = submit(session, service="low-voltage-supply", given=HOUSEHOLD, actor=COUNTER, at=at("2026-03-02T09:00"), unit=desk.unit)
    desk.act(request, "accept", "2026-03-03T08:00")
    papers = Papers(hall.town.store, utility, {"connection-plan": PLAN})
    desk.act(request, "record", WHEN, given={"needs_works": "no", "supply_point": "T15"}, papers=papers)
    assert request.party is not None
    end_contact(session, contacts_of(session, request.party)[0], now_s=at(WHEN))
    report = invite_due(session, hall.desk)
    assert report.sent == ()
    assert [why for _, why in report.unreached] == ["its customer has no contact"]
    assert request_by_id(session, request.id).state == "open"


def test_a_lost_link_goes_to_each_other_contact_once_and_then_the_desk_is_told(hall: Hall, session: Session) -> None:
    desk = Desk(session, draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"))
    set_desk(session, desk.unit, channel="email", address="dieuhanh@example.vn")
    utility = hall.town.party(session, "Điện lực", "utility")
    request = desk.take("2026-03-02T09:00", email="hoa@example.vn")
    desk.act(request, "accept", "2026-03-03T08:00")
    papers = Papers(hall.town.store, utility, {"connection-plan": PLAN})
    desk.act(request, "record", WHEN, given={"needs_works": "no", "supply_point": "T15"}, papers=papers)
    hall.now = at(WHEN)
    (plan,), party, code = signing(session, request).open, request.party, request_code(request)
    assert party is not None

    def sent() -> list[str | None]:
        report = invite_due(session, hall.desk)
        assert invite_due(session, hall.desk).sent == (), "once"
        newest = session.scalars(select(Message).where(Message.about == plan.id).order_by(Message.id.desc())).first()
        return [newest.address for _ in report.sent if newest is not None]

    def stuck() -> str:
        return "".join(over_words(signing(session, request)))

    assert (sent(), stuck()) == (["+84912345678"], "")
    lose(session, plan.id, hall.now)
    assert "it goes to another contact (sonang signing link" in stuck()
    assert (sent(), stuck()) == (["hoa@example.vn"], "")
    assert remind_due(session, hall.now + 3_600).queued == ()

    lose(session, plan.id, hall.now)
    assert (sent(), invite_due(session, hall.desk).unreached[0][0]) == ([], code)
    assert "the link to sign did not arrive (email: 550 no such user); record another contact of the customer" in stuck()
    assert [remind_due(session, hall.now + hour * 3_600).queued for hour in (0, 1)] == [(code,), ()]
    reminder = session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert reminder is not None
    assert reminder.subject == f"{code}: chưa mời ký được · the customer is not reached"

    changed = change_contact(session, party, "sms", "0912 000 999", by="staff:an", now_s=hall.now)
    assert (sent(), f"or vouch for it at the counter (sonang signing vouch … {changed.id} --staff …)" in stuck()) == ([], True)
    hall.wait(72 * 3_600)
    assert (sent(), stuck()) == (["+84912000999"], "")


def lose(session: Session, agreement: bytes, now: int) -> None:
    """The newest link to a document is reported as failed."""
    newest = session.scalars(select(Message).where(Message.about == agreement).order_by(Message.id.desc())).first()
    assert newest is not None
    body = orjson.dumps({"id": newest.handle, "state": "failed", "code": "550 no such user"})
    signed = signature_of(SECRET, REPORT, str(now), body)
    accept_report(session, Gateway(newest.channel, SECRET), body, signed, str(now), now_s=now)  # type: ignore[arg-type]
