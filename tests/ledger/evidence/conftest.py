from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.proven_day import KINDS, ProvenDay, Samples, trade_a_day

_KEPT: list[Samples] = []


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
