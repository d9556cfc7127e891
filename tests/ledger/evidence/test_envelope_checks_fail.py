"""Each check before a bundle's claim, and the last after it, fails where it should: recorded bundles, spoiled in one place each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.evidence.bundle import Bundle, parse_bundle, read_members, write_bundle
from ledger.evidence.container import write_container
from ledger.evidence.findings import Answer
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from tests.ledger.evidence.test_golden import FOLDER, TRUST

BUNDLES = {kind: parse_bundle(read_members((FOLDER / f"{kind}.zip").read_bytes())) for kind in ("agreement", "reading", "trade")}
READING, TRADE = BUNDLES["reading"], BUNDLES["trade"]
HASH = TRUST.block_hash
NO_HASH = replace(TRUST, block_hash=None)


def first_node_cut(bundle: Bundle, part: str) -> bytes:
    """The bundle with a byte less in the first node of a proof of its first contract."""
    name, proof = next(iter(bundle.proofs.items()))
    if part == "account":
        spoiled = replace(proof, account=(proof.account[0][:-1], *proof.account[1:]))
    else:
        slot, nodes = next(iter(proof.storage.items()))
        spoiled = replace(proof, storage={**proof.storage, slot: (nodes[0][:-1], *nodes[1:])})
    return write_bundle(replace(bundle, proofs={**bundle.proofs, name: spoiled}))


def with_more() -> bytes:
    """A reading's bundle with what a trade line of the same block proves of another contract: all of it true, and of no use."""
    proofs = {**READING.proofs, "Settlement": TRADE.proofs["Settlement"]}
    return write_bundle(replace(READING, proofs=proofs, contracts={**READING.contracts, "Settlement": TRADE.contracts["Settlement"]}))


SPOILED: dict[str, tuple[Callable[[], bytes], Trust, Answer]] = {
    "container": (lambda: write_bundle(READING)[:-1], TRUST, Answer.ALTERED),
    "format": (lambda: write_container({"bundle.json": b"{}"}), TRUST, Answer.ALTERED),
    "contracts": (lambda: write_bundle(replace(READING, chain_id=READING.chain_id + 1)), TRUST, Answer.UNRECOGNISED),
    "block": (lambda: write_bundle(READING), replace(TRUST, block_hash=bytes(32)), Answer.ALTERED),
    "header": (lambda: write_bundle(replace(READING, header=READING.header[:-1])), NO_HASH, Answer.ALTERED),
    "accounts": (lambda: first_node_cut(READING, "account"), TRUST, Answer.ALTERED),
    "storage": (lambda: first_node_cut(READING, "storage"), TRUST, Answer.ALTERED),
    "nothing-spare": (with_more, TRUST, Answer.ALTERED),
}


@pytest.mark.parametrize("check", SPOILED)
def test_a_bundle_that_is_spoiled_in_one_place_ends_at_the_check_of_that_place(check: str) -> None:
    spoil, trust, answer = SPOILED[check]
    report = verify_bundle(spoil(), trust)
    assert (report.failed and report.failed.code, report.answer) == (check, answer)


def test_a_document_that_is_not_the_bundles_ends_before_anything_else_is_believed() -> None:
    pdf = BUNDLES["agreement"].document
    for document, answer in ((pdf[:-1] + b"x", Answer.ALTERED), (b"hello", Answer.UNRECOGNISED)):
        report = verify_bundle(write_bundle(BUNDLES["agreement"]), TRUST, document)
        assert (report.failed and report.failed.code, report.answer) == ("same-document", answer)
