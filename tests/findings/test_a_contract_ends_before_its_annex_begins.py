"""A contract whose annex begins in a week was called superseded at once by the look-up and the customer's list: nothing was in force."""

from __future__ import annotations

from typing import cast

import pytest

from api.own_documents import becomes, state_of_document
from api.pages.views import term
from ledger.agreements.kinds.days import OPEN_END
from ledger.agreements.model import AgreementRow
from ledger.agreements.states import Standing, Status
from ledger.evidence.claims.agreement import NAMES, agreement_status
from ledger.protocol.slots import AgreementRecord

BEGINS, ENDS, WEEK = 1_000, 9_000, 5_000


@pytest.mark.parametrize("status", [1, 2, 3, 4])
@pytest.mark.parametrize("ended_at", [500, WEEK, ENDS, ENDS + 500])
@pytest.mark.parametrize("now_s", [0, 499, 500, 999, BEGINS, WEEK - 1, WEEK, ENDS - 1, ENDS, ENDS + 500])
def test_the_list_says_of_every_moment_what_verification_says(status: int, ended_at: int, now_s: int) -> None:
    record = AgreementRecord(bytes(32), bytes(32), BEGINS, ENDS, ended_at if status > 1 else 0, status, bytes(32))
    standing = Standing(cast(Status, NAMES[status]), BEGINS, ENDS, record.ended_at or None)
    said = state_of_document(AgreementRow(sealed_digest=bytes(32)), standing, erased=False, refused=False, now_s=now_s)
    proven = agreement_status(record, now_s)
    assert said == ("not-yet" if proven.code == "not-yet-in-force" else proven.code)
    if said == "in-force":
        assert becomes(said, standing) == (None if proven.then == "expired" else proven.then)


def test_minutes_without_an_end_say_so_instead_of_the_year_9999() -> None:
    assert term(1_782_838_800, OPEN_END) == "01/07/2026 – không thời hạn · no end"
    assert term(1_782_838_800, 1_814_374_800) == "01/07/2026 – 01/07/2027"
