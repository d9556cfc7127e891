from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.market.valley import Valley, settle_valley


@pytest.fixture
def valley(session: Session, world: World, town: Town) -> Valley:
    """A zone with its people, meters and agreements on a real chain."""
    return settle_valley(session, town, world.deployer)
