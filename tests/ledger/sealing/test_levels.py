from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ledger.sealing.errors import SealingError
from ledger.sealing.levels import Level, check_issued, load_trust_roots, read_levels
from ledger.sealing.profile import APPROVALS_FIELD, SEAL_FIELD, seal_metadata
from ledger.sealing.sealer import Sealer
from ledger.sealing.stamps import CheckedTimeStamper
from ledger.test_authority.files import AuthorityFiles, prepare
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS, Issued


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


@pytest.mark.parametrize(
    ("changes", "stamped", "level"),
    [
        ({"use_pades_lta": False, "embed_validation_info": False}, False, Level.B_B),
        ({"use_pades_lta": False, "embed_validation_info": False}, True, Level.B_T),
        ({"embed_validation_info": False}, True, Level.B_T),
        ({"use_pades_lta": False}, True, Level.B_LT),
        ({}, False, Level.B_B),
        ({"use_pades_lta": False}, False, Level.B_B),
    ],
    ids=["B-B", "B-T", "LTA without validation data", "B-LT", "LTA without a time-stamp authority", "LT without a time-stamp authority"],
)
def test_what_pyhanko_quietly_makes_lower_is_read_as_lower_and_never_issued(
    sealer: Sealer, authority: AuthorityFiles, changes: dict[str, bool], stamped: bool, level: Level
) -> None:
    pdf = asyncio.run(_downgraded(sealer, changes, stamped))
    assert read_levels(pdf, sealer.trust_roots)[1].level == level
    with pytest.raises(SealingError, match="came out as PAdES B-"):
        check_issued(pdf, sample().pdf, sealer.trust_roots)


async def _downgraded(sealer: Sealer, changes: dict[str, bool], stamped: bool) -> bytes:
    """A file whose seal is made with other options than ours, as a wrong configuration or another version would."""
    stamper = CheckedTimeStamper(sealer.tsa_url)
    certified = await sealer.certify(sample().pdf, list(APPROVALS), stamper)
    async with sealer.seal_key.signer() as signer:
        context = sealer.context()
        metadata = replace(seal_metadata("x", context), **changes)
        if not metadata.embed_validation_info:
            metadata = replace(metadata, validation_context=None)
        return await sealer.sign(certified, metadata, signer, stamper if stamped else None)


def test_a_file_without_signatures_or_no_pdf_is_told_so(sealer: Sealer) -> None:
    with pytest.raises(SealingError, match="carries no signature"):
        read_levels(sample().pdf, sealer.trust_roots)
    for junk in (b"", b"%PDF-1.7\n", b"<html>", sample().pdf[:5_000]):
        with pytest.raises(SealingError, match="cannot be read"):
            read_levels(junk, sealer.trust_roots)
