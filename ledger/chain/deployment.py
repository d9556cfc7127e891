"""Where the contracts live on a chain, and what they are: the published file `deployments/<chain id>.json`.

It holds everything a reader needs without a compiler or a node: addresses, blocks, ABIs, and the hashes by which a chain that carries other
code is recognised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.errors import NotFoundError, ProtocolError, SettingsError
from ledger.protocol.canonical import canonical_json
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x, unhex
from ledger.protocol.signers import Verifiers
from ledger.protocol.typed_data import Domain
from ledger.settings import Settings

__all__ = ["CONTRACTS", "Contract", "Deployment", "abi_hash", "deployment_path", "load_deployment", "read_deployment", "record_to_name"]

CONTRACTS = (
    "AccessManager",
    "ERC7913P256Verifier",
    "ERC7913RSAVerifier",
    "ERC7913WebAuthnVerifier",
    "PartyRegistry",
    "AgreementRegistry",
    "MeterRegistry",
    "ReadingAnchor",
    "Exchange",
    "Settlement",
    "DocumentLog",
)
"""Every contract of a deployment, in the order they are deployed."""


@dataclass(frozen=True)
class Contract:
    """One deployed contract; `code_hash` is the keccak of the code the chain runs, immutables filled in."""

    address: bytes
    block: int
    transaction: bytes
    abi: list[dict[str, Any]]
    abi_hash: bytes
    code_hash: bytes


@dataclass(frozen=True)
class Deployment:
    """Every contract on one chain, and how it was compiled."""

    chain_id: int
    genesis_hash: bytes
    compiler: dict[str, Any]
    contracts: Mapping[str, Contract]

    def contract(self, name: str) -> Contract:
        """A contract by name.

        Raises:
            NotFoundError: the deployment has none of that name.
        """
        try:
            return self.contracts[name]
        except KeyError:
            raise NotFoundError("is not deployed", field=name, fix="run `sonang deploy`") from None

    def address(self, name: str) -> bytes:
        """A contract's 20-byte address; errors as `contract`."""
        return self.contract(name).address

    def domain(self, name: str) -> Domain:
        """The EIP-712 domain of a contract; errors as `contract`."""
        return Domain(self.chain_id, self.address(name))

    @property
    def verifiers(self) -> Verifiers:
        """Addresses of the ERC-7913 verifiers, for P-256 and RSA signers and passkeys; an older deployment has none for passkeys."""
        webauthn = self.contracts.get("ERC7913WebAuthnVerifier")
        plain = (self.address("ERC7913P256Verifier"), self.address("ERC7913RSAVerifier"))
        return Verifiers(*plain, None if webauthn is None else webauthn.address)

    @property
    def first_block(self) -> int:
        """The lowest block that can hold an event of ours."""
        return min(contract.block for contract in self.contracts.values())

    def save(self, path: Path) -> None:
        """Writes the whole file or none."""
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_bytes(orjson.dumps(self._as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        draft.replace(path)

    def _as_json(self) -> dict[str, Any]:
        return {
            "chain_id": self.chain_id,
            "genesis_hash": hex0x(self.genesis_hash),
            "compiler": self.compiler,
            "contracts": {
                name: {
                    "address": hex0x(each.address),
                    "block": each.block,
                    "transaction": hex0x(each.transaction),
                    "abi_hash": hex0x(each.abi_hash),
                    "code_hash": hex0x(each.code_hash),
                    "abi": each.abi,
                }
                for name, each in self.contracts.items()
            },
        }


def abi_hash(abi: list[dict[str, Any]]) -> bytes:
    """keccak of the ABI's canonical JSON."""
    return keccak(canonical_json(abi))


def deployment_path(settings: Settings, chain_id: int) -> Path:
    """The file of a chain: the one `SONANG_DEPLOYMENT_FILE` names, else `deployments/<chain id>.json` in the project.

    A state folder that is not the project's own has a devchain of its own, so that chain's file lies in that folder.
    """
    if settings.deployment_file is not None:
        return settings.deployment_file
    apart = chain_id == DEVCHAIN_ID and not settings.in_default_state
    return (settings.state_dir if apart else settings.project_root or Path.cwd()) / "deployments" / f"{chain_id}.json"


def record_to_name(settings: Settings, chain_id: int) -> Path | None:
    """The file of a chain when a reader must name it, since it is not where a program without our settings looks; else None."""
    path = deployment_path(settings, chain_id)
    usual = settings.deployment_file is None and path.parent.parent != settings.state_dir
    return None if usual else path


def load_deployment(settings: Settings, chain_id: int) -> Deployment:
    """Reads a chain's file.

    Raises:
        NotFoundError: there is none.
        SettingsError: it is torn, altered (an ABI does not match its hash), or another chain's.
    """
    path = deployment_path(settings, chain_id)
    return read_deployment(path, chain_id)


def read_deployment(path: Path, chain_id: int | None = None) -> Deployment:
    """Reads a deployment file, of `chain_id` when given; errors as `load_deployment`."""
    try:
        raw = orjson.loads(path.read_bytes())
        found = Deployment(
            int(raw["chain_id"]),
            unhex(raw["genesis_hash"], "genesis_hash", 32),
            raw["compiler"],
            {name: _contract(name, each) for name, each in raw["contracts"].items()},
        )
    except FileNotFoundError:
        raise NotFoundError("no contracts are deployed on this chain", field=str(path), fix="run `sonang deploy`") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ProtocolError) as wrong:
        raise SettingsError(f"cannot be read: {wrong}", field=str(path), fix="restore it, or remove it and run `sonang deploy`") from None
    if chain_id is not None and found.chain_id != chain_id:
        raise SettingsError(f"is of chain {found.chain_id}, not {chain_id}", field=str(path), fix="name the right SONANG_DEPLOYMENT_FILE")
    return found


def _contract(name: str, raw: dict[str, Any]) -> Contract:
    found = Contract(
        unhex(raw["address"], "address", 20),
        int(raw["block"]),
        unhex(raw["transaction"], "transaction", 32),
        raw["abi"],
        unhex(raw["abi_hash"], "abi_hash", 32),
        unhex(raw["code_hash"], "code_hash", 32),
    )
    if abi_hash(found.abi) != found.abi_hash:
        raise ValueError(f"the ABI of {name} does not match its hash")
    return found
