"""Where the record of the contracts lies: with the project, or with the state folder whose devchain it is of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ledger.chain.deployment import CONTRACTS, deployment_path, read_deployment, record_to_name
from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.evidence.trust import PASSKEYS, read_record
from ledger.settings import Settings
from tests.conftest import World

PUBLIC = 777


def test_the_projects_own_state_has_its_record_in_the_project(tmp_path: Path) -> None:
    settings = Settings(project_root=tmp_path, state_dir=tmp_path / ".sonang")
    assert deployment_path(settings, DEVCHAIN_ID) == tmp_path / "deployments" / "31337.json"
    assert record_to_name(settings, DEVCHAIN_ID) is None


def test_every_other_state_folder_has_a_devchain_and_a_record_of_its_own(tmp_path: Path) -> None:
    settings = Settings(project_root=tmp_path, state_dir=tmp_path / "other")
    own = tmp_path / "other" / "deployments" / "31337.json"
    assert deployment_path(settings, DEVCHAIN_ID) == record_to_name(settings, DEVCHAIN_ID) == own


def test_a_public_chain_has_one_record_whatever_the_state_folder(tmp_path: Path) -> None:
    settings = Settings(project_root=tmp_path, state_dir=tmp_path / "other")
    assert deployment_path(settings, PUBLIC) == tmp_path / "deployments" / "777.json"
    assert record_to_name(settings, PUBLIC) is None


def test_the_file_that_is_named_wins(tmp_path: Path) -> None:
    for state in (tmp_path / ".sonang", tmp_path / "other"):
        settings = Settings(project_root=tmp_path, state_dir=state, deployment_file=tmp_path / "it.json")
        assert deployment_path(settings, DEVCHAIN_ID) == record_to_name(settings, DEVCHAIN_ID) == tmp_path / "it.json"


def test_a_record_made_before_passkeys_still_loads_and_knows_the_other_signers(world: World, tmp_path: Path) -> None:
    today = world.deployment
    assert PASSKEYS in CONTRACTS
    assert today.verifiers.webauthn == today.address(PASSKEYS)
    path = tmp_path / "older.json"
    replace(today, contracts={name: each for name, each in today.contracts.items() if name != PASSKEYS}).save(path)
    older = read_deployment(path)
    assert older.verifiers == replace(today.verifiers, webauthn=None)
    assert read_record(path.read_bytes()).verifiers == older.verifiers
