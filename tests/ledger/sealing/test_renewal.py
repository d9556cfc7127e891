"""Archive stamps are renewed in time, the same file only longer; whoever comes years later still gets every answer."""

from __future__ import annotations

import datetime
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.agreements.sealed import read_sealed
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
from ledger.sealing.model import IssueJob
from ledger.sealing.renewal import count_due, good_until, good_until_s, notice_replaced, renew, renew_due
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
    assert office.job(agreement).good_until_s == int(good_until(first).timestamp())
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
    job = office.job(agreement)
    assert job.issued_digest == sha256(first).digest(), "what the log says was issued"
    assert job.good_until_s == int(good_until(second).timestamp())


def test_a_file_is_read_once_to_learn_how_long_its_stamp_is_good_and_never_again_before_that(office: Office, sealer: Sealer) -> None:
    known, before = office.ask(2)
    issue_due(office.sessions, office.store, sealer, limit=2)
    with office.sessions.begin() as session:
        session.get_one(IssueJob, before).good_until_s = 0  # issued by a program that did not keep it
        assert count_due(session, NEVER) == 1
    office.store.issued_path(known).write_bytes(bytes(office.store.issued_length(known) or 0))  # nobody reads this
    assert notice_replaced(office.sessions, office.store) == 0
    told: list[bytes] = []
    looked = renew_due(office.sessions, office.store, sealer, within=NEVER, told=told.append)
    assert (looked.still_good, looked.renewed, looked.refused, told) == (2, [], {}, [before])
    assert office.job(before).good_until_s == office.job(known).good_until_s
    office.store.issued_path(before).unlink()
    again = renew_due(office.sessions, office.store, sealer, within=NEVER, told=told.append)
    assert (again.still_good, again.refused, told) == (2, {}, [before])


def test_a_file_of_before_a_renewal_that_a_backup_put_back_is_renewed_again_and_a_lost_one_is_told_of(
    office: Office, sealer: Sealer, renewed: bytes, issued: Issued
) -> None:
    restored, lost = office.ask(2)
    issue_due(office.sessions, office.store, sealer, limit=2)
    first = office.store.read_issued(restored)
    with office.sessions.begin() as session:  # as a renewal leaves it: a longer file, and a stamp that is good for long
        job = session.get_one(IssueJob, restored)
        job.good_until_s, job.stored_length = (job.good_until_s or 0) + 10**9, len(first) + len(renewed) - len(issued.pdf)
    office.store.issued_path(lost).unlink()
    beyond = ALWAYS - datetime.timedelta(days=1)
    assert (notice_replaced(office.sessions, office.store), notice_replaced(office.sessions, office.store)) == (2, 0)
    report = renew_due(office.sessions, office.store, sealer, within=NEVER)
    assert (report.renewed, report.still_good, list(report.refused)) == ([], 1, [lost]), "it is read again, and good as it is"
    assert office.job(restored).good_until_s == int(good_until(first).timestamp())
    assert (office.job(restored).stored_length, office.job(lost).good_until_s) == (len(first), 0)
    assert restored in renew_due(office.sessions, office.store, sealer, within=beyond).renewed
    assert office.job(restored).stored_length == len(office.store.read_issued(restored)) > len(first)
    assert notice_replaced(office.sessions, office.store) == 0


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
    assert "is missing" in renew_due(office.sessions, office.store, sealer, within=ALWAYS).refused[agreement], "a lost file is told of"
    with office.sessions.begin() as session:
        session.get_one(IssueJob, agreement).good_until_s = None
    passed = renew_due(office.sessions, office.store, sealer, within=ALWAYS)
    assert (passed.renewed, passed.refused, passed.still_good) == ([], {}, 0), "an erased one is passed over"
    assert office.store.read_issued(agreement) == first


def test_a_stamp_is_good_until_the_first_certificate_it_relies_on_ends(issued: Issued, renewed: bytes) -> None:
    moment = datetime.datetime.now(datetime.UTC)
    assert moment < good_until(issued.pdf) == good_until(renewed)
    assert good_until_s(issued.pdf) == good_until_s(renewed) == int(good_until(renewed).timestamp())
    with pytest.raises(SealingError, match="no document time stamp"):
        good_until_s(issued.sealed)
    with pytest.raises(SealingError, match="no document time stamp"):
        good_until(issued.sealed)


def test_the_logs_proof_of_the_first_file_holds_for_the_renewed_one_and_for_no_attacked_one(issued: Issued, renewed: bytes) -> None:
    log = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
    document = read_sealed(issued.sealed).content.agreement.id
    data = Entry(b"\x01" * 32, 0, "issued", document, sha256(issued.pdf).digest(), 1_782_838_800).to_bytes()
    text = Checkpoint(log.name, 1, tree_root([leaf_hash(data)])).text()
    proof = TlogProof(data, 0, (), Note(text, (log.sign(text),))).to_bytes()
    trust = LogTrust(log.key())
    for pdf in (issued.pdf, renewed):
        assert verify_log_proof(proof, trust, present(pdf)).answer == Answer.AUTHENTIC
    assert check_tail(renewed, len(issued.sealed)) > check_tail(issued.pdf, len(issued.sealed))
    assert verify_log_proof(proof, trust, present(issued.sealed)).answer == Answer.UNRECOGNISED
    for attack in (attacks.saved_without_table, attacks.evil_annotation("/FreeText"), attacks.saved_with_an_empty_table):
        for pdf in (issued.pdf, renewed):
            assert verify_log_proof(proof, trust, present(attack(pdf))).answer == Answer.ALTERED
