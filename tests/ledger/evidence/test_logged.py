"""One event of a document, from a `.tlog-proof` file and the keys an auditor brings."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.evidence.claims.logged import STATUSES, LogTrust, is_log_proof, verify_log_proof
from ledger.evidence.findings import Answer, Verdict
from ledger.evidence.presented import Presented, present
from ledger.evidence.shown import headline, lines
from ledger.life.rules import ErasureRecord
from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, NoteSigner
from ledger.protocol.log import inclusion_proof, leaf_hash, tree_root
from ledger.protocol.tlog_proof import TlogProof
from ledger.transparency.rules import EVENTS, Entry

LOG = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
WATCHER = NoteSigner("watcher.example", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
STRANGER = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x04" * 32))
PDF = b"%PDF- sealed"
ENTRIES = [Entry(b"\x01" * 32, place, event, b"\x07" * 32, sha256(PDF).digest(), 1_782_838_800) for place, event in enumerate(EVENTS)]
LEAVES = [leaf_hash(one.to_bytes()) for one in ENTRIES]
TRUST = LogTrust(LOG.key(), (WATCHER.key(WITNESS),), lambda size: tree_root(LEAVES[:size]))


def proof(event: str, signer: NoteSigner = LOG) -> TlogProof:
    index = EVENTS.index(event)
    text = Checkpoint(signer.name, len(LEAVES), tree_root(LEAVES)).text()
    note = Note(text, (signer.sign(text), WATCHER.cosign(text, 1_782_900_000)))
    return TlogProof(ENTRIES[index].to_bytes(), index, tuple(inclusion_proof(LEAVES, index)), note)


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_is_told_with_its_times_and_their_sources(event: str) -> None:
    data = proof(event).to_bytes()
    assert is_log_proof(data)
    report = verify_log_proof(data, TRUST)
    assert report.status == STATUSES[event]
    assert (report.verdict, report.answer, report.facts["event"]) == (Verdict.AUTHENTIC, Answer.AUTHENTIC, event)
    assert [(one.code, one.source, one.by) for one in report.times] == [("logged", "log", ""), ("cosigned", "witness", "watcher.example")]
    assert headline(report) == "XÁC THỰC · AUTHENTIC"
    assert "What happened to this document afterwards" in "\n".join(lines(report))


def test_an_event_that_a_document_is_brought_for_is_of_that_document() -> None:
    issued = Presented(PDF + b" and signatures", PDF)
    assert verify_log_proof(proof("sealed").to_bytes(), TRUST, Presented(PDF, PDF)).answer == Answer.AUTHENTIC
    for event, shown in (("issued", issued), ("sealed", Presented(b"other", b"other")), ("erased", issued)):
        report = verify_log_proof(proof(event).to_bytes(), TRUST, shown)
        assert report.failed is not None
        assert (report.answer, report.failed.code) == (Answer.UNRECOGNISED, "same-document")


def erased(digest: bytes) -> bytes:
    """A log's proof that a document was erased."""
    data = Entry(b"\x01" * 32, 0, "erased", b"\x07" * 32, digest, 1_782_838_800).to_bytes()
    text = Checkpoint(LOG.name, 1, tree_root([leaf_hash(data)])).text()
    return TlogProof(data, 0, (), Note(text, (LOG.sign(text),))).to_bytes()


def test_the_record_of_an_erasure_is_the_one_the_log_names_and_was_lawful_by_its_own_dates() -> None:
    record = ErasureRecord(b"\x07" * 32, b"\x02" * 32, "retention-ended", 1_000, 2_000, 2_000, 10)
    proven = erased(record.digest())
    for file in (record.to_bytes(), record.to_bytes() + b"\n"):
        assert verify_log_proof(proven, LogTrust(LOG.key()), present(file)).answer == Answer.AUTHENTIC
    early, other = replace(record, kept_until=2_001), replace(record, agreement=b"\x08" * 32)
    for data, brought, answer in (
        (proven, early, Answer.ALTERED),
        (erased(early.digest()), early, Answer.RULE_BROKEN),
        (erased(other.digest()), other, Answer.UNRECOGNISED),
    ):
        report = verify_log_proof(data, LogTrust(LOG.key()), present(brought.to_bytes()))
        assert (report.answer, report.failed and report.failed.code) == (answer, "same-document")


def test_a_checkpoint_the_chain_does_not_hold_yet_rests_on_its_signature_alone() -> None:
    for log_key, answer in ((LOG.key(), Answer.AUTHENTIC), (None, Answer.UNANCHORED)):
        report = verify_log_proof(proof("sealed").to_bytes(), LogTrust(log_key, (), lambda _: bytes(32)))
        assert (report.answer, report.checks[-2].detail) == (answer, f"the chain has no root at {len(LEAVES)} entries yet")


def test_a_proof_without_anything_to_trust_is_consistent_and_no_more() -> None:
    report = verify_log_proof(proof("sealed").to_bytes(), LogTrust())
    assert (report.answer, report.exit_code) == (Answer.UNANCHORED, 3)
    assert [check.code for check in report.checks if check.result == "not checked"] == ["log-key", "witnesses", "log-anchor", "log-fresh"]
    assert verify_log_proof(proof("sealed").to_bytes(), LogTrust(LOG.key())).answer == Answer.AUTHENTIC


@pytest.mark.parametrize(
    ("trust", "failed", "answer"),
    [
        (LogTrust(STRANGER.key()), "log-key", Answer.UNRECOGNISED),
        (LogTrust(replace(LOG, name="sonang/1/0x00").key()), "log-key", Answer.UNRECOGNISED),
        (replace(TRUST, witnesses=(LOG.key(WITNESS),)), "witnesses", Answer.UNRECOGNISED),
        (replace(TRUST, anchored_root=lambda _: b"\x09" * 32), "log-anchor", Answer.ALTERED),
        (replace(TRUST, seen=Checkpoint("sonang/1/0x00", 1, bytes(32))), "log-fresh", Answer.UNRECOGNISED),
        (replace(TRUST, seen=Checkpoint(LOG.name, len(LEAVES), bytes(32))), "log-fresh", Answer.ALTERED),
        (replace(TRUST, seen=Checkpoint(LOG.name, len(LEAVES) + 1, bytes(32))), "log-fresh", Answer.UNANCHORED),
        (replace(TRUST, not_before=1_782_900_001), "log-fresh", Answer.UNANCHORED),
        (replace(TRUST, not_before=1, not_after=1_782_899_999), "log-fresh", Answer.UNANCHORED),
    ],
)
def test_another_log_another_key_and_another_history_are_told_apart(trust: LogTrust, failed: str, answer: Answer) -> None:
    report = verify_log_proof(proof("sealed").to_bytes(), trust)
    assert report.failed is not None
    assert (report.answer, report.failed.code) == (answer, failed)


def test_an_entry_of_another_form_is_refused_though_the_log_holds_it_and_its_key_signed() -> None:
    text = Checkpoint(LOG.name, 1, tree_root([leaf_hash(b"{}")])).text()
    report = verify_log_proof(TlogProof(b"{}", 0, (), Note(text, (LOG.sign(text),))).to_bytes(), TRUST)
    assert report.failed is not None
    assert (report.answer, report.failed.code) == (Answer.ALTERED, "log-entry")


def test_a_changed_or_reordered_proof_is_refused() -> None:
    good = proof("sealed")
    wrong = [
        replace(good, hashes=good.hashes[::-1]),
        replace(good, hashes=good.hashes[:-1]),
        replace(good, index=good.index + 1),
        replace(good, entry=ENTRIES[1].to_bytes()),
        replace(good, entry=b"{}"),
    ]
    for data in [one.to_bytes() for one in wrong] + [b"c2sp.org/tlog-proof@v1\n", good.to_bytes()[:-20]]:
        assert verify_log_proof(data, TRUST).answer == Answer.ALTERED
