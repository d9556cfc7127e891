"""Deployment on a real chain: once, with the roles of the protocol, and never on a chain that cannot check a meter's signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from ledger.chain import anvil, deploying
from ledger.chain.artefacts import compile_contracts
from ledger.chain.deploying import OracleSet, deploy
from ledger.chain.deployment import CONTRACTS, load_deployment
from ledger.chain.devchain import running_anvil
from ledger.chain.devchain_config import DevchainConfig, load_devchain_config
from ledger.chain.gateway import Gateway
from ledger.chain.roles import FUNCTIONS, Role
from ledger.chain.rpc import NodeError
from ledger.errors import ChainError, ConflictError, SettingsError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer, new_eoa_key
from ledger.settings import Settings
from tests.conftest import World


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Settings]:
    """Settings of a chain on which nothing is deployed."""
    with running_anvil(directory=tmp_path / "chain") as chain:
        yield Settings(state_dir=tmp_path, rpc_url=chain.url, deployment_file=tmp_path / "deployments" / "31337.json")


def test_the_first_run_deploys_and_the_second_finds_everything_as_it_was(empty: Settings) -> None:
    steps: list[tuple[str, int, int]] = []
    first = deploy(empty, report=lambda *step: steps.append(step))
    again = deploy(empty)
    assert (first.fresh, again.fresh) == (True, False)
    assert first.deployment == again.deployment == load_deployment(empty, 31_337)
    assert again.gas_used == 0
    assert steps[-1] == ("Deployed", len(CONTRACTS) + 1, len(CONTRACTS) + 1)
    assert first.path.exists()


def test_the_file_says_everything_an_auditor_needs(world: World) -> None:
    assert world.settings.deployment_file is not None
    raw = orjson.loads(world.settings.deployment_file.read_bytes())
    assert raw["chain_id"] == 31_337
    assert raw["genesis_hash"] == hex0x(world.gateway.block(0).hash)
    assert raw["compiler"]["version"] == "0.8.37"
    assert list(raw["contracts"]) == list(CONTRACTS)
    for name, each in raw["contracts"].items():
        code = world.gateway.ask("eth_getCode", each["address"], "latest")
        assert each["code_hash"] == hex0x(keccak(bytes.fromhex(code[2:])))
        assert world.gateway.receipt(bytes.fromhex(each["transaction"][2:])) is not None
        assert world.deployment.address(name) == bytes.fromhex(each["address"][2:])


def test_a_reset_devchain_is_deployed_anew_without_asking(empty: Settings) -> None:
    assert empty.rpc_url is not None
    before = anvil.ask(empty.rpc_url, "evm_snapshot")
    deploy(empty)
    anvil.ask(empty.rpc_url, "evm_revert", before)
    assert deploy(empty).fresh
    Gateway.connect(empty).close()


def test_changed_sources_are_not_passed_off_as_what_is_deployed_and_replace_no_contract_with_records(
    world: World, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compile_contracts(project_root)
    changed = replace(compiled["Exchange"], deployed_bytecode=compiled["Exchange"].deployed_bytecode + b"\x00")
    monkeypatch.setattr(deploying, "compile_contracts", lambda *_: {**compiled, "Exchange": changed})
    found = deploy(world.settings)
    assert (found.fresh, found.other_sources, found.gas_used) == (False, ("Exchange",), 0)
    assert found.deployment == world.deployment


def test_a_deployment_of_a_version_with_fewer_contracts_is_not_made_anew(world: World, tmp_path: Path) -> None:
    assert world.settings.deployment_file is not None
    raw = orjson.loads(world.settings.deployment_file.read_bytes())
    del raw["contracts"]["DocumentLog"]
    older = tmp_path / "older.json"
    older.write_bytes(orjson.dumps(raw))
    with pytest.raises(ConflictError, match="had no DocumentLog") as conflict:
        deploy(world.settings.model_copy(update={"deployment_file": older}))
    assert "reset" not in conflict.value.fix
    assert "docs/keeping.md" in conflict.value.fix


def test_one_contract_missing_is_a_broken_chain_and_not_a_reset_one(world: World) -> None:
    assert world.devchain.url is not None
    anvil.ask(world.devchain.url, "anvil_setCode", hex0x(world.deployment.address("Settlement")), "0x")
    with pytest.raises(ChainError, match="has no code at"):
        deploy(world.settings)


def test_real_oracles_and_a_guardian_elsewhere_take_their_places(empty: Settings) -> None:
    signers = tuple(eoa_signer(new_eoa_key()) for _ in range(7))
    guardian = eoa_signer(new_eoa_key())
    deploy(empty, oracles=OracleSet(signers, 2), guardian=guardian)
    gateway = Gateway.connect(empty)
    assert set(gateway.call("ReadingAnchor", "oracles")) == set(signers)
    assert gateway.call("ReadingAnchor", "maxFaulty") == 2
    assert gateway.call("AccessManager", "hasRole", int(Role.GUARDIAN), guardian) == (True, 0)
    gateway.close()


def test_too_many_faulty_oracles_are_refused_by_the_chain_in_its_own_words(empty: Settings) -> None:
    signers = tuple(eoa_signer(new_eoa_key()) for _ in range(3))
    with pytest.raises(NodeError, match="the contract refused") as refused:
        deploy(empty, oracles=OracleSet(signers, 1))
    assert refused.value.field == "ReadingAnchor"
    assert refused.value.error is not None


def test_each_closed_function_opens_to_its_role_and_to_nobody_else(world: World) -> None:
    manager = world.calls.abi("AccessManager")
    holders = {
        Role.REGISTRAR: world.operator,
        Role.RECORDER: world.operator,
        Role.OPERATOR: world.operator,
        Role.GUARDIAN: world.guardian,
        Role.ORACLE_ADMIN: world.deployer,
    }
    assert manager.function("canCall")
    accounts = [eoa_signer(key) for key in (world.deployer, world.operator, world.guardian)]
    for contract, functions in FUNCTIONS.items():
        for function, role in functions.items():
            selector = world.calls.abi(contract).function(function).selector
            allowed = [
                account
                for account in accounts
                if world.gateway.call("AccessManager", "canCall", account, world.deployment.address(contract), selector)[0]
            ]
            assert allowed == [eoa_signer(holders[role])], f"{contract}.{function}"


def test_the_roles_are_those_the_protocol_describes(project_root: Path) -> None:
    text = (project_root / "docs" / "protocol.md").read_text()
    for role in Role:
        assert f"{int(role)} {role.name}" in text
    for contract, functions in FUNCTIONS.items():
        section = text.split(f"\n// {contract}(", 1)[1].split("\n// ", 1)[0] if f"\n// {contract}(" in text else text
        for function, role in functions.items():
            if function in ("pause", "unpause"):
                continue
            line = re.search(rf"function {function}\(.*", section)
            assert line is not None, f"{contract}.{function}"
            assert role.name in line[0], f"{contract}.{function}"


def test_a_chain_without_the_p256_precompile_is_refused(tmp_path: Path) -> None:
    config: DevchainConfig = load_devchain_config().model_copy(update={"hardfork": "prague"})
    with running_anvil(config, directory=tmp_path / "chain") as chain:
        settings = Settings(state_dir=tmp_path, rpc_url=chain.url, deployment_file=tmp_path / "31337.json")
        with pytest.raises(ChainError, match="no P-256 precompile") as refused:
            deploy(settings)
    assert "osaka" in refused.value.fix
    assert not (tmp_path / "31337.json").exists()


def test_another_chain_needs_its_own_keys_and_oracles(tmp_path: Path, project_root: Path) -> None:
    port = anvil.free_port()
    process = anvil.spawn(
        anvil.anvil_binary(project_root), ["--port", str(port), "--chain-id", "77", "--hardfork", "osaka", "--quiet"], tmp_path / "log"
    )
    try:
        url = f"http://127.0.0.1:{port}"
        anvil.wait_until_ready(process, url, DevchainConfig())
        settings = Settings(state_dir=tmp_path, rpc_url=url, deployment_file=tmp_path / "77.json")
        with pytest.raises(SettingsError, match="is needed on chain 77") as needed:
            deploy(settings)
        assert needed.value.field == "SONANG_DEPLOYER_KEY"
        own = {name: "0x" + new_eoa_key().hex() for name in ("deployer_key", "operator_key", "guardian_key")}
        keyed = Settings.model_validate({**settings.model_dump(), **own})
        with pytest.raises(SettingsError, match="needs real oracles"):
            deploy(keyed)
        deployer = eoa_signer(bytes.fromhex(own["deployer_key"][2:]))
        anvil.ask(url, "anvil_setBalance", hex0x(deployer), hex(10**21))
        made = deploy(keyed, oracles=OracleSet(tuple(eoa_signer(new_eoa_key()) for _ in range(4))))
        assert made.deployment.chain_id == 77
        Gateway.connect(keyed).close()
    finally:
        anvil.stop(process)
