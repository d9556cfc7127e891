"""A bank is shown a name and a price and nothing else, made offline by who holds the agreement's bundle, and proven by the chain."""

from __future__ import annotations

import itertools

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.agreements.sealed import read_sealed
from ledger.errors import InputError
from ledger.evidence.bundle import DOCUMENT, FILE, parse_bundle, read_members
from ledger.evidence.claims.disclosure import DisclosureClaim
from ledger.evidence.container import write_container
from ledger.evidence.disclosure import disclose
from ledger.evidence.findings import Answer
from ledger.evidence.shown import lines
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.protocol.canonical import canonical_json
from ledger.protocol.leaves import TermLeaf
from tests.ledger.evidence.test_golden import FOLDER, TRUST
from tests.ledger.evidence.test_tampering import variations

AGREEMENT = (FOLDER / "agreement.zip").read_bytes()
CONTENT = read_sealed(read_members(AGREEMENT)[DOCUMENT]).content
PATHS = [leaf.path for leaf in CONTENT.terms]
SHOWN = ["price.vnd_per_kwh", "seller.name"]


def claim(data: bytes) -> DisclosureClaim:
    found = parse_bundle(read_members(data)).claim
    assert isinstance(found, DisclosureClaim)
    return found


def test_a_bank_sees_what_it_is_shown_and_how_many_terms_are_hidden() -> None:
    data = disclose(AGREEMENT, SHOWN)
    report = verify_bundle(data, TRUST)
    assert (report.answer, report.kind) == (Answer.AUTHENTIC, "disclosure")
    assert report.facts["terms"] == {"price.vnd_per_kwh": "671", "seller.name": '"Nguyễn Văn Mái 1"'}
    assert report.facts["hidden_terms_at_least"] == len(PATHS) - 2
    shown = "\n".join(lines(report))
    assert "2 shown, at least 27 hidden" in shown
    assert "What the hidden terms say" in shown
    assert verify_bundle(data, Trust()).answer == Answer.UNANCHORED
    assert verify_bundle(data, Trust(bytes(32), TRUST.contracts)).answer == Answer.ALTERED


@given(st.sets(st.sampled_from(PATHS), min_size=1))
def test_any_choice_of_terms_is_proven_and_holds_nothing_of_the_others(chosen: set[str]) -> None:
    data = disclose(AGREEMENT, chosen)
    report = verify_bundle(data, TRUST)
    assert (report.answer, report.facts["hidden_terms_at_least"]) == (Answer.AUTHENTIC, len(PATHS) - len(chosen))
    for leaf in CONTENT.terms:
        assert (leaf.salt.hex().encode() in data) == (leaf.path in chosen)
        assert (f'"path":"{leaf.path}"'.encode() in data) == (leaf.path in chosen)
    assert set(read_members(data)) == {FILE}


def test_a_hidden_value_cannot_be_confirmed_by_guessing_it_rightly() -> None:
    made = claim(disclose(AGREEMENT, SHOWN))
    known = {bytes(32), made.agreement.id, made.agreement.terms_root, made.agreement.base_digest, *made.agreement.parties}
    known |= {term.salt for term in made.shown} | set(made.hidden)
    rightly_guessed = [leaf for leaf in CONTENT.terms if leaf.path not in SHOWN]
    tried = {TermLeaf(leaf.agreement, leaf.path, leaf.value, salt).leaf_hash() for leaf, salt in itertools.product(rightly_guessed, known)}
    assert tried.isdisjoint(made.hidden)
    assert {leaf.leaf_hash() for leaf in rightly_guessed} == set(made.hidden)  # with the true salts they are, so only the salts protect


def test_no_value_of_a_disclosure_can_be_changed() -> None:
    members = read_members(disclose(AGREEMENT, SHOWN))
    original = orjson.loads(members[FILE])
    for changed in variations(original):
        if changed != original:
            report = verify_bundle(write_container({FILE: canonical_json(changed)}), TRUST)
            assert report.answer in (Answer.ALTERED, Answer.UNRECOGNISED), changed


def test_a_term_that_is_shown_cannot_be_hidden_again_to_claim_another_number() -> None:
    original = orjson.loads(read_members(disclose(AGREEMENT, SHOWN))[FILE])
    claimed = original["claim"]
    for hidden in (claimed["hidden"][1:], sorted([*claimed["hidden"], "0x" + "11" * 32]), claimed["hidden"][::-1]):
        changed = {**original, "claim": {**claimed, "hidden": hidden}}
        report = verify_bundle(write_container({FILE: canonical_json(changed)}), TRUST)
        assert report.failed is not None
        assert (report.answer, report.failed.code) == (Answer.ALTERED, "terms")


def test_what_cannot_be_disclosed_is_said() -> None:
    with pytest.raises(InputError, match=r"no term 'seller\.phone'"):
        disclose(AGREEMENT, ["seller.phone"])
    with pytest.raises(InputError, match="no term is named"):
        disclose(AGREEMENT, [])
    with pytest.raises(InputError, match="bundle of a reading"):
        disclose((FOLDER / "reading.zip").read_bytes(), SHOWN)
