"""Calls as bytes, from a deployment's ABIs alone: no node, no compiler, so a command can write them into the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.chain.abi import Abi
from ledger.chain.deployment import Deployment
from ledger.chain.revert import ErrorTable
from ledger.errors import NotFoundError

__all__ = ["Calls"]


class Calls:
    """Encodes calls of a deployment's contracts and decodes their answers.

    Args:
        deployment: whose ABIs and addresses are used.
    """

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self._abis = {name: Abi(name, contract.abi) for name, contract in deployment.contracts.items()}
        self.errors = ErrorTable(self._abis.values())
        """Every custom error the contracts declare."""

    def abi(self, contract: str) -> Abi:
        """A contract's ABI.

        Raises:
            NotFoundError: the deployment has no such contract.
        """
        try:
            return self._abis[contract]
        except KeyError:
            raise NotFoundError("is not deployed", field=contract, fix="run `sonang deploy`") from None

    def encode(self, contract: str, function: str, args: Sequence[Any]) -> bytes:
        """Calldata. Ids and addresses are bytes; a struct may be a typed-data dataclass, a tuple or a mapping.

        Raises:
            NotFoundError: no such contract or function.
            ProtocolError: the arguments do not fit.
        """
        return self.abi(contract).encode(function, args)

    def decode(self, contract: str, function: str, output: bytes) -> Any:
        """What a call returned: the value, or a tuple of several; structs are tuples, addresses 20 bytes.

        Raises:
            NotFoundError: no such contract or function.
            ChainError: the bytes do not fit.
        """
        return self.abi(contract).function(function).decode_outputs(output)
