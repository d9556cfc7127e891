"""Two fields may bear the name of the seal: the first alone was compared, and the second could be anybody's."""

from __future__ import annotations

import pytest

from ledger.evidence.findings import Result
from ledger.evidence.sealer import ExpectedSeal, check_sealer
from ledger.sealing.levels import Level, SignatureLevel


def seal(signer: str, certificate: str) -> SignatureLevel:
    return SignatureLevel("SoNangSeal", signer, certificate, "CA", Level.B_LTA, None, None, None, None, None, None)


@pytest.mark.parametrize("expected", [None, ExpectedSeal("Utility"), ExpectedSeal("utility.pem", frozenset({"aa" * 32}))])
def test_two_seals_of_one_name_fail_whoever_made_the_first(expected: ExpectedSeal | None) -> None:
    found = check_sealer([seal("Utility", "aa" * 32), seal("Stranger", "bb" * 32)], expected, proven=True)
    assert (found.result, found.detail) == (Result.FAILED, "carries 2 seals in fields of one name, by “Utility” and “Stranger”")
