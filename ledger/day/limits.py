"""The price limits simulated owners sign: pure, the same for the same home, spread between the utility's two prices, in đ/kWh."""

from __future__ import annotations

from hashlib import sha256

from ledger.market.rules import EVERYTHING_WH
from ledger.protocol.typed_data import Step

FIRST_SOLD_WH = 2_000
"""The part of a unit's surplus an owner sells cheaper; the rest only at a higher price."""
BASE_LOAD_WH = 150
"""The part of a unit's demand a home insists on covering locally; the rest it buys only when cheaper."""


def sell_steps(label: str, published_price: int, retail_price: int) -> tuple[Step, ...]:
    """Limits of an owner who sells: never below what the utility pays anyway."""
    span = max(retail_price - published_price, 0)
    first = published_price + span * _share_permille(label, "sell") // 2000
    return _two_steps(FIRST_SOLD_WH, first, first + span // 20)


def buy_steps(label: str, published_price: int, retail_price: int) -> tuple[Step, ...]:
    """Limits of a home that buys: never above the retail price it would pay anyway."""
    span = max(retail_price - published_price, 0)
    first = retail_price - span * _share_permille(label, "buy") // 2000
    return _two_steps(BASE_LOAD_WH, first, max(first - span // 20, published_price))


def _two_steps(quantity_wh: int, price: int, price_of_the_rest: int) -> tuple[Step, ...]:
    """Two steps, or one where the prices are so close together that both would be the same."""
    if price == price_of_the_rest:
        return (Step(EVERYTHING_WH, price),)
    return (Step(quantity_wh, price), Step(EVERYTHING_WH, price_of_the_rest))


def _share_permille(label: str, side: str) -> int:
    """A home's place between the two prices, 0 to 999, fixed by its label."""
    return int.from_bytes(sha256(f"{label}/{side}".encode()).digest()[:4], "big") % 1000
