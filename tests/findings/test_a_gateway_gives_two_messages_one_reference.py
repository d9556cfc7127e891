"""A gateway that named two messages alike made its own reports about either end in a fault of ours, which it then sent again and again."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import select, update

from ledger.errors import ConflictError
from ledger.messages.commands import Gateway, accept_report
from ledger.messages.model import Message
from ledger.messages.signatures import REPORT, signature_of
from ledger.signing.approving import request_code
from tests.ledger.signing.hall import Hall

SECRET = b"a secret that both of us know 01"


def test_a_reference_of_two_messages_is_refused_in_words_and_the_id_still_counts(hall: Hall) -> None:
    for _ in range(2):
        request_code(hall.desk, hall.shown()[1], "sms")
    with hall.sessions.begin() as session:
        session.execute(update(Message).values(reference="job-7"))
        handle = session.scalars(select(Message.handle).order_by(Message.id)).first()
    with pytest.raises(ConflictError, match="2 messages have this reference") as refused:
        _report(hall, reference="job-7")
    assert "report the id" in refused.value.fix
    assert _report(hall, id=str(handle), reference="job-7") == "delivered"


def _report(hall: Hall, **named: str) -> str:
    body, at = orjson.dumps({**named, "state": "delivered"}), str(hall.now)
    with hall.sessions.begin() as session:
        signed = signature_of(SECRET, REPORT, at, body)
        return accept_report(session, Gateway("sms", SECRET), body, signed, at, now_s=hall.now).state
