"""The follow-up of an audit ordered in 2026 was written down as done in 2020; so were works, and meters that were hung."""

from __future__ import annotations

import pytest

from ledger.errors import InputError
from ledger.services.catalogue import catalogue
from tests.ledger.services.conftest import Desk, desk

__all__ = ["desk"]


def test_what_was_done_is_no_older_than_the_request(desk: Desk) -> None:
    review = desk.take("2026-03-02T09:00", "inspection")
    desk.act(review, "accept", "2026-03-03T08:00")
    with pytest.raises(InputError, match=r"01/03/2026 is too early – give 02/03/2026 \(received\) or a later day") as refused:
        desk.act(review, "record", "2026-03-05T08:00", given={"unit_informed_on": "2026-03-01"})
    assert refused.value.field == "unit_informed_on"
    assert desk.act(review, "record", "2026-03-05T08:00", given={"unit_informed_on": "2026-03-02"}).step == "examine"


def test_every_day_on_which_something_was_done_is_held_against_it() -> None:
    done = {one.name: one.not_before for service in catalogue() for one in service.fields() if one.sort == "date"}
    assert {name for name, bound in done.items() if bound == "received"} == {"done_on", "works_done_on", "unit_informed_on"}
