"""Who was sent a link and has not signed is reminded twice, and nobody else."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.agreements.model import AgreementRow
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.links import open_link, send_link
from ledger.signing.reaching import contact_for
from ledger.signing.reminding import RemindReport, remind_signers
from ledger.signing.rules import DAY_S
from tests.ledger.signing.hall import NOON, Hall

NOTHING = RemindReport((), ())


def reminded(hall: Hall) -> RemindReport:
    with hall.sessions.begin() as session:
        return remind_signers(session, hall.desk)


def test_a_customer_is_reminded_after_three_days_and_on_the_last_day_once_each(hall: Hall) -> None:
    agreement, showing = hall.shown(deadline=NOON + 10 * DAY_S)
    assert reminded(hall) == NOTHING, "who has no link yet is not reminded of one"
    with hall.sessions.begin() as session:
        send_link(session, hall.desk, session.get_one(AgreementRow, agreement), hall.party_of(session, agreement), "email")
    hall.wait(3 * DAY_S - 1)
    assert reminded(hall) == NOTHING
    hall.wait(1)
    assert reminded(hall) == RemindReport((agreement,), ())
    assert reminded(hall) == NOTHING
    assert hall.desk.terms.public_url + "/sign#" in hall.letters()[-1]
    hall.wait(6 * DAY_S)
    assert reminded(hall) == RemindReport((agreement,), ())
    assert "11/07/2026 12:00" in hall.letters()[-1]
    assert reminded(hall) == NOTHING
    request_code(hall.desk, showing, "sms")
    confirm_code(hall.desk, showing, hall.code())
    assert reminded(hall) == NOTHING


def test_who_signed_or_was_asked_just_now_or_too_late_is_left_alone(hall: Hall) -> None:
    signed, showing = hall.shown(deadline=NOON + 10 * DAY_S)
    late, _ = hall.shown(deadline=NOON + DAY_S // 2)
    with hall.sessions.begin() as session:
        for one in (signed, late):
            send_link(session, hall.desk, session.get_one(AgreementRow, one), hall.party_of(session, one), "email")
    request_code(hall.desk, showing, "sms")
    confirm_code(hall.desk, showing, hall.code())
    assert reminded(hall) == NOTHING, "the link was sent within this day"
    hall.wait(4 * DAY_S)
    assert reminded(hall) == NOTHING, "one has signed, and the time of the other is over"


def test_two_offices_at_once_remind_once_and_the_link_that_was_sent_is_good(hall: Hall) -> None:
    agreement, _ = hall.shown(deadline=NOON + 10 * DAY_S)
    with hall.sessions.begin() as session:
        send_link(session, hall.desk, session.get_one(AgreementRow, agreement), hall.party_of(session, agreement), "email")
    hall.wait(3 * DAY_S)
    with ThreadPoolExecutor(1) as elsewhere:
        with hall.sessions.begin() as session:
            assert remind_signers(session, hall.desk) == RemindReport((agreement,), ())
            other = elsewhere.submit(reminded, hall)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.3)  # it waits for the document
        assert other.result(timeout=30) == NOTHING
    token = re.findall(r"/sign#(\S+)", hall.letters()[-1])[0]
    with hall.sessions() as session:
        assert open_link(session, token, now_s=hall.now).agreement.id == agreement


def test_a_reminder_goes_where_somebody_carries_it_and_no_link_was_lost(hall: Hall) -> None:
    agreement, _ = hall.shown(deadline=NOON + 10 * DAY_S)
    with hall.sessions() as session:
        row, party = session.get_one(AgreementRow, agreement), hall.party_of(session, agreement)
        assert contact_for(session, hall.desk, row, party).channel == "sms"
        hall.change_terms(carried=("email",))
        assert contact_for(session, hall.desk, row, party).channel == "email"
        hall.change_terms(carried=())
        assert contact_for(session, hall.desk, row, party).channel == "sms"
