"""What an order must be, which order speaks for a meter, and how metered energy meets its steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import RuleError
from ledger.market.rules import EVERYTHING_WH, allocate, check_order, standing
from ledger.protocol.typed_data import Order, Step

SELL = Order(
    party=b"p" * 32,
    meter=b"m" * 32,
    zone=b"z" * 32,
    side=0,
    steps=(Step(2_000, 1_200), Step(EVERYTHING_WH, 1_400)),
    valid_from=1_000,
    valid_to=2_000,
    nonce=1,
)
BUY = replace(SELL, side=1, steps=(Step(150, 1_900), Step(EVERYTHING_WH, 1_700)))


@dataclass(frozen=True)
class Signed:
    digest: bytes
    meter_id: bytes
    side: int
    nonce: int


@pytest.mark.parametrize("order", [SELL, BUY, replace(SELL, steps=(Step(1, 0),)), replace(BUY, steps=(Step(1, 2**32 - 1),))])
def test_an_order_within_the_rules_is_accepted(order: Order) -> None:
    check_order(order)


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (replace(SELL, side=2), "side"),
        (replace(SELL, steps=()), "steps"),
        (replace(SELL, steps=tuple(Step(1, price) for price in range(17))), "steps"),
        (replace(SELL, steps=(Step(0, 1_200),)), "steps[0].quantity_wh"),
        (replace(SELL, steps=(Step(EVERYTHING_WH, 1), Step(1, 2))), "steps[0].quantity_wh"),
        (replace(SELL, steps=(Step(1, 5), Step(1, 4))), "steps[1].price_vnd_per_kwh"),
        (replace(SELL, steps=(Step(1, 5), Step(1, 5))), "steps[1].price_vnd_per_kwh"),
        (replace(BUY, steps=(Step(1, 5), Step(1, 4), Step(1, 4))), "steps[2].price_vnd_per_kwh"),
        (replace(SELL, valid_to=1_000), "valid_to"),
    ],
)
def test_an_order_outside_the_rules_is_refused_at_the_field_that_breaks_them(order: Order, field: str) -> None:
    with pytest.raises(RuleError) as refused:
        check_order(order)
    assert refused.value.field == field
    assert refused.value.fix


def test_the_highest_nonce_speaks_for_a_meter_and_side_and_indices_follow_the_digests() -> None:
    old, new = Signed(b"a", b"m1", 0, 1), Signed(b"c", b"m1", 0, 2)
    buy, other = Signed(b"b", b"m1", 1, 1), Signed(b"d", b"m2", 0, 1)
    assert standing([other, new, old, buy]) == standing([buy, old, new, other]) == [buy, new, other]


def test_metered_energy_fills_the_steps_in_their_order() -> None:
    assert allocate(SELL.steps, 2_500) == [(1_200, 2_000), (1_400, 500)]
    assert allocate(SELL.steps, 2_000) == [(1_200, 2_000)]
    assert allocate(SELL.steps, 0) == []


def test_what_exceeds_the_last_step_is_not_offered() -> None:
    assert allocate((Step(10, 1), Step(5, 2)), 40) == [(1, 10), (2, 5)]


@given(st.lists(st.integers(1, 2**64 - 1), min_size=1, max_size=16), st.integers(0, 2**64 - 1))
def test_steps_offer_what_was_metered_or_all_they_can_whichever_is_less(quantities: list[int], metered: int) -> None:
    offered = allocate([Step(wh, price) for price, wh in enumerate(quantities)], metered)
    assert sum(wh for _, wh in offered) == min(metered, sum(quantities))
    assert all(0 < wh <= quantities[price] for price, wh in offered)
