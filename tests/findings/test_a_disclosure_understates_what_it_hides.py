"""A disclosure said exactly how many terms it hides; a node of the tree in place of the terms under it gave the same root and fewer."""

from __future__ import annotations

from dataclasses import replace

from ledger.evidence.bundle import parse_bundle, read_members, write_bundle
from ledger.evidence.claims.disclosure import DisclosureClaim
from ledger.evidence.disclosure import disclose
from ledger.evidence.findings import Answer
from ledger.evidence.shown import lines
from ledger.evidence.verify import verify_bundle
from ledger.protocol.leaves import TermLeaf
from ledger.protocol.merkle import hash_pair, merkle_root
from tests.ledger.evidence.test_disclosure import AGREEMENT, SHOWN, TRUST


def folded(claim: DisclosureClaim) -> DisclosureClaim:
    """The same root with fewer hidden hashes: wherever two of them are children of one node that keeps its place, the node instead."""
    shown = [TermLeaf(claim.agreement.id, one.path, one.value, one.salt).leaf_hash() for one in claim.shown]
    hidden = list(claim.hidden)
    for one in claim.hidden:
        for other in claim.hidden:
            fewer = sorted({*hidden, hash_pair(one, other)} - {one, other})
            if one < other and merkle_root([*shown, *fewer]) == claim.agreement.terms_root:
                return replace(claim, hidden=tuple(fewer))
    raise AssertionError("no pair folds in this tree")


def test_the_number_of_hidden_terms_is_said_to_be_a_least_one() -> None:
    bundle = parse_bundle(read_members(disclose(AGREEMENT, SHOWN)))
    assert isinstance(bundle.claim, DisclosureClaim)
    report = verify_bundle(write_bundle(replace(bundle, claim=folded(bundle.claim))), TRUST)
    assert (report.answer, report.facts["hidden_terms_at_least"]) == (Answer.AUTHENTIC, len(bundle.claim.hidden) - 1)
    told = "\n".join(lines(report))
    assert "2 shown, at least 26 hidden" in told
    assert "one hash may hide several" in told
