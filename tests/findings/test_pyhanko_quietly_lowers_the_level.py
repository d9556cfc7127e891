"""Asked for B-LTA without one of its parts, pyHanko makes something lower and says nothing; so the level is read back from every file.

Without validation data in the file it is B-T; without a time-stamp authority there is a security store and no stamp at all.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ledger.sealing.errors import SealingError
from ledger.sealing.levels import Level, check_issued, read_levels
from ledger.sealing.profile import seal_metadata
from ledger.sealing.sealer import Sealer
from ledger.sealing.stamps import CheckedTimeStamper
from tests.ledger.agreements.samples import sample
from tests.ledger.sealing.office import APPROVALS


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
    sealer: Sealer, changes: dict[str, bool], stamped: bool, level: Level
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
