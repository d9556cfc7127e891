"""Where each contract keeps what a bundle proves, and what the words there mean (docs/protocol.md, Storage).

A mapping's entry lies at keccak256(key ‖ mapping's slot); composite keys are keccak256 of their ABI encoding, as the contracts make them.
Words are what `chain_proof.verify_storage` returns. The tests compare all of it with the compiler's own storage layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import check_bytes, check_bytes32, check_uint, uint_word

LAYOUT = {
    "PartyRegistry": {"_standings": 3, "_nonces": 4},
    "AgreementRegistry": {"_records": 3, "_partiesHashes": 4, "_firsts": 5, "_successors": 6},
    "MeterRegistry": {"_meters": 3, "_hashes": 4},
    "ReadingAnchor": {"_readingsHashes": 3, "_standings": 4, "_oracles": 5},
    "Exchange": {"_zones": 3, "_commitments": 4, "_clearings": 5, "_days": 6, "_cancelledAt": 7},
    "Settlement": {"_runHashes": 1, "_lasts": 2},
    "DocumentLog": {"_roots": 1},
}
"""Slot of every mapping and list, by contract."""


@dataclass(frozen=True, slots=True)
class SignerStanding:
    """PartyRegistry: since when a signer stands for a party, and until when (0: still); `since` 0 means never."""

    since: int
    until: int


@dataclass(frozen=True, slots=True)
class AgreementRecord:
    """AgreementRegistry: status 0 none, 1 recorded, 2 superseded, 3 terminated, 4 revoked; `ended_at` counts from status 2 on.

    Bit i of `attested` says that the approval of the i-th party is the last party's word, not its own signature.
    """

    agreement_hash: bytes
    sealed_digest: bytes
    valid_from: int
    valid_to: int
    ended_at: int
    status: int
    superseded_by: bytes
    attested: int = 0


@dataclass(frozen=True, slots=True)
class Commitment:
    """Exchange: the orders of a unit as they were fixed at gate closure, and the rules that were in force then."""

    orders_root: bytes
    committed_at: int
    count: int
    challenge_window_s: int
    mechanism: int


@dataclass(frozen=True, slots=True)
class PostedClearing:
    """Exchange: hashStruct(Clearing), when it was posted, from when it is final, and whether a guardian voided it."""

    clearing_hash: bytes
    posted_at: int
    final_at: int
    voided: bool


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """Exchange: the rules of a zone; its interval and its offset from UTC never change, seconds."""

    interval_s: int
    utc_offset_s: int
    gate_lead_s: int
    challenge_window_s: int
    mechanism: int


def signer_slot(party: bytes, signer: bytes) -> bytes:
    """PartyRegistry: the standing of a signer; read with `signer_standing`.

    Raises:
        ProtocolError: a key is malformed; so for every slot below.
    """
    inner = _entry(_id(party, "party"), _base("PartyRegistry", "_standings"))
    return _entry(keccak(check_bytes(signer, "signer")), inner)


def signer_standing(word: int) -> SignerStanding:
    """The word in `signer_slot`.

    Raises:
        ProtocolError: the word holds more; so for every reader below.
    """
    return SignerStanding(*_unpack(word, 64, 64))


def agreement_slots(agreement: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """AgreementRegistry: the record of an agreement; read with `agreement_record`."""
    first, second, third, fourth = _run(_entry(_id(agreement, "agreement"), _base("AgreementRegistry", "_records")), 4)
    return first, second, third, fourth


def agreement_record(words: Sequence[int]) -> AgreementRecord:
    """The four words in `agreement_slots`."""
    agreement_hash, sealed_digest, times, superseded_by = _words(words, 4)
    valid_from, valid_to, ended_at, status, attested = _unpack(times, 64, 64, 64, 8, 16)
    if status > 4:
        raise _foreign(f"status {status} of an agreement")
    return AgreementRecord(
        _bytes32(agreement_hash), _bytes32(sealed_digest), valid_from, valid_to, ended_at, status, _bytes32(superseded_by), attested
    )


def meter_slot(meter: bytes) -> bytes:
    """MeterRegistry: hashStruct(Meter) as it stands now, 0 for a meter that was never installed."""
    return _entry(_id(meter, "meter"), _base("MeterRegistry", "_hashes"))


def readings_slot(zone: bytes, period_start: int, version: int) -> bytes:
    """ReadingAnchor: hashStruct(Readings) of one version."""
    key = _key(_id(zone, "zone"), uint_word(period_start, 64, "period_start"), uint_word(version, 32, "version"))
    return _entry(key, _base("ReadingAnchor", "_readingsHashes"))


def zone_slot(zone: bytes) -> bytes:
    """Exchange: the rules of a zone; read with `zone_rules`."""
    return _entry(_id(zone, "zone"), _base("Exchange", "_zones"))


def zone_rules(word: int) -> ZoneRules:
    """The word in `zone_slot`."""
    interval_s, offset, gate_lead_s, challenge_window_s, mechanism = _unpack(word, 32, 32, 32, 32, 8)
    return ZoneRules(interval_s, offset - (offset >> 31 << 32), gate_lead_s, challenge_window_s, mechanism)


def orders_slots(zone: bytes, start: int) -> tuple[bytes, bytes]:
    """Exchange: the committed orders of a unit; read with `commitment`."""
    key = _key(_id(zone, "zone"), uint_word(start, 64, "start"))
    first, second = _run(_entry(key, _base("Exchange", "_commitments")), 2)
    return first, second


def commitment(words: Sequence[int]) -> Commitment:
    """The two words in `orders_slots`."""
    root, rest = _words(words, 2)
    return Commitment(_bytes32(root), *_unpack(rest, 64, 32, 32, 8))


def clearing_slots(zone: bytes, start: int, readings_version: int) -> tuple[bytes, bytes]:
    """Exchange: the clearing of a unit at one version of the readings; read with `posted_clearing`."""
    key = _key(_id(zone, "zone"), uint_word(start, 64, "start"), uint_word(readings_version, 32, "readings_version"))
    first, second = _run(_entry(key, _base("Exchange", "_clearings")), 2)
    return first, second


def posted_clearing(words: Sequence[int]) -> PostedClearing:
    """The two words in `clearing_slots`."""
    clearing_hash, rest = _words(words, 2)
    posted_at, final_at, voided = _unpack(rest, 64, 64, 8)
    if voided > 1:
        raise _foreign(f"{voided} where a clearing says whether it is void")
    return PostedClearing(_bytes32(clearing_hash), posted_at, final_at, bool(voided))


def cancelled_slot(party: bytes, order_digest: bytes) -> bytes:
    """Exchange: when a party cancelled an order, 0 when it did not."""
    inner = _entry(_id(party, "party"), _base("Exchange", "_cancelledAt"))
    return _entry(_id(order_digest, "order_digest"), inner)


def run_slot(zone: bytes, period_start: int, run: int) -> bytes:
    """Settlement: hashStruct(SettlementRun) of one run."""
    key = _key(_id(zone, "zone"), uint_word(period_start, 64, "period_start"), uint_word(run, 32, "run"))
    return _entry(key, _base("Settlement", "_runHashes"))


def last_run_slot(zone: bytes, period_start: int) -> bytes:
    """Settlement: number and readings version of a period's last run; read with `last_run`."""
    return _entry(_key(_id(zone, "zone"), uint_word(period_start, 64, "period_start")), _base("Settlement", "_lasts"))


def last_run(word: int) -> tuple[int, int]:
    """The word in `last_run_slot`: the run and its readings version."""
    run, readings_version = _unpack(word, 32, 32)
    return run, readings_version


def _base(contract: str, mapping: str) -> bytes:
    return LAYOUT[contract][mapping].to_bytes(32, "big")


def _entry(key: bytes, base: bytes) -> bytes:
    return keccak(key + base)


def _key(*words: bytes) -> bytes:
    return keccak(b"".join(words))


def _run(first: bytes, count: int) -> list[bytes]:
    start = int.from_bytes(first, "big")
    return [((start + place) % 2**256).to_bytes(32, "big") for place in range(count)]


def _id(value: bytes, field: str) -> bytes:
    return check_bytes32(value, field)


def _bytes32(word: int) -> bytes:
    return word.to_bytes(32, "big")


def _words(words: Sequence[int], count: int) -> list[int]:
    if not isinstance(words, tuple | list) or len(words) != count:
        raise ProtocolError(f"not {count} words", field="storage", fix=f"prove {count} slots")
    return [check_uint(word, 256, "storage") for word in words]


def _unpack(word: int, *bits: int) -> list[int]:
    """The values packed into a word, the first in its lowest bits; what is left over must be zero."""
    rest = check_uint(word, 256, "storage")
    values = []
    for width in bits:
        values.append(rest & ((1 << width) - 1))
        rest >>= width
    if rest:
        raise _foreign("a word with more in it than the contract stores")
    return values


def _foreign(problem: str) -> ProtocolError:
    return ProtocolError(problem, field="storage", fix="check the contract's address against the deployment record")
