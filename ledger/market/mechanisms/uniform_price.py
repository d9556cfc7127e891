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

from ledger.market.book import UnitBook, UnitResult

BUCKET_BITS = 14
"""Prices up to 16,383 đ/kWh apart are told apart in one pass; any uint32 in three."""
HIGHEST_PRICE = np.uint32(2**32 - 1)


def clear(book: UnitBook) -> UnitResult:
    """Clears one unit; the order of the rows does not matter."""
    if not len(book):
        return UnitResult.nothing(book)
    lo, below, at_sell, above, at_buy = _marginal(book)
    supply, demand = below + at_sell, above + at_buy
    traded = min(supply, demand)
    if not traded:
        return UnitResult.nothing(book)
    hi = int(np.where(book.price > lo, book.price, HIGHEST_PRICE).min()) if supply == above else lo
    matched = book.quantity_wh * ((book.price < lo) == book.sell)  # rows at lo itself follow
    level = np.flatnonzero(book.price == lo)
    sells = book.sell[level]
    for rows, rest in ((level[sells], traded - below), (level[~sells], traded - above)):
        matched[rows] = _shared(book.order[rows], book.quantity_wh[rows], rest)
    return UnitResult((lo + hi) // 2, traded, matched)


class _Marginal(NamedTuple):
    """The lowest clearing price and the energy around it."""

    price: int
    supply_below: int
    supply_at: int
    demand_above: int
    demand_at: int


def _marginal(book: UnitBook) -> _Marginal:
    """Finds lo, the smallest price p with S(p) ≥ D(p+1): in buckets of equal width first, then inside the bucket where it happens."""
    sell, price, quantity = book.sell, book.price, book.quantity_wh
    low, high = int(price.min()), int(price.max())
    below = above = 0
    while True:
        shift = max(0, (high - low).bit_length() - BUCKET_BITS)
        buckets = ((high - low) >> shift) + 1
        sums = np.zeros(2 * buckets, np.int64)
        place = ((price - np.uint32(low)) >> np.uint32(shift)) + sell * np.uint32(buckets)
        np.add.at(sums, place.astype(np.intp), quantity)
        demand, supply = sums.reshape(2, buckets)
        offered = below + np.cumsum(supply)
        wanted = above + demand.sum() - np.cumsum(demand)
        bucket = int(np.argmax(offered >= wanted))
        below, above = int(offered[bucket] - supply[bucket]), int(wanted[bucket])
        if shift == 0:
            return _Marginal(low + bucket, below, int(supply[bucket]), above, int(demand[bucket]))
        low, high = low + (bucket << shift), min(high, low + ((bucket + 1) << shift) - 1)
        inside = (price >= low) & (price <= high)
        sell, price, quantity = sell[inside], price[inside], quantity[inside]


def _shared(order: NDArray[np.uint32], quantity: NDArray[np.int64], rest: int) -> NDArray[np.int64]:
    """`rest` Wh over rows of one limit: each in full by rising order index, while it lasts."""
    if not rest:
        return np.zeros_like(quantity)
    queue = np.argsort(order)
    waiting = quantity[queue]
    served = np.empty_like(quantity)
    served[queue] = np.clip(rest - (np.cumsum(waiting) - waiting), 0, waiting)
    return served
