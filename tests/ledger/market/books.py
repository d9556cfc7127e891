"""Random books and the slow, obvious clearings that the fast one must agree with."""

from __future__ import annotations

from itertools import zip_longest
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from ledger.market.book import UnitBook, UnitResult

Row = tuple[int, int, int]
"""Order index, limit price, Wh."""


class Rows(NamedTuple):
    """A book as plain rows."""

    sells: list[Row]
    buys: list[Row]

    def book(self) -> UnitBook:
        """The book with its sides mixed: sellers and buyers take turns while there are both."""
        sides = zip_longest(
            ((index, True, price, wh) for index, price, wh in self.sells), ((index, False, price, wh) for index, price, wh in self.buys)
        )
        return UnitBook.of(row for pair in sides for row in pair if row is not None)


class Cleared(NamedTuple):
    """A result as plain numbers: matched Wh by (order index, limit)."""

    price: int
    traded_wh: int
    sold: dict[tuple[int, int], int]
    bought: dict[tuple[int, int], int]


def plain(book: UnitBook, result: UnitResult) -> Cleared:
    """The fast result as plain numbers."""
    matched: dict[bool, dict[tuple[int, int], int]] = {True: {}, False: {}}
    for index, sells, price, wh in zip(
        book.order.tolist(), book.sell.tolist(), book.price.tolist(), result.matched_wh.tolist(), strict=True
    ):
        matched[sells][index, price] = wh
    return Cleared(result.price_vnd_per_kwh, result.traded_wh, matched[True], matched[False])


def sort_and_walk(rows: Rows) -> Cleared:
    """Cheapest seller meets keenest buyer, again and again, until they no longer agree; Python numbers only."""
    asks = sorted((price, index, wh) for index, price, wh in rows.sells)
    bids = sorted((-price, index, wh) for index, price, wh in rows.buys)
    sold = {(index, price): 0 for index, price, _ in rows.sells}
    bought = {(index, price): 0 for index, price, _ in rows.buys}
    a = b = traded = 0
    last_ask = last_bid = 0
    while a < len(asks) and b < len(bids) and asks[a][0] <= -bids[b][0]:
        (ask, seller, offered), (negative, buyer, wanted) = asks[a], bids[b]
        bid = -negative
        wh = min(offered - sold[seller, ask], wanted - bought[buyer, bid])
        sold[seller, ask] += wh
        bought[buyer, bid] += wh
        traded += wh
        last_ask, last_bid = ask, bid
        a += sold[seller, ask] == offered
        b += bought[buyer, bid] == wanted
    if not traded:
        return Cleared(0, 0, sold, bought)
    lo = max([last_ask] + [-bid for bid, _, _ in bids[b : b + 1]])
    hi = min([last_bid] + [ask for ask, _, _ in asks[a : a + 1]])
    return Cleared((lo + hi) // 2, traded, sold, bought)


def every_wh(rows: Rows) -> tuple[int, int]:
    """Price and traded Wh of a tiny book, with every Wh an offer of its own."""
    asks = sorted(price for _, price, wh in rows.sells for _ in range(wh))
    bids = sorted((price for _, price, wh in rows.buys for _ in range(wh)), reverse=True)
    traded = sum(ask <= bid for ask, bid in zip(asks, bids, strict=False))
    if not traded:
        return 0, 0
    lo = max([asks[traded - 1], *bids[traded : traded + 1]])
    hi = min([bids[traded - 1], *asks[traded : traded + 1]])
    return (lo + hi) // 2, traded


def most_at_one_price(rows: Rows) -> int:
    """The most Wh that any single price trades."""
    limits = {price for _, price, _ in rows.sells + rows.buys}
    return max((min(supply(rows, price), demand(rows, price)) for price in limits), default=0)


def supply(rows: Rows, price: int) -> int:
    return sum(wh for _, limit, wh in rows.sells if limit <= price)


def demand(rows: Rows, price: int) -> int:
    return sum(wh for _, limit, wh in rows.buys if limit >= price)


def random_rows(random: Random) -> Rows:
    """A book of up to forty steps whose prices and quantities collide often, seldom or never."""
    low, high = random.choice([(0, 3), (1000, 1010), (900, 3500), (0, 2**32 - 1)])
    most = random.choice([3, 5000, 2**40, 2**57])
    keys = random.sample(range(60), random.randrange(40))

    def row(index: int) -> Row:
        return index, random.randint(low, high), random.randint(1, most)

    split = random.randint(0, len(keys))
    return Rows([row(index) for index in keys[:split]], [row(index) for index in keys[split:]])


def books(most_wh: int = 2**57, most_price: int = 2**32 - 1, steps: int = 24) -> st.SearchStrategy[Rows]:
    """Books for Hypothesis; several steps of one order are likely, two at the same price never happen."""
    limit = st.one_of(st.integers(0, min(most_price, 8)), st.integers(0, most_price))
    row = st.tuples(st.integers(0, 30), limit, st.integers(1, most_wh))
    side = st.lists(row, max_size=steps, unique_by=lambda one: one[:2])
    return st.builds(Rows, side, side)
