from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.market.valley import Valley, settle_valley


@pytest.fixture
def valley(session: Session, world: World, sessions: sessionmaker[Session], tmp_path: Path) -> Valley:
    """A zone with its people, meters and agreements on a real chain."""
    town = Town(world.gateway, sessions, DocumentStore(tmp_path / "agreements"), world.operator, world.guardian)
    return settle_valley(session, town, world.deployer)
