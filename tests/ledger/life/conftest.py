from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from tests.conftest import World
from tests.ledger.agreements.town import Town


@pytest.fixture
def town(world: World, sessions: sessionmaker[Session], tmp_path: Path) -> Town:
    """People with keys on a real chain; documents in a folder of this test's own."""
    return Town(world.gateway, sessions, DocumentStore(tmp_path / "agreements"), world.operator, world.guardian)
