from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.messages.sealing import prepare
from ledger.settings import Settings
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.signing.hall import Hall


@pytest.fixture
def hall(world: World, sessions: sessionmaker[Session], tmp_path: Path) -> Hall:
    """A desk on a real chain and a real database, with a key messages are sealed to."""
    town = Town(world.gateway, sessions, DocumentStore(tmp_path / "agreements"), world.operator, world.guardian)
    with sessions.begin() as session:
        return Hall(town, prepare(session, Settings(state_dir=tmp_path / "state", mailbox=True)))
