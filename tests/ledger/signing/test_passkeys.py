"""A customer makes a passkey, it comes to stand for them, and it signs what they saw, on this site only."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from ledger.agreements.model import AgreementRow
from ledger.errors import AccessError, RuleError
from ledger.parties.model import Party
from ledger.protocol.signers import webauthn_signer
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import present
from ledger.signing.model import Passkey as PasskeyRow
from ledger.signing.own_keys import request_enrolment
from ledger.signing.passkeys import begin_enrolment, create_passkey, enrol_passkey, passkey_options, sign_with_passkey
from tests.ledger.signing.authenticator import asserted, challenge_of, created
from tests.ledger.signing.hall import Hall
from tests.passkey import ELIGIBLE, PRESENT, Passkey

ORIGIN = "http://localhost:8000"


def phone(**changes: Any) -> Passkey:
    return Passkey(origin=ORIGIN, **changes)


def customer(hall: Hall) -> bytes:
    with hall.sessions.begin() as session:
        return hall.keyless(session, "hoa").id


def enrol(hall: Hall, party: bytes, passkey: Passkey) -> None:
    """Code, creation, registration: as the page does it."""
    request_enrolment(hall.desk, party, "sms")
    options = begin_enrolment(hall.desk, party, hall.code())
    asking = create_passkey(hall.desk, party, created(passkey, options))
    enrol_passkey(hall.desk, party, asserted(passkey, asking))


def show(hall: Hall, party: bytes) -> int:
    with hall.sessions.begin() as session:
        row = hall.draft(session, session.get_one(Party, party))
        return present(session, hall.store, row, row.signatories[0].party, now_s=hall.now).id


def test_a_passkey_comes_to_stand_for_its_party_and_signs_the_digest(hall: Hall) -> None:
    party, passkey = customer(hall), phone()
    enrol(hall, party, passkey)
    with hall.sessions() as session:
        assert session.get_one(Party, party).signer == webauthn_signer(passkey.public_key, hall.gateway.deployment.verifiers)
    showing = show(hall, party)
    options = passkey_options(hall.desk, showing)
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert [one["id"] for one in options["allowCredentials"]] == [asserted(passkey, options)["id"]]
    assert sign_with_passkey(hall.desk, showing, asserted(passkey, options)).way == "passkey"
    with hall.sessions() as session:
        assert session.scalars(select(PasskeyRow.sign_count)).one() == passkey.counter


def test_the_options_ask_for_a_verified_holder_and_for_p_256_only(hall: Hall) -> None:
    party = customer(hall)
    request_enrolment(hall.desk, party, "email")
    options = begin_enrolment(hall.desk, party, hall.code())
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-7]
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["rp"]["id"] == "localhost"
    assert len(challenge_of(options)) == 32


def test_once_it_has_a_passkey_the_party_signs_by_code_no_more(hall: Hall) -> None:
    party, passkey = customer(hall), phone()
    before = show(hall, party)
    request_code(hall.desk, before, "sms")
    code = hall.code()
    enrol(hall, party, passkey)
    with pytest.raises(RuleError, match="key of its own"):
        confirm_code(hall.desk, before, code)
    with pytest.raises(RuleError, match="key of its own"):
        request_code(hall.desk, before, "sms")
    with pytest.raises(RuleError, match="key of its own"):
        request_enrolment(hall.desk, party, "sms")


def test_no_passkey_is_enrolled_while_an_approval_by_code_waits_for_the_chain(hall: Hall) -> None:
    party = customer(hall)
    showing = show(hall, party)
    request_code(hall.desk, showing, "sms")
    confirm_code(hall.desk, showing, hall.code())
    with pytest.raises(RuleError, match="not recorded yet"):
        request_enrolment(hall.desk, party, "sms")


@pytest.mark.parametrize(
    ("odd", "what"),
    [
        (phone(site="sonang.example"), "RP ID"),
        (Passkey(origin="https://sonang.example"), "origin"),
        (phone(flags=PRESENT | ELIGIBLE), "[Vv]erif"),
    ],
    ids=["another site", "another page", "an unverified holder"],
)
def test_a_passkey_made_elsewhere_or_without_its_holder_is_refused(hall: Hall, odd: Passkey, what: str) -> None:
    party = customer(hall)
    request_enrolment(hall.desk, party, "sms")
    options = begin_enrolment(hall.desk, party, hall.code())
    with pytest.raises(AccessError, match=what):
        create_passkey(hall.desk, party, created(odd, options))
    assert hall.refusals()[-1][0] == "create-passkey"


def test_an_answer_to_an_old_challenge_or_too_late_is_refused(hall: Hall) -> None:
    party, passkey = customer(hall), phone()
    request_enrolment(hall.desk, party, "sms")
    first = begin_enrolment(hall.desk, party, hall.code())
    request_enrolment(hall.desk, party, "sms")
    second = begin_enrolment(hall.desk, party, hall.code())
    with pytest.raises(AccessError, match="challenge"):
        create_passkey(hall.desk, party, created(passkey, first))
    hall.wait(hall.terms.challenge_lives_s)
    with pytest.raises(AccessError, match="too long ago"):
        create_passkey(hall.desk, party, created(passkey, second))


@pytest.mark.parametrize("garbage", [{}, {"id": "AA"}, {"id": 1, "rawId": [], "type": {}, "response": "x"}, {"x": "y" * 70_000}])
def test_garbage_instead_of_a_passkey_is_refused(hall: Hall, garbage: dict[str, Any]) -> None:
    party = customer(hall)
    request_enrolment(hall.desk, party, "sms")
    begin_enrolment(hall.desk, party, hall.code())
    with pytest.raises(AccessError):
        create_passkey(hall.desk, party, garbage)


def test_an_assertion_counts_for_one_document_one_passkey_and_once(hall: Hall) -> None:
    party, passkey = customer(hall), phone()
    enrol(hall, party, passkey)
    first, second = show(hall, party), show(hall, party)
    answer = asserted(passkey, passkey_options(hall.desk, first))
    with pytest.raises(AccessError, match="challenge"):
        sign_with_passkey(hall.desk, second, answer)
    stranger = phone(credential_id=passkey.credential_id, counter=9)
    with pytest.raises(AccessError, match="does not hold"):
        sign_with_passkey(hall.desk, first, asserted(stranger, passkey_options(hall.desk, first)))
    with pytest.raises(AccessError, match="no passkey of this party"):
        sign_with_passkey(hall.desk, first, asserted(phone(), passkey_options(hall.desk, first)))
    sign_with_passkey(hall.desk, first, answer)


def test_a_counter_that_goes_back_shows_a_copied_key(hall: Hall) -> None:
    party, passkey = customer(hall), phone()
    enrol(hall, party, passkey)
    showing = show(hall, party)
    passkey.counter = 0
    with pytest.raises(AccessError, match="sign count"):
        sign_with_passkey(hall.desk, showing, asserted(passkey, passkey_options(hall.desk, showing)))
    passkey.counter = 5
    sign_with_passkey(hall.desk, showing, asserted(passkey, passkey_options(hall.desk, showing)))


def test_a_document_changed_while_the_phone_was_asked_is_not_signed(hall: Hall) -> None:
    party, passkey = customer(hall), phone()
    enrol(hall, party, passkey)
    showing = show(hall, party)
    answer = asserted(passkey, passkey_options(hall.desk, showing))
    with hall.sessions() as session:
        agreement = session.scalars(select(AgreementRow.id)).one()
    hall.store.write(agreement, hall.store.read(agreement) + b"%")
    with pytest.raises(RuleError, match="changed since it was shown"):
        sign_with_passkey(hall.desk, showing, answer)
