"""Contacts keep their history, and a changed one gets no code for signing until it has cooled off or something vouches for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ledger.errors import ConflictError, InputError, RuleError
from ledger.messages.rules import check_address
from ledger.parties.contacts import contacts_of, forget_contacts, give_contacts, is_settled, normalised, standing_contact, vouchers_of
from ledger.parties.model import Contact
from ledger.protocol.canonical import parse_canonical
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.contacting import (
    change_contact,
    confirm_contact,
    confirm_vouch,
    request_contact_check,
    request_vouch,
    vouch_by_staff,
)
from tests.ledger.signing.hall import Hall

NEW = "0987 654 321"


def change(hall: Hall, agreement: bytes, address: str = NEW) -> tuple[bytes, int]:
    """The customer's mobile is changed now; its party and the new contact's number."""
    with hall.sessions.begin() as session:
        party = hall.party_of(session, agreement)
        return party.id, change_contact(session, party, "sms", address, by="staff:binh", now_s=hall.now).id


@pytest.mark.parametrize(
    "written", ["0912 345 678", "+84 912.345.678", "84912345678", "0084912345678", "+84 (0)912-345-678", "０912345678"]
)
def test_a_vietnamese_mobile_has_one_form_however_it_is_written(written: str) -> None:
    assert normalised("sms", written) == "+84912345678"


@pytest.mark.parametrize(
    "wrong", ["", "0243 826 0000", "977", "+84 12 345", "09123456789", "+0912345678", "hoa@example.vn", "+84912345٦٧٨"]
)
def test_what_no_code_could_reach_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(InputError) as refused:
        normalised("zalo", wrong)
    assert not wrong or wrong not in str(refused.value)


@given(st.text(max_size=40) | st.from_regex(r"[+0-9 .()-]{6,20}", fullmatch=True))
def test_a_normalised_number_can_be_sent_to_and_normalises_to_itself(text: str) -> None:
    try:
        once = normalised("sms", text)
    except InputError:
        return
    assert check_address("sms", once) == once == normalised("sms", once)


@given(st.emails() | st.text(max_size=40))
def test_a_normalised_e_mail_can_be_sent_to_and_normalises_to_itself(text: str) -> None:
    try:
        once = normalised("email", text)
    except InputError:
        return
    assert check_address("email", once) == once == normalised("email", once)


def test_an_e_mail_keeps_its_local_part_and_loses_the_case_of_its_domain() -> None:
    assert normalised("email", " Hoa.Nguyen@Example.VN ") == "Hoa.Nguyen@example.vn"
    for wrong in ("hoa@localhost", "hoa", "@example.vn", "h oa@example.vn", "a@b@example.vn"):
        with pytest.raises(InputError):
            normalised("email", wrong)


def test_a_change_is_a_new_row_beside_the_old_and_giving_the_same_address_is_no_change(hall: Hall) -> None:
    with hall.sessions.begin() as session:
        party = hall.keyless(session)
        first = standing_contact(session, party, "sms")
        assert give_contacts(session, party, {"sms": "+84912345678"}, by="party", now_s=hall.now) == [first]
        second = give_contacts(session, party, {"sms": NEW}, by="staff:binh", now_s=hall.now)[0]
        history = [one for one in contacts_of(session, party) if one.channel == "sms"]
        assert [(one.address, one.ended_s, one.original, one.given_by) for one in history] == [
            ("+84912345678", hall.now, True, "import"),
            ("+84987654321", None, False, "staff:binh"),
        ]
        assert second.replaces_id == first.id
        forget_contacts(session, party, now_s=hall.now)
        assert {one.address for one in contacts_of(session, party)} == {None}
        assert len(contacts_of(session, party)) == 3


def test_a_contact_changed_an_hour_ago_gets_no_code_and_the_one_before_is_told(hall: Hall) -> None:
    agreement, showing = hall.shown()
    change(hall, agreement)
    assert "+84…321" in hall.letters()[-1]
    hall.wait(3_600)
    with pytest.raises(RuleError, match="changed less than 72 h ago") as refused:
        request_code(hall.desk, showing, "sms")
    assert "71 h" in refused.value.fix
    assert hall.refusals(agreement)[0][0] == "request-code"
    request_code(hall.desk, showing, "email")


def test_once_it_has_cooled_off_it_signs_and_the_evidence_shows_the_change(hall: Hall) -> None:
    agreement, showing = hall.shown()
    change(hall, agreement)
    hall.wait(72 * 3_600)
    request_code(hall.desk, showing, "sms")
    said = parse_canonical(confirm_code(hall.desk, showing, hall.code()).evidence_json or b"")
    assert said["contact"]["changed"]
    assert said["contact"]["since_s"] == hall.now - 72 * 3_600
    assert said["contact"]["second_factor"] is None
    assert said["contact"]["verified_s"] == hall.now


def test_a_code_to_the_contact_before_vouches_for_the_change(hall: Hall) -> None:
    agreement, showing = hall.shown(deadline=hall.now + 10**9)
    party, contact = change(hall, agreement)
    sent = request_vouch(hall.desk, party, contact)
    assert sent.address in {"+84…678", "h…@example.vn"}
    confirm_vouch(hall.desk, party, contact, hall.code())
    request_code(hall.desk, showing, "sms")
    said = parse_canonical(confirm_code(hall.desk, showing, hall.code()).evidence_json or b"")
    assert said["contact"]["second_factor"] == {"at_s": hall.now, "by": None, "how": "previous-contact"}


def test_named_staff_who_checked_the_identity_vouch_for_the_change(hall: Hall) -> None:
    agreement, showing = hall.shown()
    _, contact = change(hall, agreement)
    with hall.sessions.begin() as session:
        with pytest.raises(InputError, match="nobody is named"):
            vouch_by_staff(session, session.get_one(Contact, contact), staff=" ", now_s=hall.now)
        with pytest.raises(RuleError, match="cannot vouch for it"):
            vouch_by_staff(session, session.get_one(Contact, contact), staff="binh", now_s=hall.now)
        vouch_by_staff(session, session.get_one(Contact, contact), staff="PA01HH/0042", now_s=hall.now)
    request_code(hall.desk, showing, "sms")
    said = parse_canonical(confirm_code(hall.desk, showing, hall.code()).evidence_json or b"")
    assert said["contact"]["second_factor"] == {"at_s": hall.now, "by": "PA01HH/0042", "how": "staff"}


def test_a_thief_who_changes_the_contact_twice_cannot_vouch_by_the_first_change(hall: Hall) -> None:
    agreement, _ = hall.shown()
    change(hall, agreement, "0333 333 333")
    hall.wait(60)
    party, contact = change(hall, agreement, "0777 777 777")
    with hall.sessions() as session:
        changed = session.get_one(Contact, contact)
        known = vouchers_of(session, changed, now_s=hall.now)
        assert {one.address for one in known} == {"+84912345678", "hoa@example.vn"}
        assert not is_settled(changed, now_s=hall.now)
    assert request_vouch(hall.desk, party, contact).address != "+84…333"


def test_a_channel_added_later_cools_off_like_any_other_change(hall: Hall) -> None:
    agreement, showing = hall.shown()
    with hall.sessions.begin() as session:
        change_contact(session, hall.party_of(session, agreement), "zalo", NEW, by="party", now_s=hall.now)
    with pytest.raises(RuleError, match="changed less than"):
        request_code(hall.desk, showing, "zalo")


def test_a_contact_replaced_while_its_code_is_on_the_way_signs_nothing(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    code = hall.code()
    change(hall, agreement)
    with pytest.raises(RuleError, match="the contact was replaced"):
        confirm_code(hall.desk, showing, code)


def test_a_code_shows_that_a_contact_reaches_its_party(hall: Hall) -> None:
    agreement, _ = hall.shown()
    party, contact = change(hall, agreement)
    request_contact_check(hall.desk, party, "sms")
    confirm_contact(hall.desk, party, "sms", hall.code())
    with hall.sessions() as session:
        checked = session.scalars(select(Contact).where(Contact.id == contact)).one()
        assert checked.verified_s == hall.now
        assert not is_settled(checked, now_s=hall.now)
    with pytest.raises(ConflictError, match="the code was used"):
        confirm_contact(hall.desk, party, "sms", hall.code())
