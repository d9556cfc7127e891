"""An issued file: the sealed document the chain records, and signatures after it that change no page."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from ledger.agreements.incremental import MARKER
from ledger.agreements.sealed import read_sealed
from ledger.evidence.findings import Answer, Report, Result, SeenBlock, Status
from ledger.evidence.issued import check_tail
from ledger.evidence.presented import Presented, present, with_seals
from ledger.evidence.sealer import ExpectedSeal
from ledger.evidence.shown import headline, lines
from ledger.protocol.errors import ProtocolError
from ledger.sealing.batch import BatchSealer
from ledger.sealing.levels import load_trust_roots, read_levels
from ledger.sealing.sealer import Sealer
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import NAMES
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS, Issued

GOOD = Report(Answer.AUTHENTIC, "agreement", SeenBlock(1, bytes(32), 2), Status("in-force"), (), {}, ())


def changed(pdf: bytes, how: str) -> bytes:
    """The file with one more revision, as an attacker or an editing program would append it."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    page = writer.root["/Pages"]["/Kids"][0]
    match how:
        case "page content":
            page["/Contents"] = writer.add_object(writer.root["/Pages"])
            writer.update_container(page)
        case "attachment":
            writer.root["/Names"] = DictionaryObject()
            writer.update_root()
        case "annotation":
            note = DictionaryObject({pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText")})
            note["/Rect"] = ArrayObject(map(NumberObject, (0, 0, 500, 500)))
            page["/Annots"] = ArrayObject([writer.add_object(note)])
            writer.update_container(page)
        case "form field":
            field = DictionaryObject({pdf_name("/FT"): NameObject("/Tx"), pdf_name("/T"): pdf_string("amount")})
            writer.root["/AcroForm"] = DictionaryObject({pdf_name("/Fields"): ArrayObject([writer.add_object(field)])})
            writer.update_root()
        case "action":
            writer.root["/OpenAction"] = DictionaryObject({pdf_name("/S"): NameObject("/JavaScript"), pdf_name("/JS"): pdf_string("x")})
            writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_the_sealed_document_is_found_inside_the_issued_one(issued: Issued) -> None:
    presented = present(issued.pdf)
    assert presented == Presented(issued.pdf, issued.sealed)
    assert presented.issued
    read_sealed(presented.sealed)
    assert not present(issued.sealed).issued
    assert present(b"%PDF-nothing") == Presented(b"%PDF-nothing", b"%PDF-nothing")
    assert present(MARKER * 50 + issued.pdf).sealed == MARKER * 50 + issued.pdf
    assert present(issued.pdf + MARKER + b"1 0 obj").sealed == issued.sealed
    with pytest.raises(ProtocolError):
        read_sealed(issued.pdf)  # the strict reader stays strict


def test_an_issued_file_shows_its_levels_and_by_whose_word_each_time_is(issued: Issued, authority: AuthorityFiles) -> None:
    roots = load_trust_roots(authority.root)
    report = with_seals(GOOD, present(issued.pdf), roots, sealed_by=ExpectedSeal(NAMES["seal"]))
    assert (report.answer, [one.level for one in report.seals], [one.holds for one in report.seals]) == (
        Answer.AUTHENTIC,
        ["PAdES B-LTA"] * 2,
        [True, True],
    )
    assert {(one.code, one.source) for one in report.times} == {
        ("signed", "signer"),
        ("stamped", "time-stamp authority"),
        ("archived", "time-stamp authority"),
    }
    shown = "\n".join(lines(report))
    assert "SoNangSeal: PAdES B-LTA" in shown
    assert "the signer's own clock, unproven" in shown


def test_without_a_root_the_signatures_are_listed_and_the_answer_is_no_yes(issued: Issued, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    report = with_seals(GOOD, present(issued.pdf), None)
    assert (report.answer, [one.holds for one in report.seals]) == (Answer.UNANCHORED, [None, None])
    assert headline(report) == "ĐÚNG TRÊN CHUỖI, CON DẤU CHƯA KIỂM TRA · ON THE CHAIN, ITS SEAL NOT CHECKED"
    assert caplog.records == [], "nothing that looks like a failure beside the answer"
    assert (report.checks[-1].code, report.checks[-1].result) == ("seals", Result.NOT_CHECKED)
    assert with_seals(GOOD, present(issued.sealed), None) == GOOD
    assert with_seals(altered := replace(GOOD, answer=Answer.ALTERED), present(issued.pdf), None) == altered


def test_signatures_of_another_authority_are_not_the_utilitys(issued: Issued) -> None:
    report = with_seals(GOOD, present(issued.pdf), [])
    assert report.answer == Answer.ALTERED
    assert "not proven by the trusted roots" in report.checks[-1].detail


def test_a_file_of_a_fast_campaign_is_accepted_as_well(sealer: Sealer, issued: Issued) -> None:
    batch = BatchSealer(sealer)
    batch.learn_from(issued.pdf, issued.levels)
    assert check_tail(issued.pdf, len(issued.sealed)) == 4
    assert check_tail(batch.issue_and_read(sample().pdf, APPROVALS)[0], len(sample().pdf)) > 0


@pytest.mark.parametrize("how", ["page content", "attachment", "annotation", "form field", "action"])
def test_a_revision_that_does_more_than_sign_is_refused_before_and_after_the_signatures(issued: Issued, how: str) -> None:
    for pdf in (changed(issued.pdf, how), changed(issued.sealed, how)):
        presented = present(pdf)
        assert presented.sealed == issued.sealed
        report = with_seals(GOOD, presented, None)
        assert (report.answer, report.status) == (Answer.ALTERED, None)
        assert report.failed is not None
        assert report.failed.code == "revisions"


def test_bytes_after_the_end_and_flipped_ones_are_refused(issued: Issued) -> None:
    for tail in (b"x", b"\n%%EOF\n"):
        assert with_seals(GOOD, present(issued.sealed + tail), None).answer == Answer.ALTERED
    assert with_seals(GOOD, present(issued.pdf[:-200]), None).answer == Answer.ALTERED
    assert sample().pdf == issued.sealed


def test_a_page_that_was_swapped_before_the_utility_signed_is_noticed(sealer: Sealer, issued: Issued, authority: AuthorityFiles) -> None:
    """The worst case: somebody slipped a changed page under the utility's own signatures, which then hold."""
    signed = sealer.issue_and_read(changed(issued.sealed, "page content"), APPROVALS)[0]
    roots = load_trust_roots(authority.root)
    assert [one.problem for one in read_levels(signed, roots)] == [None, None]
    report = with_seals(GOOD, present(signed), roots)
    assert report.failed is not None
    assert (report.answer, report.failed.code) == (Answer.ALTERED, "revisions")
    assert "changes a page" in report.failed.detail
