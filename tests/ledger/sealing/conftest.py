from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from tests.ledger.sealing.office import Office


@pytest.fixture
def office(sessions: sessionmaker[Session], tmp_path: Path) -> Office:
    """Sealed agreements in a database and a folder of this test's own."""
    state = tmp_path / "state"
    return Office(sessions, DocumentStore(state / "agreements"), state)
