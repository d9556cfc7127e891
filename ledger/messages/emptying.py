"""Destroying what the mailbox folder holds of messages whose recipient was erased: the letters, and the folder named by the address."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.messages.carriers.chosen import MAILBOX
from ledger.messages.carriers.mailbox import HANDLE_SHOWN
from ledger.messages.model import Message
from ledger.settings import Settings

_HANDLE = re.compile(rf"-([0-9a-f]{{{HANDLE_SHOWN}}})\.")


def empty_mailbox(session: Session, settings: Settings) -> int:
    """Destroys the letters of messages whose address was erased, half-written ones too; returns how many. Again, it changes nothing.

    A carrier of another kind keeps what it was given: that is not within reach.
    """
    folder = settings.state_dir / MAILBOX
    if not settings.uses_mailbox or not folder.is_dir():
        return 0
    erased = {handle[:HANDLE_SHOWN] for handle in session.scalars(select(Message.handle).where(Message.address.is_(None)))}
    letters = [path for path in folder.glob("*/*") if _handle(path) in erased] if erased else []
    for path in letters:
        path.unlink(missing_ok=True)
    for address in {path.parent for path in letters}:
        if not any(address.iterdir()):
            address.rmdir()
    return len(letters)


def _handle(letter: Path) -> str | None:
    found = _HANDLE.search(letter.name)
    return None if found is None else found[1]
