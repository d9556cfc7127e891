"""Compiling: the contracts once, by the pinned compiler, and not again while nothing changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ledger.chain import artefacts, solc
from ledger.chain.artefacts import compile_contracts, compiler_settings
from ledger.chain.deployment import CONTRACTS
from ledger.errors import InputError, SettingsError
from ledger.protocol.keccak import keccak

ONE = "// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.37;\n"


@pytest.fixture
def project(tmp_path: Path, project_root: Path) -> Path:
    """A small project with the real compiler and libraries."""
    for name in ("foundry.toml", "package.json"):
        shutil.copy(project_root / name, tmp_path / name)
    (tmp_path / "scripts").mkdir()
    shutil.copy(project_root / "scripts" / "solc.mjs", tmp_path / "scripts" / "solc.mjs")
    (tmp_path / "node_modules").symlink_to(project_root / "node_modules")
    (tmp_path / "contracts").mkdir()
    return tmp_path


def write(project: Path, name: str, body: str) -> None:
    (project / "contracts" / f"{name}.sol").write_text(ONE + body)


def test_every_contract_of_a_deployment_compiles_to_code_within_the_chains_limit(project_root: Path) -> None:
    compiled = compile_contracts(project_root)
    assert set(CONTRACTS) <= set(compiled)
    for name in CONTRACTS:
        assert 0 < len(compiled[name].deployed_bytecode) <= 24_576
        assert compiled[name].bytecode
        assert all(keccak(text.encode())[:4].hex() == selector for text, selector in compiled[name].methods.items())
    assert compiled["ReadingAnchor"].storage_layout["storage"]


def test_nothing_changed_nothing_compiled(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compile_contracts(project_root)
    monkeypatch.setattr(artefacts, "compile_standard_json", lambda *_: pytest.fail("compiled again"))
    assert compile_contracts(project_root, pytest.fail) == first


@pytest.mark.slow
def test_a_changed_source_is_compiled_and_a_wrong_one_named_with_its_place(project: Path) -> None:
    said: list[str] = []
    write(project, "One", "contract One { uint256 public x; }")
    before = compile_contracts(project, said.append)["One"]
    write(project, "One", "contract One { uint256 public x = 1; }")
    after = compile_contracts(project, said.append)["One"]
    assert before.bytecode != after.bytecode
    assert len(said) == 2
    assert len(list((project / "out" / "artefacts").glob("*.json"))) == 1
    write(project, "One", "contract One { uint256 public x = true; }")
    with pytest.raises(InputError, match="does not compile: TypeError") as wrong:
        compile_contracts(project)
    assert wrong.value.field == "contracts/One.sol"


def test_an_import_that_is_not_there_is_named(project: Path) -> None:
    write(project, "One", 'import {Two} from "./libraries/Two.sol";\ncontract One {}')
    with pytest.raises(InputError) as missing:
        compile_contracts(project)
    assert missing.value.field == "contracts/libraries/Two.sol"


def test_immutables_do_not_matter_when_code_is_compared_and_everything_else_does(project_root: Path) -> None:
    artefact = compile_contracts(project_root)["PartyRegistry"]
    filled = bytearray(artefact.deployed_bytecode)
    start, length = artefact.immutable_references[0]
    filled[start : start + length] = b"\x55" * length
    assert artefact.same_code(bytes(filled))
    filled[start + length] ^= 1
    assert not artefact.same_code(bytes(filled))
    assert not artefact.same_code(artefact.deployed_bytecode + b"\x00")


def test_the_settings_come_from_foundry_toml_and_a_missing_one_is_said(project: Path) -> None:
    assert compiler_settings(project)["evmVersion"] == "osaka"
    assert compiler_settings(project)["version"] == "0.8.37"
    (project / "foundry.toml").write_text("[profile.default]\noptimizer = true\n")
    with pytest.raises(SettingsError, match="evm_version"):
        compiler_settings(project)


def test_without_a_native_compiler_and_a_network_npms_is_used_by_its_absolute_path(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOLCX_BINARY_PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(solc, "_fetch", lambda *_: False)
    compiler = solc.find_compiler(project)
    assert compiler == (project / "scripts" / "solc.mjs").resolve()
    assert compiler.is_absolute()
    (project / "node_modules").unlink()
    with pytest.raises(SettingsError, match="no Solidity compiler is installed"):
        solc.find_compiler(project)


def test_a_native_compiler_of_the_pinned_version_is_preferred_and_a_broken_or_another_one_is_not(
    project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOLCX_BINARY_PATH", str(tmp_path))
    native = tmp_path / "solc-v0.8.37"
    native.write_text("#!/bin/sh\nexit 1\n")
    native.chmod(0o755)
    monkeypatch.setattr(solc, "_fetch", lambda *_: False)
    assert solc.find_compiler(project).name == "solc.mjs"
    for other in ("0.8.36+commit.8a2bb5a2.Linux.g++", "0.8.37-develop.2026.1.1+commit.f401782d.Linux.g++", "0.8.370+commit.f401782d"):
        native.write_text(f'#!/bin/sh\necho "Version: {other}"\n')
        assert solc.find_compiler(project).name == "solc.mjs", other
    native.write_text('#!/bin/sh\necho "Version: 0.8.37+commit.f401782d.Linux.g++"\n')
    assert solc.find_compiler(project) == native
