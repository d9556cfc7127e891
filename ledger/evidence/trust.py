"""What an auditor brings and no bundle can: the hash of a block, and where the contracts live (docs/decisions/two-trust-inputs.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_uint, unhex
from ledger.protocol.signers import Verifiers
from ledger.protocol.typed_data import Domain

PASSKEYS = "ERC7913WebAuthnVerifier"
VERIFIERS = ("ERC7913P256Verifier", "ERC7913RSAVerifier", PASSKEYS)
"""What signatures are checked by; a deployment made before passkeys has no verifier for them, and its bundles name none."""
RECORD_LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True)
class Contracts:
    """Addresses of a deployment's contracts on one chain.

    Attributes:
        addresses: 20 bytes each, by the names of docs/protocol.md.
        code_hashes: keccak of the code each runs, where it is known.
    """

    chain_id: int
    addresses: Mapping[str, bytes]
    code_hashes: Mapping[str, bytes] = field(default_factory=dict)

    def address(self, name: str) -> bytes:
        """A contract's address.

        Raises:
            ProtocolError: it is not named.
        """
        if name not in self.addresses:
            raise ProtocolError("its address is not given", field=name, fix="use the whole published deployment record")
        return self.addresses[name]

    def domain(self, name: str) -> Domain:
        """The EIP-712 domain of a contract; errors as `address`."""
        return Domain(self.chain_id, self.address(name))

    @property
    def verifiers(self) -> Verifiers:
        """The ERC-7913 verifiers; errors as `address`."""
        p256, rsa = (self.address(name) for name in VERIFIERS if name != PASSKEYS)
        return Verifiers(p256, rsa, self.addresses.get(PASSKEYS))


@dataclass(frozen=True)
class Trust:
    """What is trusted beforehand; None for what nobody brought.

    Attributes:
        block_hash: from the auditor's own node, a regulator or a printed page.
        contracts: from the published deployment record.
    """

    block_hash: bytes | None = None
    contracts: Contracts | None = None


def read_record(data: bytes) -> Contracts:
    """The contracts of a published deployment record. Only `chain_id` and each contract's `address` are needed; a `code_hash` is used too.

    Raises:
        ProtocolError: not such a record.
    """
    try:
        record = orjson.loads(data) if len(data) <= RECORD_LIMIT else None
    except orjson.JSONDecodeError:
        record = None
    listed = record.get("contracts") if isinstance(record, dict) else None
    if not isinstance(record, dict) or not isinstance(listed, dict) or not all(isinstance(each, dict) for each in listed.values()):
        raise ProtocolError("not a deployment record", field="deployment", fix="give the published deployments/<chain id>.json")
    return Contracts(
        check_uint(record.get("chain_id"), 64, "deployment.chain_id"),
        {name: unhex(each.get("address"), f"deployment.{name}.address", 20) for name, each in listed.items()},
        {name: unhex(each["code_hash"], f"deployment.{name}.code_hash", 32) for name, each in listed.items() if "code_hash" in each},
    )
