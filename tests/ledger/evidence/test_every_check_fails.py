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


def test_what_is_no_proof_of_the_log_ends_at_the_first_check() -> None:
    report = verify_log_proof(b"c2sp.org/tlog-proof@v1\nindex 0\n", LogTrust())
    assert report.failed is not None
    assert report.failed.code == "log-proof"
