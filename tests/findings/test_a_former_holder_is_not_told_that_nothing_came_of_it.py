"""A change of holder was rejected or withdrawn, and the former holder, who had been asked to sign minutes for it, never heard of that.

Whoever was asked to sign something for a request is told that it ended without them: once, without a word about its customer.
"""

from __future__ import annotations

from ledger.messages.model import Message
from ledger.parties.contacts import contacts_of
from ledger.parties.model import Party
from ledger.services.acting import Actor
from ledger.services.commands import submit
from ledger.services.documents import request_code
from ledger.services.inviting import invite_due
from ledger.services.model import Request
from ledger.services.news_words import others_words
from ledger.services.returns import empty
from ledger.services.telling import KEY, tell_due
from tests.ledger.services.conftest import COUNTER, HOUSEHOLD, at
from tests.ledger.services.test_following import DONE, OVER, sealed
from tests.ledger.services.test_newcomers import CODE, Counter, counter
from tests.ledger.services.test_supply_story import UTILITY

__all__ = ["counter"]

NOW = at("2026-04-03T09:00")
REASON = "Trần Thị B thiếu giấy tờ"


def passing(counter: Counter, newcomer: str) -> Request:
    """A change of holder up to the minutes and the new contract, which wait for signatures."""
    given = {name: HOUSEHOLD[name] for name in ("supply_address", "place_title", "purpose", "phases", "capacity_w")}
    given |= {"holder_new": "Trần Thị B", "holder_new_identity": "001080000002", "holder_consent": "giấy đồng ý", "phone": newcomer}
    request = submit(counter.session, service="contract-holder", given=given, actor=COUNTER, at=at("2026-04-01T09:00"), metering_point=CODE)
    counter.act(request, "accept", "2026-04-01T09:00")
    counter.act(request, "record", "2026-04-01T10:00", given=DONE, papers=counter.papers(termination_minutes=OVER))
    facts = {"contract_number": "26/015433/PA01HH", "meter_rating": "10(80) A"}
    return counter.act(request, "draft", "2026-04-01T11:00", papers=counter.papers(**{"*": UTILITY, "supply-residential": facts}))


def told(counter: Counter, now: int = NOW) -> list[tuple[str | None, str]]:
    """Where news goes now, with its words."""
    counter.session.flush()
    known = {one.id for one in counter.session.query(Message)}
    tell_due(counter.session, public_url="https://a.example", now=now)
    fresh = counter.session.query(Message).where(Message.key.startswith(KEY), Message.id.not_in(known)).order_by(Message.id)
    return [(one.address, counter.hall.opener.open(one.handle, one.body or b"")) for one in fresh]


def by_email(counter: Counter, party: Party, address: str) -> None:
    """They are reached by e-mail alone: an SMS says less."""
    for one in contacts_of(counter.session, party):
        one.channel, one.address = "email", address


def test_the_former_holder_is_told_once_that_a_change_of_holder_was_rejected_and_its_reason_is_not_for_them(counter: Counter) -> None:
    former = sealed(counter).owner
    by_email(counter, former, "cu@example.vn")
    request = passing(counter, "0987654321")
    assert request.party is not None
    by_email(counter, request.party, "moi@example.vn")
    counter.hall.now = at("2026-04-01T12:00")
    assert invite_due(counter.session, counter.hall.desk).sent.count(request_code(request)) == 2
    counter.act(request, "reject", "2026-04-02T09:00", reason=REASON)
    (own, own_words), (other, words) = told(counter)
    assert (own, other) == ("moi@example.vn", "cu@example.vn")
    assert REASON in own_words
    assert all(
        part in words for part in ("không được chấp nhận", "was rejected", "vẫn có hiệu lực như trước", "Your contract goes on as before")
    )
    assert not any(part in words for part in ("Trần Thị B", "0987654321", former.label))
    short = others_words(request, "https://a.example/my", lasts=True).short
    assert "hop dong cua ban van nhu truoc. Ended, your contract goes on." in short, "an SMS says it as well"
    assert len(short) <= 160, "in one segment"
    assert told(counter) == [], "nobody is told twice"
    empty(counter.session, [request])
    counter.session.expire_all()
    theirs = counter.session.query(Message).where(Message.about == request.id).all()
    assert [(one.address, one.body) for one in theirs] == [(None, None)] * 2, "emptying the request forgets whom it was told to"


def test_who_ends_a_request_is_not_told_and_who_was_asked_to_sign_is_however_it_was_given_up(counter: Counter) -> None:
    former = sealed(counter).owner
    unasked = passing(counter, "0987654320")
    counter.act(unasked, "reject", "2026-04-01T12:00", reason=REASON)
    assert [address for address, _ in told(counter)] == ["+84987654320"], "nobody had asked the former holder for anything yet"
    for actor, both in ((None, False), (COUNTER, True)):
        request = passing(counter, "0987654321")
        assert request.party is not None
        counter.hall.now = at("2026-04-01T12:00")
        assert invite_due(counter.session, counter.hall.desk).sent.count(request_code(request)) == 2
        by = actor or Actor("customer", request.party.id.hex(), "web")
        counter.act(request, "withdraw", "2026-04-02T09:00", actor=by, reason="thôi")
        news = told(counter)
        assert [address for address, _ in news] == [*(["+84987654321"] if both else []), former_address(counter, former)]
        assert "nhu truoc. Ended, your contract goes on" in news[-1][1]
        assert not both or "Withdrawn for you" in news[0][1]
        assert told(counter, now=NOW + 8 * 86_400) == []


def former_address(counter: Counter, former: Party) -> str | None:
    (contact,) = contacts_of(counter.session, former)
    return contact.address
