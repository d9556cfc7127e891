"""A time-stamp authority's signature proves who said a time, not that it is right: one a day off was taken without a word.

Its answer is held against our clock when it arrives, and the times in a file against each other whenever it is read.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

import pytest
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper

from ledger.sealing.errors import SealingError
from ledger.sealing.levels import check_issued, read_levels
from ledger.sealing.profile import seal_metadata
from ledger.sealing.sealer import Sealer
from ledger.sealing.stamps import CheckedTimeStamper
from ledger.test_authority.files import AuthorityFiles
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.liars import honest, serving
from tests.ledger.sealing.office import APPROVALS

DAY = 86_400.0


@pytest.mark.parametrize(("shift", "told"), [(DAY, "after our clock"), (-DAY, "before our clock")])
def test_a_stamp_far_from_our_clock_is_refused_with_both_times(sealer: Sealer, authority: AuthorityFiles, shift: float, told: str) -> None:
    with serving(honest(authority, lambda: shift)) as url, pytest.raises(SealingError, match=told) as refused:
        replace(sealer, tsa_url=url).issue_and_read(sample().pdf, APPROVALS)
    assert "86400 s" in refused.value.problem or "86399 s" in refused.value.problem
    assert "compare this machine's clock" in refused.value.fix


def test_a_clock_that_runs_backwards_puts_a_signature_after_the_archive_stamp_and_is_refused(
    sealer: Sealer, authority: AuthorityFiles
) -> None:
    backwards = itertools.count(200, -40)
    with (
        serving(honest(authority, lambda: next(backwards))) as url,
        pytest.raises(SealingError, match="after the document time stamp"),
    ):
        replace(sealer, tsa_url=url).issue_and_read(sample().pdf, APPROVALS)


def test_a_stamp_older_than_the_signature_under_it_is_noticed_in_a_file_made_elsewhere(sealer: Sealer, authority: AuthorityFiles) -> None:
    async def signed(url: str) -> bytes:
        certified = await sealer.certify(sample().pdf, list(APPROVALS), CheckedTimeStamper(sealer.tsa_url))
        async with sealer.seal_key.signer() as signer:
            metadata = replace(seal_metadata("x", sealer.context()), embed_validation_info=False, use_pades_lta=False)
            believing = HTTPTimeStamper(url)
            return await sealer.sign(certified, replace(metadata, validation_context=None), signer, believing)

    with serving(honest(authority, lambda: -3_600.0)) as url:
        pdf = asyncio.run(signed(url))
    assert "before it was signed" in str(read_levels(pdf, sealer.trust_roots)[1].problem)
    with pytest.raises(SealingError):
        check_issued(pdf, sample().pdf, sealer.trust_roots)
