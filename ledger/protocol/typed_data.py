"""Every struct that is signed or stored as one hash: EIP-712 typed data, in the field order of docs/protocol.md.

The field order of a class is the field order of its type string. Values are checked when they are hashed, so a digest never exists for
a value that does not fit its Solidity type.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.protocol.eip712 import (
    Bytes,
    Bytes32,
    Bytes32List,
    Domain,
    TypedStruct,
    Uint8,
    Uint32,
    Uint64,
    Uint64List,
    Uint256,
    as_eip712,
    digest,
    domain_separator,
    hash_struct,
    type_string,
)

__all__ = [
    "Agreement",
    "AttestedApproval",
    "CancelOrder",
    "Clearing",
    "Domain",
    "LoadProfile",
    "Meter",
    "Order",
    "Readings",
    "RegisterParty",
    "RevokeSigner",
    "RotateSigner",
    "SettlementRun",
    "Step",
    "Termination",
    "TypedStruct",
    "as_eip712",
    "digest",
    "domain_separator",
    "hash_struct",
    "type_string",
]


@dataclass(frozen=True, slots=True)
class RegisterParty(TypedStruct):
    """PartyRegistry: a signer accepts to stand for a party; signed by that signer."""

    party: Bytes32
    signer: Bytes
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class RotateSigner(TypedStruct):
    """PartyRegistry: a party replaces a signer; signed by both."""

    party: Bytes32
    old_signer: Bytes
    new_signer: Bytes
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class RevokeSigner(TypedStruct):
    """PartyRegistry: a signer steps down; signed by it."""

    party: Bytes32
    signer: Bytes
    nonce: Uint256
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Agreement(TypedStruct):
    """AgreementRegistry: a document, its terms and its parties; signed by every party in the order of `parties`.

    Args:
        base_digest: SHA-256 of the unsigned PDF, whose length is `base_length` bytes.
        supersedes: the agreement it replaces, 32 zero bytes for none.
    """

    id: Bytes32
    kind: Bytes32
    base_length: Uint64
    base_digest: Bytes32
    terms_root: Bytes32
    parties: Bytes32List
    valid_from: Uint64
    valid_to: Uint64
    supersedes: Bytes32
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class AttestedApproval(TypedStruct):
    """AgreementRegistry: the last party says that `party`, which has no key of its own, approved the agreement; signed by the last party.

    Args:
        agreement_hash: hashStruct(Agreement), without domain.
        evidence: SHA-256 of the canonical JSON of what shows the approval; it holds a random nonce, so it cannot be guessed.
    """

    agreement_hash: Bytes32
    party: Bytes32
    evidence: Bytes32


@dataclass(frozen=True, slots=True)
class Termination(TypedStruct):
    """AgreementRegistry: a party ends an agreement at a moment; signed by that party."""

    id: Bytes32
    party: Bytes32
    effective_at: Uint64
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Meter(TypedStruct):
    """MeterRegistry: a meter, whose plant it measures and in which zone; signed by the meter's key."""

    meter: Bytes32
    party: Bytes32
    zone: Bytes32
    signer: Bytes
    capacity_w: Uint64
    valid_from: Uint64
    valid_to: Uint64


@dataclass(frozen=True, slots=True)
class LoadProfile(TypedStruct):
    """MeterRegistry's domain, checked off chain: every interval of one meter's local day, in Wh; 2^64−1 marks one not recorded."""

    meter: Bytes32
    period_start: Uint64
    interval_s: Uint32
    version: Uint32
    import_wh: Uint64List
    export_wh: Uint64List


@dataclass(frozen=True, slots=True)
class Readings(TypedStruct):
    """ReadingAnchor: the root over all readings of a zone's period; signed by f+1 oracles."""

    zone: Bytes32
    period_start: Uint64
    period_end: Uint64
    version: Uint32
    root: Bytes32
    count: Uint32


@dataclass(frozen=True, slots=True)
class Step(TypedStruct):
    """A part of an order: so many Wh of each market time unit at this limit; 2^64−1 Wh means all the rest."""

    quantity_wh: Uint64
    price_vnd_per_kwh: Uint32


@dataclass(frozen=True, slots=True)
class Order(TypedStruct):
    """Exchange: a standing order; side 0 sells, 1 buys; signed by the party. Its digest is its name everywhere."""

    party: Bytes32
    meter: Bytes32
    zone: Bytes32
    side: Uint8
    steps: tuple[Step, ...]
    valid_from: Uint64
    valid_to: Uint64
    nonce: Uint64


@dataclass(frozen=True, slots=True)
class CancelOrder(TypedStruct):
    """Exchange: a party takes an order back; signed by the party."""

    party: Bytes32
    order_digest: Bytes32
    deadline: Uint64


@dataclass(frozen=True, slots=True)
class Clearing(TypedStruct):
    """What the Exchange keeps of one market time unit, as its struct hash; energies in Wh."""

    zone: Bytes32
    start: Uint64
    end: Uint64
    orders_root: Bytes32
    readings_version: Uint32
    mechanism: Uint8
    price_vnd_per_kwh: Uint32
    published_price_vnd_per_kwh: Uint32
    retail_price_vnd_per_kwh: Uint32
    surplus_wh: Uint64
    demand_wh: Uint64
    traded_wh: Uint64
    to_utility_wh: Uint64
    from_utility_wh: Uint64
    unpaid_wh: Uint64
    fills_root: Bytes32
    fills_count: Uint32


@dataclass(frozen=True, slots=True)
class SettlementRun(TypedStruct):
    """What Settlement keeps of one run over a period, as its struct hash; money in milli-đồng."""

    zone: Bytes32
    period_start: Uint64
    period_end: Uint64
    run: Uint32
    readings_version: Uint32
    positions_root: Bytes32
    positions_count: Uint32
    buyers_pay_mvnd: Uint256
    sellers_get_mvnd: Uint256
    utility_pays_mvnd: Uint256
    utility_gets_mvnd: Uint256
