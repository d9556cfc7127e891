"""Archive stamps are renewed in time, the same file only longer; whoever comes years later still gets every answer."""

from __future__ import annotations

import datetime
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.evidence.claims.logged import LogTrust, verify_log_proof
from ledger.evidence.findings import Answer
from ledger.evidence.issued import check_tail
from ledger.evidence.presented import present
from ledger.protocol.checkpoint import Checkpoint, Note, NoteSigner
from ledger.protocol.log import leaf_hash, tree_root
from ledger.protocol.tlog_proof import TlogProof
from ledger.sealing.commands import issue_due
from ledger.sealing.errors import SealingError
from ledger.sealing.levels import check_issued
from ledger.sealing.renewal import good_until, renew, renew_due
from ledger.sealing.sealer import Sealer
from ledger.test_authority.files import AuthorityFiles
from ledger.transparency.rules import Entry
from tests.ledger.sealing import attacks
from tests.ledger.sealing.liars import about_other_bytes, serving
from tests.ledger.sealing.office import Issued, Office

NEVER, ALWAYS = datetime.timedelta(days=1), datetime.timedelta(days=36_500)


@pytest.fixture(scope="module")
def renewed(sealer: Sealer, issued: Issued) -> bytes:
    """The issued file of these tests, with a second archive stamp."""
    return renew(sealer, issued.pdf, issued.sealed)


def test_a_file_is_renewed_once_and_nothing_new_is_logged(office: Office, sealer: Sealer) -> None:
    (agreement,) = office.ask()
    issue_due(office.sessions, office.store, sealer, limit=1)
    first, logged = office.store.read_issued(agreement), office.logged()
    kept = renew_due(office.sessions, office.store, sealer, within=NEVER)
    assert (kept.renewed, kept.still_good, office.store.read_issued(agreement)) == ([], 1, first)
    report = renew_due(office.sessions, office.store, sealer, within=ALWAYS)
    second = office.store.read_issued(agreement)
    assert (report.renewed, report.refused, report.unavailable) == ([agreement], {}, None)
    assert second.startswith(first)
    assert len(second) > len(first)
    assert check_issued(second, office.store.read(agreement), sealer.trust_roots) == check_issued(
        first, office.store.read(agreement), sealer.trust_roots
    )
    assert [one.data for one in office.logged()] == [one.data for one in logged]
    assert office.job(agreement).issued_digest == sha256(first).digest(), "what the log says was issued"


def test_an_authority_that_is_away_or_lies_leaves_every_file_as_it_was(office: Office, sealer: Sealer, authority: AuthorityFiles) -> None:
    (agreement,) = office.ask()
    issue_due(office.sessions, office.store, sealer, limit=1)
    first = office.store.read_issued(agreement)
    away = renew_due(office.sessions, office.store, replace(sealer, tsa_url="http://127.0.0.1:9/"), within=ALWAYS)
    assert "does not answer" in str(away.unavailable)
    with serving(about_other_bytes(authority)) as url:
        lied = renew_due(office.sessions, office.store, replace(sealer, tsa_url=url), within=ALWAYS)
    assert "about other bytes than ours" in lied.refused[agreement]
    office.store.issued_path(agreement).write_bytes(attacks.saved_without_table(first))
    spoiled = renew_due(office.sessions, office.store, sealer, within=ALWAYS)
    assert "after its end" in spoiled.refused[agreement]
    office.store.issued_path(agreement).write_bytes(first)
    office.store.path(agreement).unlink()
    assert renew_due(office.sessions, office.store, sealer, within=ALWAYS).renewed == [], "an erased one is passed over"
    assert office.store.read_issued(agreement) == first


def test_a_stamp_is_good_until_the_first_certificate_it_relies_on_ends(issued: Issued, renewed: bytes) -> None:
    moment = datetime.datetime.now(datetime.UTC)
    assert moment < good_until(issued.pdf) == good_until(renewed)
    with pytest.raises(SealingError, match="no document time stamp"):
        good_until(issued.sealed)


def test_the_logs_proof_of_the_first_file_holds_for_the_renewed_one_and_for_no_attacked_one(issued: Issued, renewed: bytes) -> None:
    log = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
    data = Entry(b"\x01" * 32, 0, "issued", b"\x07" * 32, sha256(issued.pdf).digest(), 1_782_838_800).to_bytes()
    text = Checkpoint(log.name, 1, tree_root([leaf_hash(data)])).text()
    proof = TlogProof(data, 0, (), Note(text, (log.sign(text),))).to_bytes()
    trust = LogTrust(log.key())
    for pdf in (issued.pdf, renewed):
        assert verify_log_proof(proof, trust, present(pdf)).answer == Answer.AUTHENTIC
    assert check_tail(renewed) > check_tail(issued.pdf)
    assert verify_log_proof(proof, trust, present(issued.sealed)).answer == Answer.UNRECOGNISED
    for attack in (attacks.saved_without_table, attacks.evil_annotation("/FreeText"), attacks.saved_with_an_empty_table):
        for pdf in (issued.pdf, renewed):
            assert verify_log_proof(proof, trust, present(attack(pdf))).answer == Answer.ALTERED
