"""A stored text that was cut short, or began with no public key, ended the delivery of everything behind it, at every try."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from ledger.messages.carriers.mailbox import MailboxFolder
from ledger.messages.delivery import DeliveryReport, deliver_due
from ledger.messages.model import Message
from ledger.signing.approving import request_code
from tests.ledger.signing.hall import Hall


@pytest.mark.parametrize("damaged", [b"cut", bytes(64)], ids=["cut short", "no public key"])
def test_a_damaged_text_waits_with_its_reason_and_the_next_message_leaves(hall: Hall, tmp_path: Path, damaged: bytes) -> None:
    for _ in range(2):
        request_code(hall.desk, hall.shown()[1], "sms")
    with hall.sessions.begin() as session:
        session.execute(update(Message).values(next_try_s=hall.now))
        first = session.scalars(select(Message).order_by(Message.id)).first()
        assert first is not None
        first.body = damaged
    carrier = MailboxFolder(tmp_path / "letters")
    told = deliver_due(hall.sessions, {"sms": carrier}, hall.opener, limit=10, now=lambda: hall.now)
    assert told == DeliveryReport(sent=1, put_off=1)
    with hall.sessions() as session:
        assert "the stored text does not open" in (session.get_one(Message, first.id).reason or "")
