"""`sonang signing link CODE CUSTOMER email` of a document its customer had signed said "queued", and asked them to sign it again."""

from __future__ import annotations

import pytest

from api.vietnamese import in_vietnamese
from ledger.agreements.model import AgreementRow
from ledger.errors import ConflictError
from ledger.signing import links
from ledger.signing.approving import confirm_code, request_code
from tests.ledger.signing.hall import Hall


def test_staff_send_no_link_to_sign_what_is_signed(hall: Hall) -> None:
    agreement, showing = hall.shown()
    with hall.sessions.begin() as session:
        links.send_by_hand(session, hall.desk, session.get_one(AgreementRow, agreement), hall.party_of(session, agreement), "email")
    request_code(hall.desk, showing, "sms")
    confirm_code(hall.desk, showing, hall.code())
    with hall.sessions.begin() as session, pytest.raises(ConflictError, match="customer-0 has signed") as refused:
        links.send_by_hand(session, hall.desk, session.get_one(AgreementRow, agreement), hall.party_of(session, agreement), "email")
    page = f"{hall.terms.public_url}/my"
    assert refused.value.fix == f"tell them to sign in at {page}, where they see it and how far the others are"
    assert in_vietnamese(refused.value.fix) == f"báo họ đăng nhập ở {page} để xem văn bản và xem các bên khác đã ký đến đâu"
