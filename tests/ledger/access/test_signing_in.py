"""A customer signs in by a code that came to a settled contact, once, in time, by whoever asked for it; nobody learns who is a customer."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.access.commands import ask_to_sign_in, customer_of, forget_access, send_code, sign_in, sign_out
from ledger.access.limits import spend
from ledger.access.model import AccessSession, AskedOften, SignIn
from ledger.access.rules import CODE_S, CODE_TRIES, CUSTOMER_SESSION_S, Limit, as_asked, wording
from ledger.errors import AccessError, LimitError
from ledger.messages.commands import forget_recipient
from ledger.messages.model import Message
from ledger.messages.rules import segments
from ledger.messages.wording import as_typed, grouped
from ledger.parties.commands import draft_party
from ledger.parties.contacts import COOLING_OFF_S, give_contacts
from tests.ledger.access.conftest import NOW, House


def test_the_code_that_came_signs_in_for_two_hours_and_then_no_more(house: House) -> None:
    ticket, sent = house.ask()
    assert sent
    token = sign_in(house.session, ticket, f" {house.code()[:3]} {house.code()[3:]} ", now_s=NOW + 60)
    assert token is not None
    assert customer_of(house.session, token, now_s=NOW + 60).id == house.customer.id
    with pytest.raises(AccessError) as refused:
        customer_of(house.session, token, now_s=NOW + 60 + CUSTOMER_SESSION_S)
    assert "/sign-in" in refused.value.fix


def test_a_code_works_once(house: House) -> None:
    ticket, _ = house.ask()
    assert sign_in(house.session, ticket, house.code(), now_s=NOW) is not None
    assert sign_in(house.session, ticket, house.code(), now_s=NOW) is None


def test_a_code_that_is_late_or_belongs_to_another_ticket_does_not_sign_in(house: House) -> None:
    ticket, _ = house.ask()
    code = house.code()
    other, _ = house.ask("somebody-else")
    assert sign_in(house.session, other, code, now_s=NOW) is None
    assert sign_in(house.session, "guess", code, now_s=NOW) is None
    assert sign_in(house.session, ticket, code, now_s=NOW + CODE_S) is None
    assert sign_in(house.session, ticket, code, now_s=NOW + CODE_S - 1) is not None


def test_guessing_ends_after_five_wrong_codes_even_when_the_sixth_is_right(house: House) -> None:
    ticket, _ = house.ask()
    wrong = "000000" if house.code() != "000000" else "000001"
    for _ in range(CODE_TRIES):
        assert sign_in(house.session, ticket, wrong, now_s=NOW) is None
    assert sign_in(house.session, ticket, house.code(), now_s=NOW) is None


def test_two_browsers_with_one_code_sign_in_once(sessions: sessionmaker[Session], house: House) -> None:
    ticket, _ = house.ask()
    code, found, barrier = house.code(), [], threading.Barrier(2)
    house.session.commit()

    def attempt() -> None:
        barrier.wait(10)
        with sessions.begin() as session:
            found.append(sign_in(session, ticket, code, now_s=NOW))

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert sum(token is not None for token in found) == 1


def test_nothing_stored_tells_who_is_a_customer_or_helps_to_guess_the_code(house: House) -> None:
    _, known = house.ask()
    _, unknown = house.ask("PE15000999999")
    assert (known, unknown) == (True, False)
    house.session.flush()
    rows = house.session.scalars(select(SignIn)).all()
    assert {(row.tries, row.expires_s, row.ended_s) for row in rows} == {(0, NOW + CODE_S, None)}
    stored = house.session.scalar(text("SELECT string_agg(sign_in::text, ' ') FROM sign_in"))
    assert house.code() not in stored
    assert "999999" not in stored


def test_a_changed_contact_gets_no_code_while_it_cools_and_the_other_one_still_does(house: House) -> None:
    give_contacts(house.session, house.customer, {"email": "thief@example.vn"}, by="party", now_s=NOW)
    assert house.ask(channel="email")[1] is False
    assert house.ask()[1] is True
    assert house.session.scalars(select(Message)).one().address == "+84912345678"
    assert house.ask(channel="email", now=NOW + COOLING_OFF_S)[1] is True


def test_a_code_sent_to_a_contact_that_was_withdrawn_meanwhile_does_not_sign_in(house: House) -> None:
    ticket, _ = house.ask(channel="email")
    code = house.code()
    give_contacts(house.session, house.customer, {"email": "new@example.vn"}, by="party", now_s=NOW)
    assert sign_in(house.session, ticket, code, now_s=NOW) is None


def test_an_erased_customer_and_the_utility_itself_are_sent_nothing(house: House) -> None:
    utility = draft_party(house.session, label="EVN", role="utility", name="EVN", signer=b"\x01" * 20)
    give_contacts(house.session, utility, {"email": "evn@example.vn"}, by="staff:an", now_s=NOW)
    assert house.ask("EVN")[1] is False
    ticket, _ = house.ask()
    token = sign_in(house.session, ticket, house.code(), now_s=NOW)
    house.customer.salt_key = None
    assert house.ask()[1] is False
    with pytest.raises(AccessError):
        customer_of(house.session, token, now_s=NOW)


def test_erasing_a_customer_ends_their_sessions_and_takes_their_address_from_every_message(house: House) -> None:
    ticket, _ = house.ask()
    token = sign_in(house.session, ticket, house.code(), now_s=NOW)
    house.ask()
    assert forget_recipient(house.session, ["an@example.vn"], house.customer.id) == 2
    forget_access(house.session, house.customer.id)
    house.session.expire_all()
    assert {(one.address, one.subject, one.body) for one in house.session.scalars(select(Message))} == {(None, "", None)}
    assert house.session.scalars(select(SignIn).where(SignIn.party_id.is_not(None))).all() == []
    with pytest.raises(AccessError):
        customer_of(house.session, token, now_s=NOW)


def test_a_customer_code_may_be_typed_in_small_letters_and_in_groups(house: House) -> None:
    assert all(house.ask(typed)[1] for typed in ("pe15000123456 ", "PE15 000 123 456", "pe15-0001\u201123456"))
    assert as_asked("Hộ An-Bình 1 ") == "Hộ An-Bình 1", "a name with blanks of its own stays"


def test_one_ticket_sends_one_code(house: House) -> None:
    ticket = ask_to_sign_in(house.session, now_s=NOW)
    assert send_code(house.session, ticket, "PE15000123456", now_s=NOW)
    assert not send_code(house.session, ticket, "PE15000123456", now_s=NOW)
    assert not send_code(house.session, "no ticket", "PE15000123456", now_s=NOW)


def test_signing_out_ends_the_session_and_its_token_is_kept_nowhere(house: House) -> None:
    ticket, _ = house.ask()
    token = sign_in(house.session, ticket, house.code(), now_s=NOW)
    assert token is not None
    assert token not in str(house.session.scalar(text("SELECT string_agg(access_session::text, ' ') FROM access_session")))
    sign_out(house.session, token)
    with pytest.raises(AccessError):
        customer_of(house.session, token, now_s=NOW)
    assert house.session.scalar(select(func.count()).select_from(AccessSession)) == 0


def test_the_message_fits_one_sms_segment_and_warns_in_both_languages() -> None:
    words = wording("428913")
    assert "428 913" in words.body("email")
    assert segments(words.body("sms")).count == 1
    assert "không" in words.body("zalo")
    assert "428" not in words.subject()


@given(st.text(alphabet="0123456789 -\t\n", max_size=20))
def test_spaces_in_a_code_do_not_matter(typed: str) -> None:
    plain = "".join(one for one in typed if one.isdigit())
    assert as_typed(typed) == as_typed(grouped(plain)) == plain


LIMITS = (Limit("test/client", 3, 60), Limit("test/all", 5, 60))


def test_a_limit_counts_for_each_asker_and_for_all_and_ends_with_its_window(sessions: sessionmaker[Session]) -> None:
    start = NOW - NOW % 60
    for _ in range(3):
        spend(sessions, LIMITS, "10.0.0.1", now_s=start + 10)
    for _ in range(5):  # over their own limit, and using up nothing of what all share
        with pytest.raises(LimitError) as refused:
            spend(sessions, LIMITS, "10.0.0.1", now_s=start + 20)
        assert refused.value.retry_after_s == 40
    for other in ("10.0.0.2", "10.0.0.3"):
        spend(sessions, LIMITS, other, now_s=start + 20)
    with pytest.raises(LimitError):
        spend(sessions, LIMITS, "10.0.0.4", now_s=start + 20)
    spend(sessions, LIMITS, "10.0.0.1", now_s=start + 60)
    with sessions() as session:
        assert set(session.scalars(select(AskedOften.ends_s))) == {start + 120}
        assert "10.0.0.1" not in str(session.scalar(text("SELECT string_agg(asked_often::text, ' ') FROM asked_often")))


def test_many_who_ask_at_once_are_all_counted(sessions: sessionmaker[Session]) -> None:
    limits, refused = (Limit("race/client", 8, 60), Limit("race/all", 1_000, 60)), []

    def ask() -> None:
        try:
            spend(sessions, limits, "10.0.0.9", now_s=NOW)
        except LimitError as wrong:
            refused.append(wrong)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert len(refused) == 4
