"""Contracts compiled: Solidity sources in, ABI, bytecode and storage layout out, and nothing done when nothing changed.

The compiler's settings are those of `foundry.toml`, so that forge tests the bytecode that is deployed. The input names every source it
needs, so the compiler reads no file itself and the cache's key, a hash of that input, covers everything the output depends on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from ledger.chain.solc import compile_standard_json, pinned_version
from ledger.errors import InputError, SettingsError

__all__ = ["Artefact", "compile_contracts", "compiler_settings"]

LIBRARY = "@openzeppelin/contracts/"
FROM_LIBRARY = (
    LIBRARY + "access/manager/AccessManager.sol",
    LIBRARY + "utils/cryptography/verifiers/ERC7913P256Verifier.sol",
    LIBRARY + "utils/cryptography/verifiers/ERC7913RSAVerifier.sol",
    LIBRARY + "utils/cryptography/verifiers/ERC7913WebAuthnVerifier.sol",
)
"""Contracts deployed as OpenZeppelin wrote them."""

_IMPORT = re.compile(r"^\s*import\s+(?:[^\"';]*?\s+from\s+)?[\"']([^\"']+)[\"']", re.MULTILINE)
_OUTPUT = [
    "abi",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
    "evm.methodIdentifiers",
    "storageLayout",
]


@dataclass(frozen=True)
class Artefact:
    """One compiled contract.

    Attributes:
        bytecode: what is sent to create it, before the constructor's arguments.
        deployed_bytecode: what the chain then runs, with zeros where immutables go.
        immutable_references: where those are, as (start, length).
        storage_layout: the compiler's description of every storage slot.
        methods: 4-byte selectors in hex by signature.
    """

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    deployed_bytecode: bytes
    immutable_references: tuple[tuple[int, int], ...]
    storage_layout: dict[str, Any]
    methods: dict[str, str]

    def same_code(self, code: bytes) -> bool:
        """Whether code found on a chain is this contract's, whatever its immutables."""
        return self._masked(code) == self._masked(self.deployed_bytecode)

    def _masked(self, code: bytes) -> bytes:
        masked = bytearray(code)
        for start, length in self.immutable_references:
            masked[start : start + length] = bytes(length)
        return bytes(masked)


def compiler_settings(root: Path) -> dict[str, Any]:
    """The compiler's version and the settings that decide the bytecode.

    Raises:
        SettingsError: `foundry.toml` or `package.json` is missing or lacks one of them.
    """
    file = root / "foundry.toml"
    try:
        profile = tomllib.loads(file.read_text(encoding="utf-8"))["profile"]["default"]
        return {
            "version": pinned_version(root),
            "evmVersion": str(profile["evm_version"]),
            "optimizer": {"enabled": bool(profile["optimizer"]), "runs": int(profile["optimizer_runs"])},
            "viaIR": bool(profile.get("via_ir", False)),
            "metadata": {"bytecodeHash": str(profile.get("bytecode_hash", "ipfs")), "appendCBOR": bool(profile.get("cbor_metadata", True))},
        }
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError) as wrong:
        raise SettingsError(f"cannot be used: {wrong!r}", field=str(file), fix="restore it from the repository") from None


def compile_contracts(root: Path, progress: Callable[[str], None] | None = None) -> dict[str, Artefact]:
    """Every contract of the project that can be deployed, by name; from the cache when no source and no setting changed.

    Args:
        root: the project's folder.
        progress: called with a sentence before something slow begins.

    Raises:
        InputError: a source does not compile or imports something that is not there.
        SettingsError: no compiler is installed, or the settings cannot be read.
        UnavailableError: the compiler failed.
    """
    settings = compiler_settings(root)
    sources = _sources(root)
    question = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sorted(sources.items())},
        "settings": {**{key: value for key, value in settings.items() if key != "version"}, "outputSelection": {"*": {"*": _OUTPUT}}},
    }
    key = sha256(orjson.dumps([settings["version"], question])).hexdigest()
    cache = root / "out" / "artefacts"
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "lock"):
        output = _read_cache(cache / f"{key}.json")
        if output is None:
            if progress is not None:
                progress(f"Compiling {len(sources)} sources with solc {settings['version']}")
            output = compile_standard_json(root, question)["contracts"]
            _write_cache(cache / f"{key}.json", output)
    return {name: found for source, name, found in _artefacts(output) if source.startswith("contracts/") or source in FROM_LIBRARY}


def _sources(root: Path) -> dict[str, str]:
    """Text of every source by the name its importers use: ours, OpenZeppelin's contracts we deploy, and whatever those import."""
    ours = sorted((root / "contracts").rglob("*.sol"))
    waiting = [path.relative_to(root).as_posix() for path in ours if "test" not in path.relative_to(root / "contracts").parts]
    if not waiting:
        raise SettingsError("holds no contracts", field=str(root / "contracts"), fix="run it in the project's folder")
    waiting += FROM_LIBRARY
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = (root / "node_modules" / name if name.startswith("@") else root / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise InputError(f"cannot be read: {wrong}", field=name, fix="run `npm ci`, or mend the import") from None
        waiting += [_resolved(name, target) for target in _IMPORT.findall(found[name])]
    return found


def _resolved(importer: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), target)) if target.startswith(".") else target


def _artefacts(output: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, Artefact]]:
    for source, contracts in output.items():
        for name, found in contracts.items():
            evm = found["evm"]
            if evm["bytecode"]["object"]:
                yield source, name, _artefact(name, found, evm)


def _artefact(name: str, found: dict[str, Any], evm: dict[str, Any]) -> Artefact:
    try:
        bytecode, deployed = (bytes.fromhex(evm[part]["object"]) for part in ("bytecode", "deployedBytecode"))
    except ValueError:
        raise InputError(
            "needs a library of its own address to be linked", field=name, fix="make the library's functions internal"
        ) from None
    places: Sequence[Sequence[dict[str, int]]] = list(evm["deployedBytecode"].get("immutableReferences", {}).values())
    references = sorted((each["start"], each["length"]) for group in places for each in group)
    return Artefact(name, found["abi"], bytecode, deployed, tuple(references), found["storageLayout"], evm["methodIdentifiers"])


def _read_cache(file: Path) -> dict[str, Any] | None:
    try:
        cached: dict[str, Any] = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return cached


def _write_cache(file: Path, output: dict[str, Any]) -> None:
    draft = file.with_suffix(".new")
    draft.write_bytes(orjson.dumps(output))
    draft.replace(file)
    for older in file.parent.glob("*.json"):
        if older != file:
            older.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Lets one process compile while the others wait for its result."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
