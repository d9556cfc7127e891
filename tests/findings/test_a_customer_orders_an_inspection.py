"""A signed-in customer could ask for `inspection` or `audit`, which started the clock of an internal review of the unit."""

from __future__ import annotations

import pytest

from ledger.errors import NotFoundError
from tests.ledger.services.conftest import CUSTOMER, OFFICE, Desk, desk

__all__ = ["desk"]


@pytest.mark.parametrize("review", ["inspection", "audit"])
def test_a_review_is_no_service_to_a_customer_and_the_advice_names_none(desk: Desk, review: str) -> None:
    with pytest.raises(NotFoundError, match=f"no service '{review}'") as refused:
        desk.take("2026-03-02T09:00", review, CUSTOMER)
    assert (refused.value.field, "renewal" in refused.value.fix) == ("service", True)
    assert not {"inspection", "audit"} & set(refused.value.fix.replace(",", "").split())
    assert desk.take("2026-03-02T09:00", review, OFFICE).service == review
