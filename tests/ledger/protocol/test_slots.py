"""Storage slots: the compiler's own layout, viem's way of hashing keys, and words that are read back strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.artefacts import Artefact, compile_contracts
from ledger.protocol import slots
from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.slots import LAYOUT, AgreementRecord, Commitment, PostedClearing, SignerStanding, ZoneRules
from tests.ledger.protocol.vectors import fault, junk, words

u8, u16, u32, u64 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32, 64))
STRUCTS = {
    "AgreementRegistry": {
        "_records": [
            ("agreementHash", 0, 0, 32),
            ("sealedDigest", 1, 0, 32),
            ("validFrom", 2, 0, 8),
            ("validTo", 2, 8, 8),
            ("endedAt", 2, 16, 8),
            ("status", 2, 24, 1),
            ("attested", 2, 25, 2),
            ("supersededBy", 3, 0, 32),
        ]
    },
    "Exchange": {
        "_commitments": [
            ("ordersRoot", 0, 0, 32),
            ("committedAt", 1, 0, 8),
            ("count", 1, 8, 4),
            ("challengeWindowS", 1, 12, 4),
            ("mechanism", 1, 16, 1),
        ],
        "_clearings": [("clearingHash", 0, 0, 32), ("postedAt", 1, 0, 8), ("finalAt", 1, 8, 8), ("voided", 1, 16, 1)],
    },
    "Settlement": {"_lasts": [("run", 0, 0, 4), ("readingsVersion", 0, 4, 4)]},
}
"""Members as `slots` reads them: name, slot, offset and bytes."""


@pytest.fixture(scope="module")
def artefacts() -> dict[str, Artefact]:
    return compile_contracts(Path(__file__).resolve().parents[3])


def test_every_mapping_lies_where_the_compiler_puts_it(artefacts: dict[str, Artefact]) -> None:
    for contract, expected in LAYOUT.items():
        entries = artefacts[contract].storage_layout["storage"]
        kept = {entry["label"]: int(entry["slot"]) for entry in entries if entry["type"].startswith(("t_mapping", "t_array"))}
        assert kept == expected, contract


def test_every_struct_is_packed_as_it_is_read(artefacts: dict[str, Artefact]) -> None:
    for contract, mappings in STRUCTS.items():
        layout = artefacts[contract].storage_layout
        types = layout["types"]
        for entry in layout["storage"]:
            if entry["label"] in mappings:
                members = types[types[entry["type"]]["value"]]["members"]
                found = [(each["label"], int(each["slot"]), each["offset"], int(types[each["type"]]["numberOfBytes"])) for each in members]
                assert found == mappings[entry["label"]], contract


def test_a_signers_standing_begins_and_ends_in_one_word(artefacts: dict[str, Artefact]) -> None:
    types = artefacts["PartyRegistry"].storage_layout["types"]
    (standing,) = [entry for name, entry in types.items() if "Standing" in name and "mapping" not in name]
    assert [(each["label"], each["offset"]) for each in standing["members"]] == [("since", 0), ("until", 8)]


def entry(key: bytes, base: bytes | int) -> bytes:
    """A mapping's entry as Solidity's documentation words it."""
    return keccak(encode(["bytes32", "bytes32"], [key, base if isinstance(base, bytes) else base.to_bytes(32, "big")]))


@given(words, words, u64, u32, st.binary(max_size=100))
def test_slots_are_the_documented_hashes_of_their_keys(a: bytes, b: bytes, time: int, number: int, signer: bytes) -> None:
    version_key = keccak(encode(["bytes32", "uint64", "uint32"], [a, time, number]))
    unit_key = keccak(encode(["bytes32", "uint64"], [a, time]))
    assert slots.signer_slot(a, signer) == entry(keccak(signer), entry(a, 3))
    assert slots.meter_slot(a) == entry(a, 4)
    assert slots.readings_slot(a, time, number) == entry(version_key, 3)
    assert slots.zone_slot(a) == entry(a, 3)
    assert slots.cancelled_slot(a, b) == entry(b, entry(a, 7))
    assert slots.run_slot(a, time, number) == entry(version_key, 1)
    assert slots.last_run_slot(a, time) == entry(unit_key, 2)
    for found, first in (
        (slots.agreement_slots(a), entry(a, 3)),
        (slots.orders_slots(a, time), entry(unit_key, 4)),
        (slots.clearing_slots(a, time, number), entry(version_key, 5)),
    ):
        assert [int.from_bytes(slot, "big") for slot in found] == [int.from_bytes(first, "big") + place for place in range(len(found))]


def number(data: bytes) -> int:
    return int.from_bytes(data, "big")


@given(st.builds(AgreementRecord, words, words, u64, u64, u64, st.integers(0, 4), words, u16))
def test_an_agreements_record_reads_back(record: AgreementRecord) -> None:
    packed = record.valid_from | record.valid_to << 64 | record.ended_at << 128 | record.status << 192 | record.attested << 200
    stored = [number(record.agreement_hash), number(record.sealed_digest), packed, number(record.superseded_by)]
    assert slots.agreement_record(stored) == record
    for wrong in (packed | 5 << 192, packed | 1 << 216):
        stored[2] = wrong
        assert fault(lambda: slots.agreement_record(stored)) is not None


@given(st.builds(Commitment, words, u64, u32, u32, u8), st.builds(PostedClearing, words, u64, u64, st.booleans()))
def test_commitments_clearings_and_standings_read_back(fixed: Commitment, posted: PostedClearing) -> None:
    rest = fixed.committed_at | fixed.count << 64 | fixed.challenge_window_s << 96 | fixed.mechanism << 128
    assert slots.commitment([number(fixed.orders_root), rest]) == fixed
    times = posted.posted_at | posted.final_at << 64
    assert slots.posted_clearing([number(posted.clearing_hash), times | int(posted.voided) << 128]) == posted
    assert slots.signer_standing(times) == SignerStanding(posted.posted_at, posted.final_at)
    signed = fixed.count - 2**31
    assert slots.zone_rules(5 | signed % 2**32 << 32 | 6 << 64 | 7 << 96 | 2 << 128) == ZoneRules(5, signed, 6, 7, 2)
    assert slots.last_run(fixed.count | fixed.challenge_window_s << 32) == (fixed.count, fixed.challenge_window_s)


@pytest.mark.parametrize(
    "call",
    [
        lambda: slots.commitment([0, 1 << 136]),
        lambda: slots.posted_clearing([0, 2 << 128]),
        lambda: slots.posted_clearing([0, 1 << 136]),
        lambda: slots.signer_standing(1 << 128),
        lambda: slots.last_run(1 << 64),
        lambda: slots.zone_rules(1 << 136),
        lambda: slots.signer_standing(-1),
        lambda: slots.commitment([0]),
        lambda: slots.agreement_record([0] * 5),
        lambda: slots.agreement_record([0, 0, 0, 2**256]),
    ],
)
def test_words_the_contract_never_writes_are_refused(call: Any) -> None:
    with pytest.raises(ProtocolError, match="storage"):
        call()


@given(junk, junk, junk)
def test_malformed_keys_and_words_end_in_our_error(a: Any, b: Any, c: Any) -> None:
    for call in (
        lambda: slots.signer_slot(a, b),
        lambda: slots.agreement_slots(a),
        lambda: slots.meter_slot(a),
        lambda: slots.readings_slot(bytes(32), b, c),
        lambda: slots.zone_slot(a),
        lambda: slots.orders_slots(bytes(32), b),
        lambda: slots.clearing_slots(bytes(32), 1, c),
        lambda: slots.cancelled_slot(a, b),
        lambda: slots.run_slot(a, b, c),
        lambda: slots.last_run_slot(bytes(32), b),
        lambda: slots.agreement_record(a),
        lambda: slots.commitment([a, b]),
        lambda: slots.posted_clearing(c),
        lambda: slots.signer_standing(a),
        lambda: slots.last_run(b),
        lambda: slots.zone_rules(b),
    ):
        fault(call)
