"""Every published way to make a signed PDF say something else, tried on an issued file: what is verified has to notice each.

Found by these tests, and refused since: objects after the file's end (incremental saving, no table), bytes behind the last time stamp's
value, objects no table names, and – for auditors who brought no root – forged signatures and strangers' ones.
"""

from __future__ import annotations

import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import SimpleSigner

from ledger.evidence.findings import Answer, Report, Result, SeenBlock, Status
from ledger.evidence.presented import present, with_seals
from ledger.sealing.errors import IntakeError, SealingError
from ledger.sealing.intake import check_upload
from ledger.sealing.levels import check_issued, load_trust_roots, read_levels
from ledger.sealing.sealer import Sealer
from ledger.test_authority.files import AuthorityFiles, prepare
from tests.ledger.sealing import attacks
from tests.ledger.sealing.attacks import Attack
from tests.ledger.sealing.office import Issued

GOOD = Report(Answer.AUTHENTIC, "agreement", SeenBlock(1, bytes(32), 2), Status("in-force"), (), {}, ())
ATTACKS: dict[str, Attack] = {
    "forged: no value": attacks.forged_contents(b""),
    "forged: null": attacks.forged_contents(b"/Contents null"),
    "forged: one zero": attacks.forged_contents(b"/Contents <00>"),
    "forged: only zeros": attacks.forged_contents(b"/Contents <" + b"0" * 6_000 + b">"),
    "forged: no range": attacks.forged_range(b""),
    "forged: null range": attacks.forged_range(b"/ByteRange null"),
    "forged: empty range": attacks.forged_range(b"/ByteRange []"),
    "forged: zero range": attacks.forged_range(b"/ByteRange [0 0 0 0]"),
    "forged: only the beginning": attacks.forged_range(b"/ByteRange [0 90150 90150 0]"),
    "wrapped": attacks.wrapped,
    "behind the seal's value": attacks.dirty_padding(1),
    "behind the last stamp's value": attacks.dirty_padding(2),
    "saved without a table": attacks.saved_without_table,
    "saved with the old table": attacks.saved_with_the_old_table,
    "saved with an empty table": attacks.saved_with_an_empty_table,
    "saved without a trailer": attacks.saved_without_trailer,
    "saved with a copied signature": attacks.copied_signature,
    "shadow: hide": attacks.freed(20),
    "shadow: replace": attacks.replaced_font,
    "shadow: hide and replace": attacks.redirected(20, 15),
    "evil note": attacks.evil_annotation("/FreeText"),
    "evil stamp": attacks.evil_annotation("/Stamp"),
    "evil seal": attacks.evil_annotation("/Widget"),
}


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> AuthorityFiles:
    """Another authority's certificates."""
    return prepare(AuthorityFiles.of(tmp_path_factory.mktemp("stranger")), 0)


def signer(files: AuthorityFiles) -> SimpleSigner:
    """A company that is not the utility."""
    loaded = SimpleSigner.load_pkcs12_data(files.pkcs12("company").read_bytes(), other_certs=(), passphrase=files.passphrase().encode())
    assert isinstance(loaded, SimpleSigner)
    return loaded


def refused_everywhere(pdf: bytes, issued: Issued, sealer: Sealer) -> Report:
    """No reader takes it, with or without roots; what the parties signed is still found in it; the true file stays what it is."""
    with pytest.raises(SealingError) as refused:
        check_issued(pdf, issued.sealed, sealer.trust_roots)
    assert refused.value.field
    assert refused.value.fix
    presented = present(pdf)
    assert presented.sealed == issued.sealed, "the sealed document can still be taken out and verified by itself"
    report = with_seals(GOOD, presented, None)
    assert report.answer == Answer.ALTERED, "noticed even by an auditor who brought no root"
    assert report.failed is not None
    assert report.failed.detail
    return report


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attacked_file_is_told_altered_and_the_sealed_document_is_not_lost(attack: Attack, issued: Issued, sealer: Sealer) -> None:
    pdf = attack(issued.pdf)
    assert pdf != issued.pdf
    refused_everywhere(pdf, issued, sealer)
    with pytest.raises(IntakeError):
        check_upload(pdf)


@pytest.mark.parametrize("shown", [False, True], ids=["out of sight", "over the page"])
def test_a_stranger_who_signs_behind_the_utility_is_named(
    shown: bool, issued: Issued, sealer: Sealer, authority: AuthorityFiles, stranger: AuthorityFiles
) -> None:
    for files in (authority, stranger):
        pdf = attacks.signed_by_stranger(signer(files), shown=shown)(issued.pdf)
        report = refused_everywhere(pdf, issued, sealer)
        assert report.failed is not None
        assert ("shows the signature field" if shown else "after the utility had issued the file") in report.failed.detail


def test_a_strangers_own_seal_on_the_sealed_document_leads_to_no_trusted_root(
    issued: Issued, sealer: Sealer, stranger: AuthorityFiles
) -> None:
    pdf = attacks.signed_by_stranger(signer(stranger), shown=False, field="SoNangSeal")(issued.sealed)
    report = with_seals(GOOD, present(pdf), sealer.trust_roots)
    assert report.failed is not None
    assert (report.answer, report.failed.code) == (Answer.ALTERED, "seals")
    assert "not proven by the trusted roots" in report.failed.detail
    unknown = with_seals(GOOD, present(pdf), None)
    assert (unknown.checks[-1].result, unknown.seals[0].holds) == (Result.NOT_CHECKED, None)


@pytest.mark.parametrize("how", ["hide", "hide and replace"])
def test_a_document_prepared_for_a_shadow_attack_is_caught_when_the_shadow_falls(how: str, authority: AuthorityFiles) -> None:
    prepared, shown, hidden = attacks.shadowed()
    signed = attacks.signed_by_stranger(signer(authority), shown=False)(prepared)
    roots = load_trust_roots(authority.root)
    assert read_levels(signed, roots)[0].intact
    pdf = (attacks.freed(shown) if how == "hide" else attacks.redirected(shown, hidden))(signed)
    if how == "hide and replace":
        page = PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"][0]
        assert page["/Contents"].data.startswith(b"1 0 0 rg"), "red is shown where blue was signed"
    assert "was changed after signing" in str(read_levels(pdf, roots)[0].problem)


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="poppler is not installed")
def test_pdfsig_believes_what_no_signature_covers(issued: Issued, tmp_path: Path) -> None:
    file = tmp_path / "attacked.pdf"
    file.write_bytes(attacks.dirty_padding(2)(attacks.saved_without_table(issued.pdf)))
    told = subprocess.run(["pdfsig", "-nocert", str(file)], check=True, capture_output=True, text=True).stdout
    assert told.count("Signature Validation: Signature is Valid.") == 2
