"""Every test of this folder may have a chain of its own with the contracts on it, and break it."""

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
