"""What simulated owners sign is always a lawful order, between what the utility pays and what it takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.day.limits import buy_steps, sell_steps
from ledger.market.rules import EVERYTHING_WH, check_order
from ledger.protocol.typed_data import Order, Step

PRICES = st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)).map(sorted)


def order(side: int, steps: tuple[Step, ...]) -> Order:
    return Order(bytes(32), bytes(32), bytes(32), side, steps, 0, 1, 1)


@given(st.text(max_size=40), PRICES)
def test_limits_are_orders_the_market_accepts_and_offer_everything(label: str, prices: list[int]) -> None:
    published, retail = prices
    for side, steps in ((0, sell_steps(label, published, retail)), (1, buy_steps(label, published, retail))):
        check_order(order(side, steps))
        assert steps[-1].quantity_wh == EVERYTHING_WH
        assert all(published <= step.price_vnd_per_kwh <= retail for step in steps)


def test_the_same_home_always_asks_the_same_and_homes_differ() -> None:
    assert sell_steps("home-001", 671, 2204) == sell_steps("home-001", 671, 2204)
    asked = {sell_steps(f"home-{number}", 671, 2204)[0].price_vnd_per_kwh for number in range(40)}
    assert len(asked) > 30
