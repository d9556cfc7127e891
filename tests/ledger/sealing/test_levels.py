from __future__ import annotations

import asyncio
from io import BytesIO

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper

from ledger.sealing.errors import SealingError
from ledger.sealing.levels import Level, check_issued, load_trust_roots, read_levels
from ledger.sealing.profile import APPROVALS_FIELD, SEAL_FIELD
from ledger.sealing.sealer import Sealer
from ledger.sealing.stamps import CheckedTimeStamper
from ledger.test_authority.files import AuthorityFiles, prepare
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import Issued


def test_both_signatures_are_read_back_at_b_lta_with_only_the_root_and_no_network(issued: Issued, sealer: Sealer) -> None:
    approvals, seal = check_issued(issued.pdf, issued.sealed, sealer.trust_roots)
    assert [approvals.field, seal.field] == [APPROVALS_FIELD, SEAL_FIELD]
    for one in (approvals, seal):
        assert (one.level, one.problem) == (Level.B_LTA, None)
        assert one.stamped_at is not None
        assert one.archived_at is not None
        assert one.stamped_at <= one.archived_at
        assert "TEST" in one.signer
        assert "TEST" in str(one.stamped_by)
    assert "Chủ mái / Owner: ví điện tử / wallet" in str(approvals.reason)


def test_the_sealed_document_stays_the_beginning_and_nothing_else_is_taken_for_it(issued: Issued, sealer: Sealer) -> None:
    assert issued.pdf.startswith(sample().pdf)
    for sealed in (sample().base, issued.pdf, b"x" + issued.sealed):
        with pytest.raises(SealingError, match=r"sealed document|signed as"):
            check_issued(issued.pdf, sealed + b"x", sealer.trust_roots)


def test_every_changed_byte_of_a_signature_or_the_document_is_noticed(issued: Issued, sealer: Sealer) -> None:
    for at in (500, len(issued.sealed) - 40, len(issued.sealed) + 8_000, len(issued.pdf) - 5_000):
        changed = bytearray(issued.pdf)
        changed[at] ^= 1
        with pytest.raises(SealingError):
            check_issued(bytes(changed), bytes(changed[: len(issued.sealed)]), sealer.trust_roots)


def test_another_root_proves_nothing(issued: Issued, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = prepare(AuthorityFiles.of(tmp_path_factory.mktemp("other")), 0)
    for one in read_levels(issued.pdf, load_trust_roots(other.root)):
        assert "not proven by the trusted roots" in str(one.problem)


def test_an_archive_stamp_is_renewed_and_everything_still_holds(issued: Issued, sealer: Sealer) -> None:
    """In ten years the stamp grows weak: one more is put over it, and what the chain knows stays the beginning."""

    async def renewed() -> bytes:
        out, context = BytesIO(), sealer.context()
        renewing = PdfTimeStamper(CheckedTimeStamper(sealer.tsa_url))
        await renewing.async_update_archival_timestamp_chain(PdfFileReader(BytesIO(issued.pdf)), context, output=out)
        await context.aclose()
        return out.getvalue()

    pdf = asyncio.run(renewed())
    assert len(pdf) > len(issued.pdf)
    for before, after in zip(issued.levels, check_issued(pdf, issued.sealed, sealer.trust_roots), strict=True):
        assert after == before


def test_other_programs_open_an_issued_file(issued: Issued) -> None:
    with pikepdf.open(BytesIO(issued.pdf)) as opened:
        assert opened.check_pdf_syntax() == []
        assert list(opened.attachments) == ["signatures.json"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_spoiled_file_is_refused_in_our_own_words_wherever_it_is_spoiled(issued: Issued, sealer: Sealer, data: st.DataObject) -> None:
    at = data.draw(st.integers(len(issued.sealed), len(issued.pdf) - 1))
    cut = data.draw(st.integers(1, 40))
    put = data.draw(st.binary(max_size=8))
    with pytest.raises(SealingError) as refused:
        check_issued(issued.pdf[:at] + b"<" + put + issued.pdf[at + cut :], issued.sealed, sealer.trust_roots)
    assert refused.value.fix


def test_without_roots_the_levels_are_read_and_nothing_is_proven(issued: Issued) -> None:
    for one in read_levels(issued.pdf, ()):
        assert one.level == Level.B_LTA
        assert "not proven by the trusted roots" in str(one.problem)


def test_a_file_without_signatures_or_no_pdf_is_told_so(sealer: Sealer) -> None:
    with pytest.raises(SealingError, match="carries no signature"):
        read_levels(sample().pdf, sealer.trust_roots)
    for junk in (b"", b"%PDF-1.7\n", b"<html>", sample().pdf[:5_000]):
        with pytest.raises(SealingError, match="cannot be read"):
            read_levels(junk, sealer.trust_roots)
