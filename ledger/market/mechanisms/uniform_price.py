"""Uniform price: the most energy one price can trade, at the middle of the prices that leave nobody out who would still trade.

With S(p) the energy sellers offer at p or less and D(p) the energy buyers want at p or more, a price p clears when S(p-1) ≤ D(p) and
D(p+1) ≤ S(p): whoever has a limit strictly better than p is served in full. Those prices are an interval [lo, hi]; each trades the same,
largest possible energy min(S, D), and the price is its middle, rounded down. Rationing happens only at limits equal to lo, smaller
order digest first. Why this rule: docs/decisions/clearing-price.md.

The interval is found by summing energy per price and walking those sums. A book is never sorted; only the rows at the marginal price are.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ledger.market.book import Offers, UnitBook, UnitResult

BUCKET_BITS = 14
"""Prices up to 16,383 đ/kWh apart are told apart in one pass; any uint32 in three."""
HIGHEST_PRICE = 2**32 - 1


def clear(book: UnitBook) -> UnitResult:
    """Clears one unit; the order of the rows does not matter."""
    sells, buys = book.sells, book.buys
    if not len(sells) or not len(buys) or sells.price.min() > buys.price.max():
        return UnitResult.nothing(book)
    lo, below, at_sell, above, at_buy = _marginal(sells, buys)
    supply = below + at_sell
    traded = min(supply, above + at_buy)
    hi = min(_next_above(sells, lo), _next_above(buys, lo)) if supply == above else lo
    return UnitResult(
        price_vnd_per_kwh=(lo + hi) // 2,
        traded_wh=traded,
        sold_wh=_matched(sells, sells.price < lo, lo, traded - below),
        bought_wh=_matched(buys, buys.price > lo, lo, traded - above),
    )


class _Marginal(NamedTuple):
    """The lowest clearing price and the energy around it."""

    price: int
    supply_below: int
    supply_at: int
    demand_above: int
    demand_at: int


class _Limits(NamedTuple):
    """Limit prices and the energy under them, row by row."""

    price: NDArray[np.uint32]
    quantity_wh: NDArray[np.int64]

    def between(self, low: int, high: int) -> _Limits:
        """The rows with limits from `low` to `high`."""
        inside = (self.price >= low) & (self.price <= high)
        return _Limits(self.price[inside], self.quantity_wh[inside])

    def sums(self, low: int, high: int, shift: int) -> NDArray[np.int64]:
        """Energy per bucket of 2^shift prices; every limit is from `low` to `high`."""
        sums = np.zeros(((high - low) >> shift) + 1, np.int64)
        np.add.at(sums, (self.price - np.uint32(low)) >> np.uint32(shift), self.quantity_wh)
        return sums


def _marginal(sells: Offers, buys: Offers) -> _Marginal:
    """Finds lo, the smallest price p with S(p) ≥ D(p+1): in buckets of equal width first, then inside the bucket where it happens."""
    asks, bids = _Limits(sells.price, sells.quantity_wh), _Limits(buys.price, buys.quantity_wh)
    low = int(min(asks.price.min(), bids.price.min()))
    high = int(max(asks.price.max(), bids.price.max()))
    below = above = 0
    while True:
        shift = max(0, (high - low).bit_length() - BUCKET_BITS)
        supply, demand = asks.sums(low, high, shift), bids.sums(low, high, shift)
        offered = below + np.cumsum(supply)
        wanted = above + demand.sum() - np.cumsum(demand)
        bucket = int(np.argmax(offered >= wanted))
        below, above = int(offered[bucket] - supply[bucket]), int(wanted[bucket])
        if shift == 0:
            return _Marginal(low + bucket, below, int(supply[bucket]), above, int(demand[bucket]))
        low, high = low + (bucket << shift), min(high, low + ((bucket + 1) << shift) - 1)
        asks, bids = asks.between(low, high), bids.between(low, high)


def _next_above(offers: Offers, price: int) -> int:
    """The lowest limit above a price."""
    return int(np.where(offers.price > price, offers.price, np.uint32(HIGHEST_PRICE)).min())


def _matched(offers: Offers, better: NDArray[np.bool_], marginal: int, rest: int) -> NDArray[np.int64]:
    """Better limits in full, then `rest` Wh over the marginal limit by rising order index."""
    matched = offers.quantity_wh * better
    level = np.flatnonzero(offers.price == marginal)
    if rest:
        level = level[np.argsort(offers.order[level])]
        quantity = offers.quantity_wh[level]
        matched[level] = np.clip(rest - (np.cumsum(quantity) - quantity), 0, quantity)
    return matched
