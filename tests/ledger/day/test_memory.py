"""A devchain that the database remembers never gets a second set of contracts, and the refusal names the true cause."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.deploying import deploy
from ledger.chain.model import OutboxIntent
from ledger.day.memory import only_once
from ledger.errors import ConflictError, NotFoundError
from ledger.settings import Settings
from tests.conftest import World


@pytest.fixture
def lost(settings: Settings, tmp_path: Path) -> Settings:
    """The installation after the record of its contracts was removed."""
    return settings.model_copy(update={"deployment_file": tmp_path / "31337.json"})


def remember(sessions: sessionmaker[Session], number: int, block_hash: bytes) -> None:
    """An intent that was mined in a block."""
    done = {"state": "final", "nonce": 0, "sender": bytes(20), "tx_hash": bytes(32), "block_number": number, "block_hash": block_hash}
    with sessions.begin() as session:
        session.add(OutboxIntent(key="one", contract="Exchange", function="f", calldata=bytes(4), **done))


def test_a_missing_record_is_called_missing_and_nothing_is_deployed(world: World, lost: Settings, sessions: sessionmaker[Session]) -> None:
    before = world.gateway.block("latest")
    remember(sessions, before.number, before.hash)
    with pytest.raises(NotFoundError, match="the record that says where is missing") as refused:
        deploy(lost, guard=only_once(lost, sessions))
    assert refused.value.field == str(lost.deployment_file)
    assert "put that file back" in refused.value.fix
    assert world.gateway.block("latest") == before


def test_a_new_chain_is_called_new_and_the_fix_names_the_folder_itself(
    world: World, lost: Settings, sessions: sessionmaker[Session]
) -> None:
    before = world.gateway.block("latest")
    remember(sessions, before.number, bytes(32))
    with pytest.raises(ConflictError, match=f"the chain is new, but the database of {lost.state_dir} remembers another one") as refused:
        deploy(lost, guard=only_once(lost, sessions))
    assert f"then remove {lost.state_dir}" in refused.value.fix
    assert "make clean" not in refused.value.fix, "it cleans the project's own folder and no other"
    assert world.gateway.block("latest") == before


def test_a_database_that_remembers_nothing_lets_contracts_be_deployed(lost: Settings, sessions: sessionmaker[Session]) -> None:
    assert deploy(lost, guard=only_once(lost, sessions)).fresh
