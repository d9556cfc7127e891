"""The gateway: the only place in the ledger that speaks to a chain.

It knows which contracts live there and refuses a chain that carries other code; it turns a node's refusal into the contract's own error and
a node's silence into `UnavailableError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.chain import keys
from ledger.chain.calls import Calls
from ledger.chain.deployment import Deployment, load_deployment
from ledger.chain.devchain import Devchain
from ledger.chain.devchain_config import DEVCHAIN_ID, load_devchain_config
from ledger.chain.node import Block, Node, Proof, Receipt, Tag, raw_bytes, tag_name
from ledger.chain.rpc import NodeError, Rpc
from ledger.errors import ChainError, NotFoundError, UnavailableError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x
from ledger.settings import Settings

__all__ = ["Block", "Gateway", "Proof", "Receipt"]

DEFAULT_CONFIRMATIONS = 12


class Gateway(Node):
    """A connected chain and the contracts on it; `connect` is the way to get one.

    Attributes:
        confirmations: blocks on top of a transaction's own before it is final.
    """

    def __init__(self, rpc: Rpc, chain_id: int, deployment: Deployment | None, confirmations: int) -> None:
        super().__init__(rpc, chain_id)
        self._deployment = deployment
        self._calls = Calls(deployment) if deployment else None
        self.confirmations = confirmations

    @classmethod
    def connect(cls, settings: Settings) -> Gateway:
        """Connects to the chain of the settings and makes sure that its contracts are the deployment's.

        Raises:
            UnavailableError: the devchain is down, or the node does not answer.
            NotFoundError: nothing is deployed on that chain.
            ChainError: other code runs where the contracts should be.
            SettingsError: a published key is set for a chain that is not the devchain, or the deployment file cannot be used.
        """
        plain = cls.connect_undeployed(settings)
        try:
            deployment = load_deployment(settings, plain.chain_id)
            plain.check_code(deployment)
        except BaseException:
            plain.close()
            raise
        return cls(plain.rpc, plain.chain_id, deployment, plain.confirmations)

    @classmethod
    def connect_undeployed(cls, settings: Settings) -> Gateway:
        """Connects without contracts, to deploy them; errors as `connect`."""
        url = settings.rpc_url or Devchain.of(settings).url
        if url is None:
            raise UnavailableError("the devchain is down", fix="run `sonang devchain up`, or name another chain with SONANG_RPC_URL")
        rpc = Rpc(url, settings.rpc_timeout_s)
        try:
            chain_id = int(rpc.ask("eth_chainId"), 16)
            keys.refuse_published_keys(settings, chain_id)
        except BaseException:
            rpc.close()
            raise
        return cls(rpc, chain_id, None, _confirmations(settings, chain_id))

    @property
    def deployment(self) -> Deployment:
        """The contracts of this chain.

        Raises:
            NotFoundError: connected without them.
        """
        if self._deployment is None:
            raise NotFoundError("no contracts are deployed on this chain", fix="run `sonang deploy`")
        return self._deployment

    @property
    def calls(self) -> Calls:
        """Encodes calls of the contracts; errors as `deployment`."""
        if self._calls is None:
            self._calls = Calls(self.deployment)  # raises: there is none
        return self._calls

    def abi(self, contract: str) -> list[dict[str, Any]]:
        """A contract's ABI as the compiler wrote it."""
        return self.deployment.contract(contract).abi

    def check_code(self, deployment: Deployment) -> None:
        """Raises ChainError when the code at a contract's address is not the deployment's."""
        wanted = list(deployment.contracts.items())
        codes = self.rpc.ask_many([("eth_getCode", [hex0x(each.address), "latest"]) for _, each in wanted])
        for (name, each), code in zip(wanted, codes, strict=True):
            if keccak(raw_bytes(code)) != each.code_hash:
                what = "no code" if code in ("0x", None) else "other code"
                raise ChainError(
                    f"chain {self.chain_id} on {self.host} has {what} at {hex0x(each.address)}",
                    field=name,
                    fix="run `sonang deploy`, or connect to the chain the deployment file describes",
                )

    def call(self, contract: str, function: str, *args: Any, block: Tag = "latest", sender: bytes | None = None) -> Any:
        """Reads: runs a function without a transaction and returns its decoded answer.

        Raises:
            NodeError: it reverted (`error` names the custom error), or the node refused.
            NotFoundError, ProtocolError: as `Calls.encode`.
        """
        question: dict[str, str] = {"to": hex0x(self.deployment.address(contract)), "data": hex0x(self.encode(contract, function, args))}
        if sender is not None:
            question["from"] = hex0x(sender)
        try:
            answer = self.rpc.ask("eth_call", question, tag_name(block))
        except NodeError as refusal:
            raise self.explained(refusal, f"{contract}.{function}") from None
        return self.calls.decode(contract, function, raw_bytes(answer))

    def encode(self, contract: str, function: str, args: Sequence[Any]) -> bytes:
        """Calldata; errors as `Calls.encode`."""
        return self.calls.encode(contract, function, args)

    def logs(self, from_block: int, to_block: int, contracts: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """Raw logs of the named contracts (all of ours when None), for `ledger.chain.events`."""
        names = self.deployment.contracts if contracts is None else contracts
        addresses = [hex0x(self.deployment.address(name)) for name in names]
        found: list[dict[str, Any]] = self.ask(
            "eth_getLogs", {"fromBlock": hex(from_block), "toBlock": hex(to_block), "address": addresses}
        )
        return found

    def send(self, contract: str, function: str, args: Sequence[Any], key: bytes) -> Receipt:
        """Sends one administrative call and waits until it is in a block; everything of the business goes through the outbox instead.

        Raises:
            NodeError: the contract refused.
            UnavailableError: it is not in a block after two minutes.
        """
        return self.transact(key, self.deployment.address(contract), self.encode(contract, function, args), f"{contract}.{function}")

    def explained(self, refusal: NodeError, field: str) -> NodeError:
        """The refusal in the contract's own words when it was a revert."""
        return super().explained(refusal, field) if self._calls is None else self._calls.errors.explain(refusal, field)


def _confirmations(settings: Settings, chain_id: int) -> int:
    if settings.confirmations is not None:
        return settings.confirmations
    return load_devchain_config(settings.project_root).confirmations if chain_id == DEVCHAIN_ID else DEFAULT_CONFIRMATIONS
