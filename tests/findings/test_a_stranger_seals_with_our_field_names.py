"""A root certifies many: a stranger with a certificate under it can put perfect signatures with our field names on a bare sealed file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.evidence.documents import issued_here
from ledger.evidence.findings import Answer, Check, Report, Result
from ledger.evidence.presented import present, with_seals
from ledger.evidence.roots import sealed_by_here
from ledger.evidence.sealer import ExpectedSeal, expected_seal
from ledger.evidence.shown import lines
from ledger.protocol.quantities import hex0x
from ledger.sealing.commands import issue_due
from ledger.sealing.keys import Pkcs12Key
from ledger.sealing.levels import Level, check_issued
from ledger.sealing.sealer import Sealer
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import NAMES
from tests.ledger.evidence.test_issued import GOOD
from tests.ledger.sealing.office import APPROVALS, Issued, Office

UTILITY, STRANGER = NAMES["seal"], NAMES["company"]


@pytest.fixture(scope="module")
def forged(sealer: Sealer, authority: AuthorityFiles, issued: Issued) -> bytes:
    """The sealed part of the issued file, signed as we sign it by a company whose certificate has the same root."""
    own = Pkcs12Key.read(authority.pkcs12("company"), SecretStr(authority.passphrase()), "test")
    return replace(sealer, seal_key=own, approvals_key=own).issue_and_read(issued.sealed, APPROVALS)[0]


def sealer_check(report: Report) -> Check:
    (found,) = [one for one in report.checks if one.code == "sealer"]
    return found


def test_every_signature_of_the_forgery_is_perfect_and_who_named_nobody_is_told_who_sealed(
    forged: bytes, sealer: Sealer, issued: Issued
) -> None:
    assert [one.level for one in check_issued(forged, issued.sealed, sealer.trust_roots)] == [Level.B_LTA] * 2
    report = with_seals(GOOD, present(forged), sealer.trust_roots)
    assert (report.answer, report.exit_code, sealer_check(report).result) == (Answer.UNANCHORED, 3, Result.NOT_CHECKED)
    shown = "\n".join(lines(report))
    assert f"sealed by “{STRANGER}”; a root certifies many: say whose seal you expect (--sealed-by)" in shown


def test_who_says_whose_seal_it_must_be_is_told_that_it_is_a_strangers(forged: bytes, sealer: Sealer, issued: Issued) -> None:
    for typed in (UTILITY, f" {UTILITY.upper()} "):
        report = with_seals(GOOD, present(forged), sealer.trust_roots, sealed_by=expected_seal(typed))
        assert report.answer == Answer.ALTERED
        assert (report.failed, sealer_check(report).result) == (sealer_check(report), Result.FAILED)
        assert f"sealed by “{STRANGER}”, not by “{typed}”" in sealer_check(report).detail
        genuine = with_seals(GOOD, present(issued.pdf), sealer.trust_roots, sealed_by=expected_seal(typed))
        assert (genuine.answer, sealer_check(genuine).result) == (Answer.AUTHENTIC, Result.PASSED)
        assert sealer_check(genuine).detail.startswith(f"“{UTILITY}”, compared by name only, and a root may certify others under it")


def test_a_name_alone_proves_nothing_and_a_missing_seal_is_missed(forged: bytes, sealer: Sealer, issued: Issued) -> None:
    rootless = with_seals(GOOD, present(issued.pdf), None, sealed_by=ExpectedSeal(UTILITY))
    assert (rootless.answer, sealer_check(rootless).result) == (Answer.UNANCHORED, Result.NOT_CHECKED)
    assert "anybody may call themselves" in sealer_check(rootless).detail
    assert with_seals(GOOD, present(forged), None, sealed_by=ExpectedSeal(UTILITY)).answer == Answer.ALTERED
    bare = with_seals(GOOD, present(issued.sealed), sealer.trust_roots, sealed_by=ExpectedSeal(UTILITY))
    assert (bare.answer, sealer_check(bare).result) == (Answer.AUTHENTIC, Result.NOT_CHECKED)
    approvals_only = issued.pdf[: issued.pdf.index(b"%%EOF", len(issued.sealed)) + 6]
    unsealed = sealer_check(with_seals(GOOD, present(approvals_only), None, sealed_by=ExpectedSeal(UTILITY)))
    assert (unsealed.result, unsealed.detail) == (Result.FAILED, f"carries no seal, and “{UTILITY}” should have sealed it")


def test_the_ledger_knows_the_file_it_issued_whatever_the_names(
    sessions: sessionmaker[Session], sealer: Sealer, forged: bytes, tmp_path: Path
) -> None:
    office = Office(sessions, DocumentStore(tmp_path), tmp_path)
    (agreement,) = office.ask()
    found = replace(GOOD, facts={"agreement": hex0x(agreement)})
    with sessions() as session:
        assert issued_here(session, found, present(forged)) == found, "nothing was issued yet"
    issue_due(sessions, office.store, sealer, limit=1)
    with sessions() as session:
        genuine = issued_here(session, found, present(office.store.read_issued(agreement)))
        refused = issued_here(session, found, present(forged))
        assert issued_here(session, found, present(office.store.read(agreement))) == found, "its sealed part alone is not an issued file"
    assert (genuine.answer, genuine.checks) == (Answer.AUTHENTIC, (Check("issued-here", Result.PASSED),))
    with sessions() as session:
        document = present(office.store.read_issued(agreement))
        asked = issued_here(session, replace(with_seals(GOOD, document, None), facts=found.facts), document)
    assert asked.answer == Answer.AUTHENTIC, "whose seal it is, the ledger of who issued it knows without any root"
    assert (refused.answer, refused.failed and refused.failed.code) == (Answer.ALTERED, "issued-here")


def test_an_installation_expects_its_own_seal(authority: AuthorityFiles) -> None:
    state = authority.directory.parent
    own = sealed_by_here(Settings(state_dir=state))
    assert own is not None
    assert (own.said, own.certificates) == (UTILITY, expected_seal(str(authority.certificate("seal"))).certificates)
    assert sealed_by_here(Settings(state_dir=state, seal_name="Công ty Điện lực Hồng Hà")) == ExpectedSeal("Công ty Điện lực Hồng Hà")
    assert sealed_by_here(Settings(state_dir=state, seal_csc_url="https://signing.example")) is None
