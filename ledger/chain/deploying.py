"""Deployment: contracts onto a chain, roles to their keys, and the file that says where everything is. Running it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.chain import keys
from ledger.chain.abi import Abi
from ledger.chain.artefacts import Artefact, compile_contracts, compiler_settings
from ledger.chain.deployment import CONTRACTS, Contract, Deployment, abi_hash, deployment_path, load_deployment
from ledger.chain.gateway import Gateway
from ledger.chain.node import Node, Receipt, raw_bytes
from ledger.chain.revert import ErrorTable
from ledger.chain.roles import OPERATOR_ROLES, Role, permission_calls
from ledger.chain.rpc import NodeError
from ledger.errors import ChainError, ConflictError, NotFoundError, SettingsError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer, new_p256_key, sign_p256
from ledger.settings import Settings

__all__ = ["Deployed", "Guard", "OracleSet", "deploy", "probe_p256"]

P256_PRECOMPILE = (0x100).to_bytes(20, "big")
Report = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""
Guard = Callable[[Gateway, Path], None]
"""Called with the chain and the file before anything is deployed; raises when nothing may be."""


@dataclass(frozen=True)
class OracleSet:
    """Signers of the oracles and how many of them may be faulty, 3f < n."""

    signers: tuple[bytes, ...]
    max_faulty: int = 1


@dataclass(frozen=True)
class Deployed:
    """What `deploy` found or made.

    Attributes:
        fresh: False when everything was there already.
        other_sources: contracts in place that today's sources do not give; they go on to serve, since what they hold is theirs.
    """

    deployment: Deployment
    path: Path
    fresh: bool
    gas_used: int
    other_sources: tuple[str, ...] = ()


def deploy(
    settings: Settings,
    *,
    oracles: OracleSet | None = None,
    guardian: bytes | None = None,
    report: Report = lambda _what, _done, _total: None,
    guard: Guard = lambda _gateway, _path: None,
) -> Deployed:
    """Deploys every contract, sets the roles and writes the deployment file; or finds all of it done already.

    Args:
        oracles: the first oracle set; on the devchain four placeholders stand in until `setOracles`.
        guardian: address of the guardian when its key is kept elsewhere; otherwise that of `guardian_key`.
        guard: asked before anything is deployed; what it raises is raised here.

    Raises:
        ConflictError: a contract this program knows is not among those deployed.
        ChainError: the chain lacks the P-256 precompile, carries other code, or refused.
        SettingsError: a key is missing or published, there are no oracles, or the compiler's are not usable.
        InputError: the contracts do not compile.
        UnavailableError: the chain does not answer.
    """
    root = _sources(settings)
    gateway = Gateway.connect_undeployed(settings)
    try:
        path = deployment_path(settings, gateway.chain_id)
        artefacts = compile_contracts(root, lambda what: report(what, 0, len(CONTRACTS) + 1))
        existing = _existing(settings, gateway, artefacts)
        if existing is not None:
            return Deployed(existing[0], path, fresh=False, gas_used=0, other_sources=existing[1])
        guard(gateway, path)
        probe_p256(gateway)
        deployer = keys.deployer_key(settings, gateway.chain_id)
        holders = _holders(settings, gateway.chain_id, guardian)
        first = oracles or OracleSet(tuple(keys.placeholder_oracles(gateway.chain_id)))
        deployment, gas_used = _Deployer(gateway, deployer, artefacts, report).run(first, holders, compiler_settings(root))
        deployment.save(path)
        return Deployed(deployment, path, fresh=True, gas_used=gas_used)
    finally:
        gateway.close()


def probe_p256(node: Node) -> None:
    """Makes sure that the chain checks P-256 signatures itself: without that a meter's signature is judged wrongly or costs a fortune.

    Raises:
        ChainError: a valid signature is not recognised, or an invalid one is.
    """
    key, digest = new_p256_key(), keccak(b"probe")
    point = key.public_key().public_numbers()
    claim = digest + sign_p256(key, digest) + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    for data, right in ((claim, True), (bytes(32) + claim[32:], False)):
        answer = raw_bytes(node.ask("eth_call", {"to": hex0x(P256_PRECOMPILE), "data": hex0x(data)}, "latest"))
        if (answer == (1).to_bytes(32, "big")) is not right:
            raise ChainError(
                f"chain {node.chain_id} has no P-256 precompile at address 0x100",
                field="hardfork",
                fix="use a chain with the osaka fork (EIP-7951): meters sign with P-256",
            )


class _Deployer:
    """One deployment under way: each contract's address as soon as it has one."""

    def __init__(self, gateway: Gateway, key: bytes, artefacts: dict[str, Artefact], report: Report) -> None:
        self._gateway = gateway
        self._key = key
        self._artefacts = artefacts
        self._report = report
        self._abis = {name: Abi(name, artefacts[name].abi) for name in CONTRACTS}
        self._addresses: dict[str, bytes] = {}
        self._contracts: dict[str, Contract] = {}
        self._gas_used = 0

    def run(self, oracles: OracleSet, holders: list[tuple[Role, bytes]], compiler: dict[str, Any]) -> tuple[Deployment, int]:
        """Everything in order: contracts, then their roles in one transaction."""
        for done, name in enumerate(CONTRACTS):
            self._report(f"Deploying {name}", done, len(CONTRACTS) + 1)
            self._create(name, self._arguments(name, oracles))
        self._report("Setting roles", len(CONTRACTS), len(CONTRACTS) + 1)
        manager = self._abis["AccessManager"]
        roles = list(permission_calls(manager, self._abis, self._addresses, holders))
        self._transact(self._addresses["AccessManager"], manager.encode("multicall", [roles]), "AccessManager.multicall")
        self._report("Deployed", len(CONTRACTS) + 1, len(CONTRACTS) + 1)
        genesis = self._gateway.block("earliest").hash
        return Deployment(self._gateway.chain_id, genesis, compiler, self._contracts), self._gas_used

    def _arguments(self, name: str, oracles: OracleSet) -> list[Any]:
        """A contract's constructor arguments; the AccessManager comes last in every one of ours."""
        at = self._addresses
        if name == "AccessManager":
            return [eoa_signer(self._key)]
        if name.startswith("ERC7913"):
            return []
        before: dict[str, list[Any]] = {
            "PartyRegistry": [],
            "ReadingAnchor": [list(oracles.signers), oracles.max_faulty],
            "Exchange": [at.get("PartyRegistry"), at.get("ReadingAnchor")],
            "Settlement": [at.get("Exchange")],
            "DocumentLog": [],
        }
        return [*before.get(name, [at.get("PartyRegistry")]), at["AccessManager"]]

    def _create(self, name: str, arguments: Sequence[Any]) -> None:
        artefact = self._artefacts[name]
        receipt = self._transact(None, artefact.bytecode + self._abis[name].constructor.encode(arguments), name)
        if receipt.contract is None:
            raise ChainError("the receipt names no address", field=name, fix="use another node")
        code = raw_bytes(self._gateway.ask("eth_getCode", hex0x(receipt.contract), hex(receipt.block_number)))
        if not artefact.same_code(code):
            raise ChainError("the chain runs other code than was sent", field=name, fix="use another chain; this one alters contracts")
        self._addresses[name] = receipt.contract
        self._contracts[name] = Contract(
            receipt.contract, receipt.block_number, receipt.tx_hash, artefact.abi, abi_hash(artefact.abi), keccak(code)
        )

    def _transact(self, to: bytes | None, data: bytes, field: str) -> Receipt:
        try:
            receipt = self._gateway.transact(self._key, to, data, field)
        except NodeError as refusal:
            raise ErrorTable(self._abis.values()).explain(refusal, field) from None
        self._gas_used += receipt.gas_used
        return receipt


def _sources(settings: Settings) -> Path:
    """The folder that holds the contracts."""
    if settings.project_root is None:
        raise SettingsError("the contracts are not here", field="project_root", fix="run it in the project's folder")
    return settings.project_root


def _holders(settings: Settings, chain_id: int, guardian: bytes | None) -> list[tuple[Role, bytes]]:
    deployer, operator = (eoa_signer(key(settings, chain_id)) for key in (keys.deployer_key, keys.operator_key))
    watcher = guardian or eoa_signer(keys.guardian_key(settings, chain_id))
    return [*((role, operator) for role in OPERATOR_ROLES), (Role.GUARDIAN, watcher), (Role.ORACLE_ADMIN, deployer)]


def _existing(settings: Settings, gateway: Gateway, artefacts: dict[str, Artefact]) -> tuple[Deployment, tuple[str, ...]] | None:
    """The deployment that is already there, and which of its contracts are not today's; None when this chain has none yet."""
    try:
        found = load_deployment(settings, gateway.chain_id)
    except NotFoundError:
        return None
    codes = [
        raw_bytes(code)
        for code in gateway.rpc.ask_many([("eth_getCode", [hex0x(each.address), "latest"]) for each in found.contracts.values()])
    ]
    if gateway.is_devchain and not any(codes):
        return None  # the devchain was reset: its old deployment is gone with it
    gateway.check_code(found)
    held = dict(zip(found.contracts, codes, strict=True))
    missing = [name for name in CONTRACTS if name not in held]
    if missing:
        raise ConflictError(
            f"deployed by a version of this program that had no {', '.join(missing)}",
            field=str(deployment_path(settings, gateway.chain_id)),
            fix="go on with what is deployed, or with that version; what needs the rest needs another installation, see docs/keeping.md",
        )
    return found, tuple(name for name in CONTRACTS if not artefacts[name].same_code(held[name]))
