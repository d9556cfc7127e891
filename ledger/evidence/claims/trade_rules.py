"""The rules one trade line can be held to by itself: energy adds up, the price is the unit's, the order's limit is kept. Pure."""

from __future__ import annotations

from ledger.evidence.findings import BrokenRuleError, require
from ledger.protocol.leaves import FillLeaf, ReadingLeaf
from ledger.protocol.typed_data import Clearing, Order

SELL, BUY = 0, 1
SINGLE_BUYER = 1
NO_ORDER = bytes(32)


def leg(leaf: FillLeaf) -> str:
    """Who stands on the other side: `pool`, `utility`, or nobody (`unpaid`: export of a home without an agreement)."""
    if leaf.order_digest != NO_ORDER:
        return "pool"
    return "unpaid" if leaf.side == SELL and leaf.price_vnd_per_kwh == 0 else "utility"


def check_balance(clearing: Clearing) -> None:
    """Every Wh of the unit is accounted for.

    Raises:
        BrokenRuleError: it is not; so for every rule below.
    """
    surplus, demand = clearing.traded_wh + clearing.to_utility_wh, clearing.traded_wh + clearing.from_utility_wh
    _rule((clearing.surplus_wh, clearing.demand_wh) == (surplus, demand), "energy is lost or made", "clearing")
    _rule(clearing.unpaid_wh <= clearing.to_utility_wh, "more is unpaid than reached the utility", "clearing")
    _rule(clearing.mechanism != SINGLE_BUYER or clearing.traded_wh == 0, "neighbours traded where one buyer takes all", "clearing")


def check_price(clearing: Clearing, leaf: FillLeaf) -> None:
    """The fill's price is the one the unit has for its leg, and the leg had room for it."""
    _rule(leaf.side in (SELL, BUY), "neither sells nor buys", "leaf")
    price, room = _terms(clearing, leaf)
    _rule(leaf.price_vnd_per_kwh == price, f"{leaf.price_vnd_per_kwh} đ/kWh where the unit has {price}", "leaf")
    _rule(0 < leaf.quantity_wh <= room, f"{leaf.quantity_wh} Wh of {room}", "leaf")


def _terms(clearing: Clearing, leaf: FillLeaf) -> tuple[int, int]:
    """Price of the fill's leg, đ/kWh, and all the Wh that went that way."""
    if leaf.order_digest != NO_ORDER:
        return clearing.price_vnd_per_kwh, clearing.traded_wh
    if leaf.side == BUY:
        return clearing.retail_price_vnd_per_kwh, clearing.from_utility_wh
    if leaf.price_vnd_per_kwh == 0 and clearing.unpaid_wh:
        return 0, clearing.unpaid_wh
    return clearing.published_price_vnd_per_kwh, clearing.to_utility_wh - clearing.unpaid_wh


def check_delivered(leaf: FillLeaf, reading: ReadingLeaf) -> None:
    """Nobody sells what the meter did not export, or buys what it did not import."""
    metered = reading.export_wh if leaf.side == SELL else reading.import_wh
    _rule(leaf.quantity_wh <= metered, f"{leaf.quantity_wh} Wh where the meter read {metered}", "leaf")


def check_may_sell(in_force: bool) -> None:
    """Only owners with an agreement in force when the unit begins are paid for what they export."""
    _rule(in_force, "the seller's agreement was not in force", "agreement")


def check_limit(order: Order, leaf: FillLeaf) -> None:
    """What was filled is no more than the order gives at that price: the steps whose limit the price keeps, in their order."""
    willing = 0
    for step in order.steps:
        kept = step.price_vnd_per_kwh <= leaf.price_vnd_per_kwh if order.side == SELL else step.price_vnd_per_kwh >= leaf.price_vnd_per_kwh
        if not kept:
            break
        willing += step.quantity_wh
    _rule(
        leaf.quantity_wh <= willing,
        f"{leaf.quantity_wh} Wh at {leaf.price_vnd_per_kwh} đ/kWh where the order gives {willing} Wh",
        "order",
    )


def check_standing(order: Order, clearing: Clearing, cancelled_at: int, committed_at: int) -> None:
    """The order was valid for the whole unit, and not cancelled before the gate closed."""
    _rule(order.valid_from <= clearing.start and clearing.end <= order.valid_to, "the order is not valid for this unit", "order")
    _rule(cancelled_at == 0 or cancelled_at > committed_at, "the order was cancelled before the orders were committed", "order")


def _rule(holds: bool, problem: str, field: str) -> None:
    require(holds, problem, field, BrokenRuleError)
