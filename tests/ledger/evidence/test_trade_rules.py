"""The rules one trade line can be held to: each broken one is named, and the limit agrees with giving out an order Wh by Wh."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.evidence.claims import trade_rules as rules
from ledger.evidence.findings import BrokenRuleError
from ledger.protocol.leaves import FillLeaf, ReadingLeaf
from ledger.protocol.typed_data import Clearing, Order, Step

ID, NONE = b"\x07" * 32, bytes(32)
CLEARING = Clearing(ID, 0, 1800, ID, 1, 2, 1_500, 671, 2_204, 1_700, 800, 600, 1_100, 200, 300, ID, 5)
FILL = FillLeaf(ID, 0, 0, ID, ID, ID, 0, 600, 1_500, ID)
SALE, SUPPLY, UNPAID = (
    replace(FILL, order_digest=NONE, quantity_wh=200, **terms)
    for terms in (
        {"price_vnd_per_kwh": 671},
        {"side": 1, "price_vnd_per_kwh": 2_204},
        {"price_vnd_per_kwh": 0},
    )
)


def order(side: int, steps: list[tuple[int, int]]) -> Order:
    return Order(ID, ID, ID, side, tuple(Step(*step) for step in steps), 0, 3600, 1)


def test_every_leg_has_its_own_price_and_room() -> None:
    for leaf in (FILL, replace(FILL, side=1), SALE, SUPPLY, UNPAID):
        rules.check_price(CLEARING, leaf)
    assert [rules.leg(leaf) for leaf in (FILL, SALE, SUPPLY, UNPAID)] == ["pool", "utility", "utility", "unpaid"]
    for leaf in (
        replace(FILL, price_vnd_per_kwh=1_499),
        replace(FILL, quantity_wh=601),
        replace(FILL, quantity_wh=0),
        replace(FILL, side=2),
        replace(SALE, price_vnd_per_kwh=672),
        replace(SALE, quantity_wh=801),
        replace(SUPPLY, price_vnd_per_kwh=0),
        replace(SUPPLY, quantity_wh=201),
        replace(UNPAID, quantity_wh=301),
    ):
        with pytest.raises(BrokenRuleError):
            rules.check_price(CLEARING, leaf)


def test_a_utility_that_publishes_a_price_of_zero_still_has_two_legs() -> None:
    free = replace(CLEARING, published_price_vnd_per_kwh=0, unpaid_wh=0)
    rules.check_price(free, replace(SALE, price_vnd_per_kwh=0, quantity_wh=1_100))


def test_a_unit_that_loses_or_makes_energy_is_named() -> None:
    rules.check_balance(CLEARING)
    for wrong in ({"surplus_wh": 1_701}, {"demand_wh": 799}, {"unpaid_wh": 1_101}, {"mechanism": 1}):
        with pytest.raises(BrokenRuleError):
            rules.check_balance(replace(CLEARING, **wrong))
    rules.check_balance(replace(CLEARING, mechanism=1, traded_wh=0, to_utility_wh=1_700, from_utility_wh=800))


def test_nobody_trades_more_than_was_metered() -> None:
    reading = ReadingLeaf(ID, ID, 0, 1, 599, 600, 0, ID)
    rules.check_delivered(FILL, reading)
    with pytest.raises(BrokenRuleError, match="600 Wh where the meter read 599"):
        rules.check_delivered(replace(FILL, side=1), reading)


def test_an_order_counts_for_whole_units_and_until_it_is_cancelled() -> None:
    placed = order(0, [(1, 1)])
    rules.check_standing(placed, CLEARING, 0, 10)
    rules.check_standing(placed, CLEARING, 11, 10)
    for cancelled_at in (1, 10):
        with pytest.raises(BrokenRuleError, match="cancelled"):
            rules.check_standing(placed, CLEARING, cancelled_at, 10)
    for wrong in (replace(placed, valid_from=1), replace(placed, valid_to=1799)):
        with pytest.raises(BrokenRuleError, match="not valid"):
            rules.check_standing(wrong, CLEARING, 0, 10)


@given(
    st.sampled_from((0, 1)),
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 12)), min_size=1, max_size=5, unique_by=lambda step: step[1]),
    st.integers(0, 13),
    st.integers(1, 160),
)
def test_the_limit_is_what_giving_out_the_order_wh_by_wh_says(side: int, steps: list[tuple[int, int]], price: int, quantity: int) -> None:
    ordered = sorted(steps, key=lambda step: step[1], reverse=side == 1)
    offered = [limit for wh, limit in ordered for _ in range(wh)]
    allowed = quantity <= len(offered) and all((limit <= price) if side == 0 else (limit >= price) for limit in offered[:quantity])
    leaf = replace(FILL, side=side, quantity_wh=quantity, price_vnd_per_kwh=price)
    if allowed:
        rules.check_limit(order(side, ordered), leaf)
    else:
        with pytest.raises(BrokenRuleError):
            rules.check_limit(order(side, ordered), leaf)


def test_all_the_rest_means_any_quantity() -> None:
    rules.check_limit(order(0, [(300, 1_200), (2**64 - 1, 1_500)]), replace(FILL, quantity_wh=2**63))
