"""Who changed a contact on the way to a contract was out of codes between two documents of one step, and was told to sign another way:
there was none, since a key is enrolled by a code too.

A code that signed a document counts no more: there are as many of them as the utility drafts documents, and no guesser ever has one.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.vietnamese import in_vietnamese
from ledger.agreements.model import AgreementRow
from ledger.errors import LimitError, WrongCodeError
from ledger.parties.model import Party
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import present
from ledger.signing.contacting import change_contact, confirm_contact, confirm_vouch, request_contact_check, request_vouch
from tests.ledger.signing.hall import Hall


def showings(hall: Hall, count: int) -> tuple[bytes, list[int]]:
    """A customer, and documents shown to them."""
    with hall.sessions.begin() as session:
        party = hall.keyless(session)
        rows: list[AgreementRow] = [hall.draft(session, party) for _ in range(count)]
        return party.id, [present(session, hall.store, row, party, now_s=hall.now).id for row in rows]


def sign(hall: Hall, showing: int, channel: str = "email") -> None:
    request_code(hall.desk, showing, channel)
    confirm_code(hall.desk, showing, hall.code())


def test_six_documents_and_a_changed_contact_are_signed_within_one_hour(hall: Hall) -> None:
    hall.change_terms(per_day=5)
    party, shown = showings(hall, 6)
    for one in shown[:4]:
        sign(hall, one)
    with hall.sessions.begin() as session:
        row = session.get_one(Party, party)
        new = change_contact(session, row, "email", "moi@example.vn", by="party", now_s=hall.now).id
    request_vouch(hall.desk, party, new)
    confirm_vouch(hall.desk, party, new, hall.code())
    for one in shown[4:]:
        sign(hall, one)


def test_codes_that_signed_nothing_count_however_many_signed_and_so_do_other_uses(hall: Hall) -> None:
    party, shown = showings(hall, 3)
    request_contact_check(hall.desk, party, "sms")
    confirm_contact(hall.desk, party, "sms", hall.code())
    for _ in range(3):
        request_code(hall.desk, shown[0], "sms")
        with pytest.raises(WrongCodeError):
            confirm_code(hall.desk, shown[0], hall.wrong_code())
        hall.wait(60)
    confirm_code(hall.desk, shown[0], hall.code())
    sign(hall, shown[1], "sms")
    for _ in range(2):
        request_code(hall.desk, shown[2], "sms")
    asks: tuple[Callable[[], object], ...] = (
        lambda: request_code(hall.desk, shown[2], "sms"),
        lambda: request_contact_check(hall.desk, party, "email"),
    )
    for ask in asks:
        with pytest.raises(LimitError, match="5 codes that signed nothing") as refused:
            ask()
        assert refused.value.fix == "wait 57 minutes; from 13:00 01/07 on another can be asked for"
        assert in_vietnamese(refused.value.fix) == "chờ 57 phút; từ 13:00 01/07 xin được mã khác"
    assert refused.value.retry_after_s == 57 * 60
