"""The office's duties about requests: units are reminded of what is late, customers of what is unsigned, and none stops another."""

from __future__ import annotations

import datetime

import pytest
from sqlalchemy import select, update

from ledger.messages.model import Message
from ledger.office.duties import Duty, _by_the_day
from ledger.services.documents import request_code
from ledger.services.expiring import forget_unmet
from ledger.services.routing import desk as set_desk
from ledger.services.telling import KEY
from ledger.signing.rules import DAY_S
from tests.ledger.services.conftest import at
from tests.ledger.services.test_newcomers import Counter, counter
from tests.ledger.signing.hall import NOON

__all__ = ["counter"]


@pytest.fixture
def duties(counter: Counter) -> dict[str, Duty]:
    """The duties of an office whose clock is the hall's."""
    return {one.name: one for one in _by_the_day(counter.hall.sessions, counter.hall.desk)}


def letters(counter: Counter, kind: str) -> list[str]:
    """Addresses letters of a kind go to."""
    counter.session.rollback()
    return list(counter.session.scalars(select(Message.address).where(Message.key.startswith(kind)).order_by(Message.id)))


def test_a_units_desk_is_reminded_of_what_is_late_once_a_day_and_a_unit_without_one_is_named(
    counter: Counter, duties: dict[str, Duty]
) -> None:
    late = counter.take("2026-06-01T09:00")
    counter.session.commit()
    assert duties["reminders"].work() == {"nowhere": ["PA01HH"]}
    set_desk(counter.session, counter.unit, channel="email", address="dieuhanh@example.vn")
    counter.session.commit()
    assert duties["reminders"].work() == {"queued": 1}
    assert duties["reminders"].work() == {}
    counter.hall.wait(DAY_S)
    assert duties["reminders"].work() == {"queued": 1}
    assert letters(counter, "service-reminder/") == ["dieuhanh@example.vn"] * 2
    assert any(request_code(late) in letter for letter in counter.hall.letters())


def test_a_customer_who_was_invited_and_has_not_signed_is_reminded_and_nobody_else(counter: Counter, duties: dict[str, Duty]) -> None:
    counter.hall.now = int(datetime.datetime(2026, 3, 3, 3, tzinfo=datetime.UTC).timestamp())
    request = counter.surveyed()
    counter.session.commit()
    assert duties["requests"].work() == {"invited": 1}
    assert duties["unsigned"].work() == {}, "the link was sent just now"
    counter.hall.wait(3 * DAY_S)
    assert duties["unsigned"].work() == {"queued": 1, "nowhere": 0}
    assert duties["unsigned"].work() == {}
    assert letters(counter, "signing-reminder/") == ["+84912345678"]
    counter.act(request, "withdraw", "2026-03-06T10:00", reason="thôi")
    counter.session.commit()
    counter.hall.wait(26 * DAY_S)
    assert duties["unsigned"].work() == {}, "of a withdrawn request nobody is reminded"


def test_a_customer_is_told_what_is_missing_and_once_more_when_they_do_not_answer(counter: Counter, duties: dict[str, Duty]) -> None:
    set_desk(counter.session, counter.unit, channel="email", address="dieuhanh@example.vn")
    request = counter.take("2026-07-01T08:00", place_title="", email="hoa@example.vn", phone="02438254321")
    review = counter.take("2026-07-01T08:00", "audit", review_order="")
    for one in (request, review):
        counter.act(one, "hand-back", "2026-07-01T09:00", reason="sổ hồng chụp mờ")
    counter.session.commit()
    assert duties["news"].work() == {"told": 1}
    assert duties["news"].work() == {}
    said = counter.hall.letters()[-1]
    assert all(
        word in said for word in (request_code(request), "sổ hồng chụp mờ", "giấy tờ xác định chủ thể", f"/my/requests/{request.number}")
    )
    counter.hall.wait(3 * DAY_S)
    assert duties["news"].work() == {"told": 1}
    counter.act(request, "give", "2026-07-04T09:00", given={"place_title": "sổ hồng"})
    counter.act(request, "hand-back", "2026-07-04T10:00", reason="thiếu trang 2")
    counter.session.commit()
    assert duties["news"].work() == {"told": 1}, "it was handed back anew"
    counter.act(request, "reject", "2026-07-04T11:00", reason="không đủ điều kiện cấp điện")
    counter.session.commit()
    assert duties["news"].work() == {"told": 1}
    assert "không đủ điều kiện cấp điện" in counter.hall.letters()[-1]
    assert letters(counter, KEY) == ["hoa@example.vn"] * 4
    forget_unmet(counter.session, at=at("2027-07-05T09:00"), days=365)
    counter.session.commit()
    assert "hoa@example.vn" not in letters(counter, KEY), "letters about it are forgotten with it"


def test_a_request_nobody_answers_is_withdrawn_and_its_customer_told(counter: Counter, duties: dict[str, Duty]) -> None:
    request = counter.take("2026-07-01T08:00", place_title="")
    counter.act(request, "hand-back", "2026-07-01T09:00", reason="sổ hồng chụp mờ")
    counter.session.commit()
    for days, done in ((3, {"told": 1}), (89, {}), (1, {"withdrawn": 1, "told": 1}), (1, {})):
        counter.hall.wait(days * DAY_S)
        assert {**duties["reminders"].work(), **duties["news"].work()} == done
        sent = update(Message).where(Message.state == "queued").values(state="sent", body=None, sent_s=counter.hall.now)
        counter.session.execute(sent)
        counter.session.commit()
    counter.session.refresh(request)
    assert (request.state, request.acts[-1].who) == ("withdrawn", "system")


def test_a_request_that_cannot_be_followed_is_named_and_stops_no_other(counter: Counter, duties: dict[str, Duty]) -> None:
    counter.hall.now = NOON
    stuck, other = counter.surveyed(), counter.surveyed(phone="0912345679")
    for number, one in enumerate((stuck, other)):
        one.documents[0].agreement.sealed_digest = bytes([number]) * 32
    stuck.service_from = datetime.date(2020, 1, 1)
    counter.session.commit()
    done = duties["requests"].work()
    assert done.pop("refused") == [
        f"{request_code(stuck)}: service: no service 'low-voltage-supply' of 2020-01-01 – restore the entry in "
        "ledger/services/services.toml: requests follow it"
    ]
    assert done == {"moved": 1}
    counter.session.refresh(other)
    assert other.step == "draft"
