from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.sealing.sealer import Sealer, open_sealer
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.running import running_test_authority
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS, Issued, Office


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthorityFiles]:
    """A test authority of this test process, answering."""
    with running_test_authority(tmp_path_factory.mktemp("authority")) as files:
        yield files


@pytest.fixture(scope="session")
def sealer(authority: AuthorityFiles) -> Sealer:
    """A sealer with that authority's certificates, as the settings of a devchain make it."""
    return open_sealer(Settings(state_dir=authority.directory.parent))


@pytest.fixture(scope="session")
def issued(sealer: Sealer) -> Issued:
    """One issued agreement, made once."""
    pdf, levels = sealer.issue_and_read(sample().pdf, APPROVALS)
    return Issued(sample().pdf, pdf, levels)


@pytest.fixture
def office(sessions: sessionmaker[Session], tmp_path: Path) -> Office:
    """Sealed agreements in a database and a folder of this test's own."""
    state = tmp_path / "state"
    return Office(sessions, DocumentStore(state / "agreements"), state)
