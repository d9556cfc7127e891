"""The log's event names a document and a digest; only the digest was held against the file, so an event of another document passed."""

from __future__ import annotations

from hashlib import sha256

from ledger.evidence.bundle import parse_bundle, read_members
from ledger.evidence.claims.logged import LogTrust, verify_log_proof
from ledger.evidence.findings import Answer
from ledger.evidence.presented import present
from ledger.protocol.checkpoint import Checkpoint, Note
from ledger.protocol.log import leaf_hash, tree_root
from ledger.protocol.tlog_proof import TlogProof
from ledger.transparency.rules import Entry
from tests.ledger.evidence.test_disclosure import AGREEMENT
from tests.ledger.transparency.test_audit import LOG, UNIT


def test_an_event_of_another_documents_id_is_no_event_of_this_file() -> None:
    pdf = parse_bundle(read_members(AGREEMENT)).document
    data = Entry(UNIT, 0, "terminated", b"\x09" * 32, sha256(pdf).digest(), 1_782_838_800).to_bytes()
    text = Checkpoint(LOG.name, 1, tree_root([leaf_hash(data)])).text()
    proof = TlogProof(data, 0, (), Note(text, (LOG.sign(text),))).to_bytes()
    report = verify_log_proof(proof, LogTrust(LOG.key()), present(pdf))
    assert (report.answer, report.failed and report.failed.code) == (Answer.UNRECOGNISED, "same-document")
