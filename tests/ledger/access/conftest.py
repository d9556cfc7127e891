from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.access.commands import ask_to_sign_in, send_code
from ledger.messages.model import Message
from ledger.messages.sealing import Opener, prepare
from ledger.parties.commands import draft_party
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Party
from ledger.settings import Settings

NOW = 1_800_000_000


@dataclass
class House:
    """A customer with contacts, and a way to read what is sent to it."""

    session: Session
    customer: Party
    opener: Opener

    def ask(self, label: str = "PE15000123456", now: int = NOW, channel: str | None = None) -> tuple[str, bool]:
        """A ticket, and whether a code was sent."""
        ticket = ask_to_sign_in(self.session, now_s=now)
        return ticket, send_code(self.session, ticket, label, channel=channel, now_s=now)

    def code(self) -> str:
        """The newest code that was sent."""
        message = self.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert message.body is not None
        found = re.search(r"(\d{3}) (\d{3})", self.opener.open(message.handle, message.body))
        assert found is not None
        return found[1] + found[2]


@pytest.fixture
def house(session: Session, tmp_path: Path) -> House:
    opener = prepare(session, Settings(state_dir=tmp_path / "state", mailbox=True))
    customer = draft_party(session, label="PE15000123456", role="customer", name="Nguyễn Thị An", signer=None)
    give_contacts(session, customer, {"email": "an@example.vn", "sms": "0912345678"}, by="staff:an", now_s=NOW - 10)
    return House(session, customer, opener)
