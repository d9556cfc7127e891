"""A request for `household-norm` says how many households there are; its minutes list them. The number was taken for the list: `show`
called the minutes complete, and drafting them failed with "not a list".
"""

from __future__ import annotations

from ledger.agreements.kinds.shared_meter_minutes import NAME
from ledger.services.acting import service_of
from ledger.services.documents import facts_lacking
from tests.ledger.services.conftest import Desk, at, desk

__all__ = ["desk"]


def test_the_households_of_the_minutes_are_still_to_be_given(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00", "household-norm", metering_point="PA01HH0000001", households=3)
    lacking = facts_lacking(request, service_of(request).step("draft"), at("2026-03-02T10:00"))
    assert "households" in lacking[NAME]
