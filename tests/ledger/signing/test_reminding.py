"""Who was sent a link and has not signed is reminded twice, and nobody else."""

from __future__ import annotations

from ledger.agreements.model import AgreementRow
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.links import send_link
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
