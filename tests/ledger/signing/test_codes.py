"""Signing by a one-time code: what it is good for, and everything it is not good for."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import select

from ledger.agreements.commands import digest_to_sign
from ledger.agreements.model import AgreementRow
from ledger.errors import AccessError, ConflictError, InputError, LimitError, RuleError
from ledger.protocol.canonical import parse_canonical
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import new_eoa_key
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.codes import use_code
from ledger.signing.model import Approval, OneTimeCode
from tests.ledger.signing.hall import Hall


def test_the_evidence_says_how_the_approval_came_about_and_hashes_to_what_was_attested(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "email")
    with pytest.raises(AccessError):
        confirm_code(hall.desk, showing, hall.wrong_code())
    hall.wait(40)
    approval = confirm_code(hall.desk, showing, f" {hall.code()[:3]} {hall.code()[3:]} ")
    content = approval.evidence_json or b""
    assert approval.evidence == sha256(content).digest()
    said = parse_canonical(content)
    with hall.sessions() as session:
        row = session.get_one(AgreementRow, agreement)
        assert said["agreement"]["digest"] == hex0x(digest_to_sign(hall.gateway.deployment, row))
        assert said["agreement"]["base_digest"] == hex0x(row.base_digest)
        assert said["agreement"]["lookup_code"] == row.lookup_code
        assert said["party"] == hex0x(row.signatories[0].party_id)
    assert (said["role"], said["channel"], said["attempts"]) == ("owner", "email", 2)
    assert said["contact"]["address"] == "h…@example.vn"
    assert (said["contact"]["changed"], said["contact"]["second_factor"]) == (False, None)
    assert said["times"]["confirmed_s"] - said["times"]["requested_s"] == 40
    assert len(said["nonce"]) == 66
    assert "20/2023/QH15" in said["law"][0]


def test_the_message_shows_the_code_the_document_and_the_first_characters_of_its_hash(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    with hall.sessions() as session:
        row = session.get_one(AgreementRow, agreement)
        letter = hall.letters()[-1]
        assert row.lookup_code in letter
        assert row.base_digest.hex()[:12] in letter
        assert letter.isascii()
        stored = session.scalars(select(OneTimeCode)).one()
        assert hall.code().encode() not in stored.code_hash + stored.address_tag + stored.bound


def test_a_wrong_code_is_refused_counted_and_audited_and_the_right_one_still_works(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    with pytest.raises(AccessError, match="the code is wrong") as refused:
        confirm_code(hall.desk, showing, hall.wrong_code())
    assert "4 tries are left" in refused.value.fix
    assert hall.refusals(agreement) == [("confirm-code", "the code is wrong")]
    with pytest.raises(InputError, match="not a code"):
        confirm_code(hall.desk, showing, "12 34")
    assert hall.refusals(agreement)[1:] == [("confirm-code", "not a code")]
    assert confirm_code(hall.desk, showing, hall.code()).way == "otp"


def test_a_code_is_good_once(hall: Hall) -> None:
    _, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    code = hall.code()
    confirm_code(hall.desk, showing, code)
    with pytest.raises(ConflictError, match="has signed"):
        confirm_code(hall.desk, showing, code)


def test_an_older_code_is_good_no_more_once_a_newer_one_was_sent(hall: Hall) -> None:
    _, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    older = hall.code()
    request_code(hall.desk, showing, "email")
    if older != hall.code():
        with pytest.raises(AccessError):
            confirm_code(hall.desk, showing, older)
    with hall.sessions() as session:
        closings = session.scalars(select(OneTimeCode.closed_how).order_by(OneTimeCode.id)).all()
    assert closings == ["replaced", None]


def test_a_code_of_another_document_opens_nothing(hall: Hall) -> None:
    _, first = hall.shown()
    _, second = hall.shown()
    request_code(hall.desk, first, "sms")
    code = hall.code()
    with pytest.raises(RuleError, match="no code was asked for"):
        confirm_code(hall.desk, second, code)
    request_code(hall.desk, second, "email")
    if code != hall.code():
        with pytest.raises(AccessError):
            confirm_code(hall.desk, second, code)


def test_an_expired_code_is_refused(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    hall.wait(hall.terms.lives_s)
    with pytest.raises(RuleError, match="expired"):
        confirm_code(hall.desk, showing, hall.code())
    assert hall.refusals(agreement) == [("confirm-code", "the code has expired")]


def test_a_code_that_expires_between_being_typed_and_being_taken_leaves_no_evidence_of_a_late_confirmation(hall: Hall) -> None:
    request_code(hall.desk, hall.shown()[1], "sms")
    with hall.sessions.begin() as session:
        code = session.scalars(select(OneTimeCode)).one()
        with pytest.raises(RuleError, match="expired"):
            use_code(session, code.id, now_s=code.expires_s)
        assert use_code(session, code.id, now_s=code.expires_s - 1).closed_how == "used"


def test_who_tries_codes_runs_out_of_tries_and_then_even_the_right_one_is_refused(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    for _ in range(hall.terms.attempts):
        with pytest.raises(AccessError):
            confirm_code(hall.desk, showing, hall.wrong_code())
    with pytest.raises(LimitError, match="too many wrong codes"):
        confirm_code(hall.desk, showing, hall.code())
    assert len(hall.refusals(agreement)) == hall.terms.attempts + 1
    with hall.sessions() as session:
        assert session.scalars(select(Approval)).all() == []


def test_codes_are_rationed_by_the_hour_and_by_the_day_and_refused_requests_are_kept(hall: Hall) -> None:
    agreement, showing = hall.shown()
    for _ in range(hall.terms.per_hour):
        request_code(hall.desk, showing, "sms")
    with pytest.raises(LimitError, match="within 1 h") as refused:
        request_code(hall.desk, showing, "email")
    assert refused.value.retry_after_s == 3_600
    hall.wait(3_601)
    for _ in range(hall.terms.per_day - hall.terms.per_hour):
        request_code(hall.desk, showing, "sms")
    hall.wait(3_601)
    with pytest.raises(LimitError, match="within 24 h"):
        request_code(hall.desk, showing, "sms")
    assert [act for act, _ in hall.refusals(agreement)] == ["request-code", "request-code"]


def test_many_customers_with_one_telephone_share_its_ration(hall: Hall) -> None:
    hall.change_terms(per_hour=2)
    showings = [hall.shown()[1] for _ in range(3)]
    request_code(hall.desk, showings[0], "sms")
    request_code(hall.desk, showings[1], "sms")
    with pytest.raises(LimitError, match="for this contact"):
        request_code(hall.desk, showings[2], "sms")


def test_a_party_with_a_key_of_its_own_gets_no_code(hall: Hall) -> None:
    agreement, showing = hall.shown("wallet")
    with pytest.raises(RuleError, match="key of its own"):
        request_code(hall.desk, showing, "sms")
    assert hall.refusals(agreement)[0][1] == "the party signs with a key of its own, not by code"
    with hall.sessions() as session:
        assert session.scalars(select(OneTimeCode)).all() == []


def test_a_desk_whose_key_is_not_the_utilitys_sends_no_code(hall: Hall) -> None:
    agreement, showing = hall.shown()
    hall.utility_secret = new_eoa_key()
    with pytest.raises(RuleError, match="another key than this installation has"):
        request_code(hall.desk, showing, "sms")
    assert len(hall.refusals(agreement)) == 1
