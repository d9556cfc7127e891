"""Where the contracts are: read from the published deployment file, which is all a node takes from the operator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_uint, unhex
from ledger.protocol.signers import Verifiers
from ledger.protocol.typed_data import Domain
from oracle.errors import NodeError

FIX = "name the file `sonang deploy` wrote: deployments/<chain id>.json"


@dataclass(frozen=True)
class Contracts:
    """Addresses of one deployment, and the first block in which any of them can have spoken."""

    chain_id: int
    meter_registry: bytes
    reading_anchor: bytes
    exchange: bytes
    verifiers: Verifiers
    first_block: int

    @property
    def meter_domain(self) -> Domain:
        """The EIP-712 domain meters sign load profiles in."""
        return Domain(self.chain_id, self.meter_registry)

    @property
    def anchor_domain(self) -> Domain:
        """The EIP-712 domain oracles sign readings in."""
        return Domain(self.chain_id, self.reading_anchor)


def load_contracts(path: Path) -> Contracts:
    """Reads a deployment file.

    Raises:
        NodeError: it cannot be read, or an address is missing or malformed.
    """
    try:
        deployment = orjson.loads(path.read_bytes())
    except OSError as problem:
        raise NodeError(f"cannot be read: {problem.strerror}", field=str(path), fix=FIX) from None
    except ValueError:
        raise NodeError("is not JSON", field=str(path), fix=FIX) from None
    try:
        return _contracts(deployment)
    except ProtocolError as wrong:
        raise NodeError(wrong.problem, field=f"{path}: {wrong.field}", fix=FIX) from None
    except (KeyError, TypeError, AttributeError):
        raise NodeError("is no deployment file", field=str(path), fix=FIX) from None


def _contracts(deployment: Any) -> Contracts:
    contracts = deployment["contracts"]

    def address(name: str) -> bytes:
        return unhex(contracts[name]["address"], name, 20)

    return Contracts(
        chain_id=check_uint(deployment["chain_id"], 63, "chain_id"),
        meter_registry=address("MeterRegistry"),
        reading_anchor=address("ReadingAnchor"),
        exchange=address("Exchange"),
        verifiers=Verifiers(address("ERC7913P256Verifier"), address("ERC7913RSAVerifier")),
        first_block=check_uint(contracts["MeterRegistry"]["block"], 63, "block"),
    )
