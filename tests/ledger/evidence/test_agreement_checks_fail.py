"""Each check of an agreement fails where it should: a recorded document signed again by other keys, on a chain that plays along."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from ledger.agreements.sealed import SealedContent, read_sealed, seal
from ledger.evidence.bundle import DOCUMENT, read_members
from ledger.evidence.claims.agreement import REGISTRY, AgreementClaim
from ledger.evidence.findings import Answer, StoppedError, Trail
from ledger.evidence.state import ProvenState
from ledger.evidence.trust import Contracts
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.slots import agreement_slots, signer_slot
from ledger.protocol.typed_data import hash_struct
from tests.ledger.evidence.test_golden import FOLDER, TRUST

RECORDED = read_sealed(read_members((FOLDER / "agreement.zip").read_bytes())[DOCUMENT])
PARTIES = tuple(bytes((place,)) * 32 for place in (1, 2, 3))
KEYS = tuple(bytes((place,)) * 32 for place in (11, 12, 13))
SOME, OTHER = b"\x21" * 32, b"\x22" * 32


def signed(*evidence: bytes | None) -> SealedContent:
    """Three parties' agreement; the last attests for those that have evidence."""
    agreement = replace(RECORDED.content.agreement, parties=PARTIES)
    keys = [KEYS[place] if one is None else KEYS[-1] for place, one in enumerate(evidence)]
    blank = replace(RECORDED.content, agreement=agreement, evidence=evidence if any(evidence) else ())
    signatures = tuple(sign_eoa(key, blank.digest_at(place)) for place, key in enumerate(keys))
    return replace(blank, signers=tuple(map(eoa_signer, keys)), signatures=signatures)


def stopped(
    content: SealedContent, *, contracts: Contracts | None = TRUST.contracts, sealed_as: bytes | None = None, since: int = 1, cut: int = 0
) -> tuple[str, Answer] | Trail:
    """The check that ends it on a chain that holds it so; all checks where none does."""
    assert contracts is not None
    pdf, agreement, trail = seal(RECORDED.base, content), content.agreement, Trail()
    times = agreement.valid_from | agreement.valid_to << 64 | 1 << 192 | content.attested << 200
    record = (int.from_bytes(hash_struct(agreement), "big"), int.from_bytes(sealed_as or sha256(pdf).digest(), "big"), times, 0)
    words = {(REGISTRY, slot): word for slot, word in zip(agreement_slots(agreement.id), record, strict=True)}
    words |= {("PartyRegistry", signer_slot(party, signer)): since for party in PARTIES for signer in content.signers}
    try:
        AgreementClaim().check(trail, ProvenState(contracts, agreement.valid_from, words), pdf[: len(pdf) - cut])
    except StoppedError as ended:
        return trail.checks[-1].code, ended.answer
    return trail


@pytest.mark.parametrize("evidence", [(None, None, None), (SOME, None, None), (SOME, OTHER, None)])
def test_what_every_party_approved_passes(evidence: tuple[bytes | None, ...]) -> None:
    trail = stopped(signed(*evidence))
    assert isinstance(trail, Trail)
    told = {hex0x(party): hex0x(one) for party, one in zip(PARTIES, evidence, strict=True) if one is not None}
    assert trail.facts.get("attested", {}) == told
    assert ("attested" in {one.code for one in trail.checks}) == bool(told)


def test_each_check_of_an_agreement_fails() -> None:
    content = signed(SOME, None, None)
    assert TRUST.contracts is not None
    elsewhere = replace(TRUST.contracts, chain_id=content.domain.chain_id + 1)
    assert stopped(content, cut=1) == ("document", Answer.ALTERED)
    assert stopped(content, sealed_as=SOME) == ("record", Answer.ALTERED)
    assert stopped(content, contracts=elsewhere) == ("signatures", Answer.ALTERED)
    assert stopped(content, since=0) == ("signers", Answer.UNRECOGNISED)
    assert stopped(content, since=content.agreement.deadline + 1) == ("signers", Answer.ALTERED)


def test_a_last_party_that_attests_itself_is_told_although_its_signature_holds() -> None:
    for evidence in ((None, None, SOME), (SOME, None, OTHER)):
        assert stopped(signed(*evidence)) == ("attested", Answer.ALTERED)


def test_one_object_of_evidence_speaks_of_one_party_whoever_attests_two_by_it_broke_a_rule() -> None:
    assert stopped(signed(SOME, SOME, None)) == ("attested", Answer.RULE_BROKEN)
