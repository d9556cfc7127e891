"""A check that cannot fail proves nothing: recorded claims, each spoiled where one check looks, on a chain that plays along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ledger.evidence.bundle import parse_bundle, read_members
from ledger.evidence.claims.logged import LogTrust, verify_log_proof
from ledger.evidence.findings import Answer, StoppedError, Trail
from ledger.evidence.state import ProvenState, prove_words
from ledger.evidence.trust import Contracts
from ledger.evidence.verify import _storage_roots
from ledger.protocol.chain_proof import verify_header
from ledger.protocol.keccak import keccak
from ledger.protocol.slots import agreement_slots, cancelled_slot, last_run_slot, meter_slot, readings_slot, signer_slot, zone_slot
from ledger.protocol.typed_data import hash_struct

BUNDLES = Path(__file__).parents[2] / "vectors" / "bundles"
Spoil = Callable[[Any], Any]


@cache
def recorded(kind: str) -> tuple[Any, ProvenState]:
    """The claim of a recorded bundle, and the storage it proves."""
    bundle = parse_bundle(read_members((BUNDLES / f"{kind}.zip").read_bytes()))
    contracts, header = Contracts(bundle.chain_id, bundle.contracts), verify_header(bundle.header, keccak(bundle.header))
    roots, proven = _storage_roots(bundle, header.state_root, contracts), dict[tuple[str, bytes], int]()
    for name, proof in bundle.proofs.items():
        proven |= prove_words(name, roots[name], proof.storage)
    return bundle.claim, ProvenState(contracts, header.timestamp, proven)


def failed(kind: str, spoil: Spoil, recorded_as: str | None) -> tuple[str, Answer]:
    """The check that ends it; `recorded_as` names the struct whose spoiled form the chain holds, as an operator's lie would stand there."""
    claim, state = recorded(kind)
    spoiled, words = spoil(claim), dict(state.proven)
    if recorded_as is not None:
        held, lie = (int.from_bytes(hash_struct(getattr(one, recorded_as)), "big") for one in (claim, spoiled))
        words = {slot: lie if word == held else word for slot, word in words.items()}
        assert words != state.proven
    return ended(spoiled, state, words)


def on_another_chain(kind: str, slot: Callable[[Any], bytes], change: Callable[[int], int] | None) -> tuple[str, Answer]:
    """The check that ends an honest claim where one word of the chain is another, or is not proven."""
    claim, state = recorded(kind)
    words, wanted = dict(state.proven), slot(claim)
    (place,) = (one for one in words if one[1] == wanted)
    word = words.pop(place)
    return ended(claim, state, words if change is None else {**words, place: change(word)})


def ended(spoiled: Any, state: ProvenState, words: dict[tuple[str, bytes], int]) -> tuple[str, Answer]:
    trail = Trail()
    with pytest.raises(StoppedError) as stopped:
        spoiled.check(trail, ProvenState(state.contracts, state.timestamp, words), b"")
    return trail.checks[-1].code, stopped.value.answer


def within(name: str, **changes: object) -> Spoil:
    return lambda claim: replace(claim, **{name: replace(getattr(claim, name), **changes)})


def more(name: str, field: str) -> Spoil:
    return lambda claim: within(name, **{field: getattr(getattr(claim, name), field) + 1})(claim)


def other_readings(claim: Any) -> Any:
    return replace(claim, reading=replace(claim.reading, readings=replace(claim.reading.readings, root=bytes(32))))


@pytest.mark.parametrize(
    ("kind", "check", "spoil", "recorded_as"),
    [
        ("disclosure", "terms", lambda claim: replace(claim, hidden=claim.hidden[1:]), None),
        ("reading", "reading-leaf", within("reading", proof=()), None),
        ("reading", "silent", lambda claim: replace(claim, signed=None), None),
        ("reading", "profile", within("signed", signature=bytes(65)), None),
        ("trade", "clearing", more("clearing", "unpaid_wh"), None),
        ("trade", "fill-leaf", lambda claim: replace(claim, proof=()), None),
        ("trade", "meter", within("meter", party=bytes(32)), None),
        ("trade", "anchor", other_readings, None),
        ("trade", "reading-leaf", within("reading", proof=()), None),
        ("trade", "commitment", within("clearing", orders_root=bytes(32)), "clearing"),
        ("trade", "order", within("filled", signature=bytes(65)), None),
        ("trade", "order-leaf", within("filled", proof=()), None),
        ("trade", "no-order", lambda claim: replace(claim, filled=None), None),
        ("trade", "agreement", lambda claim: replace(claim, agreement=None), None),
        ("trade", "balance", more("clearing", "surplus_wh"), "clearing"),
        ("trade", "price", more("clearing", "price_vnd_per_kwh"), "clearing"),
        ("position", "run", more("run", "buyers_pay_mvnd"), None),
        ("position", "position-leaf", lambda claim: replace(claim, proof=()), None),
        ("position", "conserved", more("run", "buyers_pay_mvnd"), "run"),
    ],
)
def test_a_claim_that_is_spoiled_where_a_check_looks_ends_at_that_check(
    kind: str, check: str, spoil: Spoil, recorded_as: str | None
) -> None:
    answer = Answer.RULE_BROKEN if check in ("balance", "price", "conserved") else Answer.ALTERED
    assert failed(kind, spoil, recorded_as) == (check, answer)


def never(_word: int) -> int:
    return 0


def an_hour_later(zone: int) -> int:
    return zone + (3_600 << 32)


def terminated_at_once(times: int) -> int:
    return times % (1 << 128) | 3 << 192


def of_the_day(name: str, slot: Callable[..., bytes], later: int = 0) -> Callable[[Any], bytes]:
    """The slot of the readings or run of a claim's day; `later` counts on from its version."""
    number = "run" if name == "run" else "version"

    def found(claim: Any) -> bytes:
        day = claim.run if name == "run" else claim.reading.readings
        return slot(day.zone, day.period_start, *([getattr(day, number) + later] if slot is not last_run_slot else []))

    return found


def seller(claim: Any) -> bytes:
    return agreement_slots(claim.agreement.id)[2]


@pytest.mark.parametrize(
    ("kind", "check", "slot", "change", "answer"),
    [
        ("disclosure", "recorded", lambda claim: agreement_slots(claim.agreement.id)[0], never, Answer.ALTERED),
        ("disclosure", "recorded", seller, never, Answer.UNRECOGNISED),
        ("reading", "anchor", of_the_day("reading", readings_slot), never, Answer.UNRECOGNISED),
        ("reading", "meter", lambda claim: meter_slot(claim.meter.meter), never, Answer.UNRECOGNISED),
        ("reading", "status", of_the_day("reading", readings_slot, 1), None, Answer.ALTERED),
        ("trade", "status", of_the_day("reading", readings_slot, 1), None, Answer.ALTERED),
        ("trade", "status", of_the_day("reading", last_run_slot), None, Answer.ALTERED),
        ("trade", "same-reading", lambda claim: zone_slot(claim.leaf.zone), an_hour_later, Answer.ALTERED),
        ("trade", "signers", lambda claim: signer_slot(claim.leaf.party, claim.filled.signer), never, Answer.UNRECOGNISED),
        ("trade", "cancellation", lambda claim: cancelled_slot(claim.leaf.party, claim.leaf.order_digest), None, Answer.ALTERED),
        ("trade", "limit", lambda claim: cancelled_slot(claim.leaf.party, claim.leaf.order_digest), lambda _: 1, Answer.RULE_BROKEN),
        ("trade", "agreement", seller, never, Answer.UNRECOGNISED),
        ("trade", "may-sell", seller, terminated_at_once, Answer.RULE_BROKEN),
        ("position", "status", of_the_day("run", last_run_slot), None, Answer.ALTERED),
    ],
)
def test_an_honest_claim_ends_at_the_check_whose_word_the_chain_does_not_hold(
    kind: str, check: str, slot: Callable[[Any], bytes], change: Callable[[int], int] | None, answer: Answer
) -> None:
    assert on_another_chain(kind, slot, change) == (check, answer)


def test_what_is_no_proof_of_the_log_ends_at_the_first_check() -> None:
    report = verify_log_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n", LogTrust())
    assert report.failed is not None
    assert report.failed.code == "log-proof"
