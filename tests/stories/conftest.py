"""Stories are told on a chain of their own, which they may break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.chain_stage import ChainStage, chain_stage


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> Iterator[ChainStage]:
    """A fresh chain with the contracts, and an empty database."""
    with chain_stage(engine, tmp_path) as made:
        yield made
