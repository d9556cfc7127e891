"""A report that gave the id of one message and the reference of another moved the first: the one it was about stayed where it was."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.errors import ConflictError
from ledger.messages.commands import Gateway, ReportOutcome, accept_report, queue_message
from ledger.messages.model import Message
from ledger.messages.sealing import prepare
from ledger.messages.signatures import REPORT, signature_of
from ledger.settings import Settings

SECRET = b"a secret that both of us know 01"


def test_a_report_about_two_different_messages_is_refused_and_changes_neither(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with sessions.begin() as session:
        prepare(session, Settings(state_dir=tmp_path, mailbox=True))
        for number, reference in enumerate(("gw-1", "gw-2", None)):
            address = f"+8491234567{number}"
            made = queue_message(session, key=f"k/{number}", channel="sms", address=address, subject="", body="Chào bạn")
            made.state, made.body, made.sent_s, made.reference = "sent", None, 1_000, reference
    with sessions.begin() as session:
        first, _, unnamed = session.scalars(select(Message.handle).order_by(Message.id)).all()
        for handle in (first, unnamed):
            with pytest.raises(ConflictError, match="id and its reference are of two different messages"):
                report(session, handle, "gw-2")
        assert set(session.scalars(select(Message.state))) == {"sent"}
        assert session.scalars(select(Message.reference).order_by(Message.id)).all() == ["gw-1", "gw-2", None]
        told = [report(session, first, "gw-1"), report(session, first, "gw-1-again"), report(session, unnamed, "gw-3")]
        assert [one.moved for one in told] == [True, False, True], "a name nobody else has contradicts nothing"


def report(session: Session, handle: str, reference: str) -> ReportOutcome:
    body = orjson.dumps({"id": handle, "reference": reference, "state": "delivered"})
    return accept_report(session, Gateway("sms", SECRET), body, signature_of(SECRET, REPORT, "1000", body), "1000", now_s=1_000)
