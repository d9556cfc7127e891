from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.proven_day import KINDS, ProvenDay, Samples, trade_a_day

_KEPT: list[Samples] = []


@pytest.fixture
def town(world: World, sessions: sessionmaker[Session], tmp_path: Path) -> Town:
    """People with keys on a real chain; documents in a folder of this test's own."""
    return Town(world.gateway, sessions, DocumentStore(tmp_path / "agreements"), world.operator, world.guardian)


@pytest.fixture
def day(session: Session, world: World, town: Town) -> ProvenDay:
    """A day traded, cleared and settled on a real chain."""
    return trade_a_day(session, world, town)


@pytest.fixture
def samples(request: pytest.FixtureRequest) -> Samples:
    """A bundle of each kind, all of one block, made once: bytes that need no chain any more."""
    if not _KEPT:
        day: ProvenDay = request.getfixturevalue("day")
        _KEPT.append(Samples({kind: day.bundle(kind) for kind in KINDS}, day.trust, day.world.devchain.directory / "deployment.json"))
    return _KEPT[0]
