"""A utility could attest an approval by the evidence of another document, party or expired code: only its digest was compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.agreements.sealed import SealedContent, read_sealed, seal
from ledger.evidence.approvals import check_approvals
from ledger.evidence.findings import Answer, Result
from ledger.evidence.package import Parts, build_package
from ledger.evidence.packaged import with_package
from ledger.parties.model import Contact
from ledger.protocol.canonical import canonical_json, parse_canonical
from ledger.protocol.checkpoint import Checkpoint, Note, NoteSigner
from ledger.protocol.log import leaf_hash
from ledger.protocol.signers import Verifiers, eoa_signer, sign_eoa
from ledger.protocol.tlog_proof import TlogProof
from ledger.sealing.sealer import Sealer
from ledger.signing.model import OneTimeCode, Presentation
from ledger.signing.rules import evidence_object
from ledger.transparency.rules import Entry
from scripts.sample import START, WALLETS, frame, row_of, signed
from tests.ledger.agreements.samples import sample, terms_of
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.sealing.office import APPROVALS

NOON = START - 1_000
NOBODY = Verifiers(bytes(20), bytes(20))


def evidence_of(content: SealedContent) -> bytes:
    """What an office writes of a customer who approved that document by a code, as `ledger.signing` does."""
    agreement = content.agreement
    code = next(parse_canonical(leaf.value.encode()) for leaf in content.terms if leaf.path == "document.lookup_code")
    shown = Presentation(
        agreement_id=agreement.id,
        agreement=row_of(content, b"", agreement.parties),
        party_id=agreement.parties[0],
        role="owner",
        base_length=agreement.base_length,
        base_digest=agreement.base_digest,
        lookup_code=code,
        presented_s=NOON,
        fetched_s=NOON + 5,
    )
    contact = Contact(channel="sms", original=True, since_s=1, verified_s=2)
    used = OneTimeCode(contact=contact, attempts=1, requested_s=NOON + 60, expires_s=NOON + 360)
    domain = (content.domain.chain_id, content.domain.verifying_contract)
    said = {"digest": content.digest(), "domain": domain, "masked": "+84…678", "law": ("Luật", "Law")}
    return canonical_json(evidence_object(shown, used, confirmed_s=NOON + 100, nonce=b"\x5a" * 32, **said))  # type: ignore[arg-type]


def attested(content: SealedContent, evidence: bytes) -> SealedContent:
    """The same agreement, the first party's approval attested by the utility's wallet; every signature holds."""
    utility, digest = WALLETS[1], sha256(evidence).digest()
    named = replace(content, evidence=(digest, None), signers=(eoa_signer(utility), content.signers[1]))
    made = replace(named, signatures=(sign_eoa(utility, named.digest_at(0)), content.signatures[1]))
    assert made.check_signatures(NOBODY) == ()
    return made


@cache
def other() -> SealedContent:
    """Another document between the same two."""
    agreement = b"\xdd" * 32
    return signed(b"%PDF-another", terms_of(frame(agreement)), agreement)


def packed(sealer: Sealer, content: SealedContent, evidence: Sequence[bytes]) -> bytes:
    """The whole package of a document, everything in it as this program makes it."""
    log, pdf = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.generate()), seal(sample().base, content)
    entry = Entry(bytes(32), 0, "sealed", content.agreement.id, read_sealed(pdf).digest, 1).to_bytes()
    text = Checkpoint(log.name, 1, leaf_hash(entry)).text()
    roots = b"".join(pem.armor("CERTIFICATE", root.dump()) for root in sealer.trust_roots)
    proofs = {"sealed": TlogProof(entry, 0, (), Note(text, (log.sign(text),)))}
    return build_package(Parts(sealer.issue_and_read(pdf, APPROVALS)[0], b"a bundle", b"{}", roots, proofs, [log.key()], evidence))


def test_a_package_whose_approval_rests_on_another_documents_evidence_is_altered_though_every_digest_and_signature_holds(
    sealer: Sealer,
) -> None:
    swapped = evidence_of(other())
    report = with_package(GOOD, packed(sealer, attested(sample().content, swapped), [swapped]))
    assert [(one.code, one.result) for one in report.checks] == [("package", Result.PASSED), ("approvals", Result.FAILED)]
    assert report.answer == Answer.ALTERED
    assert f"approvals/{sha256(swapped).hexdigest()}.json: " in report.checks[-1].detail
    assert "agreement.id" in report.checks[-1].detail
    own = evidence_of(sample().content)
    whole = with_package(GOOD, packed(sealer, attested(sample().content, own), [own]))
    assert (whole.answer, whole.checks[-1].code, whole.checks[-1].result) == (Answer.AUTHENTIC, "approvals", Result.PASSED)


def set_to(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(said: dict[str, Any]) -> None:
        for step in path[:-1]:
            said = said[step]
        if to is None:
            del said[path[-1]]
        else:
            said[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (set_to("format", to="sonang-approval/9"), "format"),
        (set_to("agreement", "digest", to="0x" + "ab" * 32), "agreement.digest"),
        (set_to("agreement", "base_digest", to="0x" + "ab" * 32), "agreement.base_digest"),
        (set_to("agreement", "base_length", to=1), "agreement.base_length"),
        (set_to("agreement", "kind", to="0x" + "ab" * 32), "agreement.kind"),
        (set_to("agreement", "chain_id", to=1), "agreement.chain_id"),
        (set_to("agreement", "contract", to="0x" + "ab" * 20), "agreement.contract"),
        (set_to("agreement", "lookup_code", to="7K3M-9QWX-2BTD-4ZHR-V8NC"), "agreement.lookup_code"),
        (set_to("agreement", to="all"), "agreement.id"),
        (set_to("party", to="0x" + "bb" * 32), "party"),
        (set_to("role", to="utility"), "role"),
        (set_to("nonce", to="0x00"), "nonce"),
        (set_to("nonce", to=None), "nonce"),
        (set_to("times", "confirmed_s", to=NOON + 360), "had expired"),
        (set_to("times", "confirmed_s", to=NOON + 59), "the code was asked for"),
        (set_to("times", "presented_s", to=NOON + 101), "before the document was shown"),
        (set_to("times", "code_expires_s", to="later"), "times.code_expires_s"),
        (set_to("times", "requested_s", to=True), "times.requested_s"),
        (set_to("times", to=None), "times.presented_s"),
    ],
)
def test_evidence_that_differs_in_anything_from_its_document_is_named_with_the_place(
    change: Callable[[dict[str, Any]], None], told: str
) -> None:
    said = parse_canonical(evidence_of(sample().content))
    change(said)
    evidence = canonical_json(said)
    found = check_approvals([evidence], replace(sample().content, evidence=(sha256(evidence).digest(), None)))
    assert found is not None
    assert (found.code, found.result) == ("approvals", Result.FAILED)
    assert told in found.detail


def test_a_code_that_was_confirmed_after_the_documents_deadline_and_what_is_no_json_fail() -> None:
    evidence, content = evidence_of(sample().content), sample().content
    late = replace(content, agreement=replace(content.agreement, deadline=NOON))
    said = parse_canonical(evidence)
    said["agreement"]["digest"] = "0x" + late.digest().hex()
    for named, of in ((canonical_json(said), late), (b"{ }", content)):
        found = check_approvals([named], replace(of, evidence=(sha256(named).digest(), None)))
        assert found is not None
        assert found.result == Result.FAILED
        assert "after the document's deadline" in found.detail or "canonical" in found.detail


def test_evidence_that_is_not_there_or_of_an_unknown_kind_is_not_checked_and_who_signed_alone_needs_none() -> None:
    content = attested(sample().content, evidence_of(sample().content))
    missing = check_approvals([b"{}"], content)
    assert missing is not None
    assert (missing.result, sha256(evidence_of(sample().content)).hexdigest() in missing.detail) == (Result.NOT_CHECKED, True)
    assert check_approvals([], sample().content) is None
    unknown = replace(sample().content, agreement=replace(sample().content.agreement, kind=b"\x07" * 32))
    evidence = evidence_of(unknown).replace(b"0x" + sample().content.agreement.kind.hex().encode(), b"0x" + b"07" * 32)
    found = check_approvals([evidence], replace(unknown, evidence=(sha256(evidence).digest(), None)))
    assert found is not None
    assert (found.result, "does not know its kind" in found.detail) == (Result.NOT_CHECKED, True)
