from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.messages.sealing import Opener, prepare
from ledger.settings import Settings


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    """An installation whose messages go to a folder."""
    return Settings(state_dir=tmp_path / "state", mailbox=True)


@pytest.fixture
def opener(sessions: sessionmaker[Session], office: Settings) -> Opener:
    """Its key for messages, known to the database."""
    with sessions.begin() as session:
        return prepare(session, office)
