"""A file began with a sealed document and was built past it: its tables led from an attacker's page straight to the base.

Every check of what follows the seal looked at revisions by number, and the attacker's was number one: what came later only signed.
"""

from __future__ import annotations

import re
from hashlib import sha256
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import SimpleSigner

from ledger.agreements.sealed import read_sealed
from ledger.evidence.claims.logged import LogTrust, verify_log_proof
from ledger.evidence.findings import Answer
from ledger.evidence.presented import present, with_seals
from ledger.protocol.checkpoint import Checkpoint, Note, NoteSigner
from ledger.protocol.log import leaf_hash, tree_root
from ledger.protocol.tlog_proof import TlogProof
from ledger.sealing.errors import SealingError
from ledger.sealing.levels import check_issued
from ledger.sealing.sealer import Sealer
from ledger.test_authority.files import AuthorityFiles
from ledger.transparency.rules import Entry
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.sealing.attacks import signed_by_stranger
from tests.ledger.sealing.office import APPROVALS, Issued


def beside_the_seal(sealed: bytes) -> bytes:
    """The sealed document, and behind it a revision of its base that shows another first page."""
    base, out = read_sealed(sealed).base, BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(base))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"1 0 0 rg 20 20 500 700 re f"))
    writer.update_container(page)
    writer.write(out)
    evil, moved = out.getvalue()[len(base) :], len(sealed) - len(base)
    body, table = evil[: evil.rindex(b"xref\n", 0, -40)], evil[evil.rindex(b"xref\n", 0, -40) :]
    table = re.sub(rb"(\d{10}) (\d{5}) n", lambda at: b"%010d %s n" % (int(at[1]) + moved, at[2]), table)
    return sealed + body + re.sub(rb"startxref\n(\d+)", lambda at: b"startxref\n%d" % (int(at[1]) + moved), table)


@pytest.fixture(scope="module")
def forged(issued: Issued, authority: AuthorityFiles) -> bytes:
    """Such a file, signed by a stranger under our field names."""
    signer = SimpleSigner.load(str(authority.key("company")), str(authority.certificate("company")))
    pdf = beside_the_seal(issued.sealed)
    for field in ("SoNangApprovals", "SoNangSeal"):
        pdf = signed_by_stranger(signer, shown=False, field=field)(pdf)
    return pdf


def test_it_begins_with_the_recorded_document_and_is_altered_all_the_same(forged: bytes, issued: Issued) -> None:
    presented = present(forged)
    assert presented.sealed == issued.sealed
    report = with_seals(GOOD, presented, None)
    assert (report.answer, report.failed and report.failed.code) == (Answer.ALTERED, "revisions")
    assert report.failed is not None
    assert "not built on the document it begins with" in report.failed.detail


def test_under_the_utilitys_own_signatures_it_is_still_no_issued_file_of_that_document(issued: Issued, sealer: Sealer) -> None:
    signed, _ = sealer.issue_and_read(beside_the_seal(issued.sealed), APPROVALS)
    with pytest.raises(SealingError, match="not built on the document it begins with"):
        check_issued(signed, issued.sealed, sealer.trust_roots)


def test_the_logs_proof_that_it_was_sealed_is_no_proof_of_what_follows(forged: bytes, issued: Issued) -> None:
    """The event is of the beginning; whoever brings a longer file asks about all of it."""
    log = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
    document = read_sealed(issued.sealed).content.agreement.id
    data = Entry(b"\x01" * 32, 0, "sealed", document, sha256(issued.sealed).digest(), 1_782_838_800).to_bytes()
    text = Checkpoint(log.name, 1, tree_root([leaf_hash(data)])).text()
    proof = TlogProof(data, 0, (), Note(text, (log.sign(text),))).to_bytes()
    for pdf in (issued.sealed, issued.pdf):
        assert verify_log_proof(proof, LogTrust(log.key()), present(pdf)).answer == Answer.AUTHENTIC
    for pdf in (forged, issued.pdf + b"x", issued.sealed + b"\n1 0 obj\n<<>>\nendobj\n"):
        report = verify_log_proof(proof, LogTrust(log.key()), present(pdf))
        assert (report.answer, report.failed and report.failed.code) == (Answer.ALTERED, "same-document")
