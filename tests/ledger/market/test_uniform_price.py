"""The uniform price: what it promises, on random books, and the slow clearings it must agree with."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import RuleError
from ledger.market.book import UnitBook
from ledger.market.mechanisms.uniform_price import clear
from tests.ledger.market.books import Cleared, Rows, books, every_wh, most_at_one_price, plain, random_rows, sort_and_walk


def cleared(rows: Rows) -> Cleared:
    book = rows.book()
    return plain(book, clear(book))


@pytest.mark.parametrize("seed", range(8))
def test_it_agrees_with_sort_and_walk_on_a_thousand_random_books(seed: int) -> None:
    random = Random(seed)
    for _ in range(1000):
        rows = random_rows(random)
        assert cleared(rows) == sort_and_walk(rows)


@given(books())
def test_it_agrees_with_sort_and_walk_on_any_book(rows: Rows) -> None:
    assert cleared(rows) == sort_and_walk(rows)


@given(books(most_wh=4, most_price=12, steps=6))
def test_it_agrees_with_counting_every_single_wh_of_a_tiny_book(rows: Rows) -> None:
    result = cleared(rows)
    assert (result.price, result.traded_wh) == every_wh(rows)


@given(books())
def test_no_single_price_trades_more(rows: Rows) -> None:
    assert cleared(rows).traded_wh == most_at_one_price(rows)


@given(books())
def test_what_is_sold_is_what_is_bought_and_nobody_exceeds_what_was_metered(rows: Rows) -> None:
    result = cleared(rows)
    assert sum(result.sold.values()) == sum(result.bought.values()) == result.traded_wh
    assert all(0 <= result.sold[index, price] <= wh for index, price, wh in rows.sells)
    assert all(0 <= result.bought[index, price] <= wh for index, price, wh in rows.buys)


@given(books())
def test_no_seller_gets_less_and_no_buyer_pays_more_than_the_signed_limit(rows: Rows) -> None:
    result = cleared(rows)
    assert all(price <= result.price for (_, price), wh in result.sold.items() if wh)
    assert all(price >= result.price for (_, price), wh in result.bought.items() if wh)


@given(books())
def test_whoever_has_a_limit_better_than_the_price_is_served_in_full(rows: Rows) -> None:
    result = cleared(rows)
    if result.traded_wh:
        assert all(result.sold[index, price] == wh for index, price, wh in rows.sells if price < result.price)
        assert all(result.bought[index, price] == wh for index, price, wh in rows.buys if price > result.price)


@given(books())
def test_no_better_priced_order_is_skipped_and_ties_go_to_the_smaller_digest(rows: Rows) -> None:
    """In order of limit, then of order index, everybody is full until one is partly served, and after that nobody gets anything."""
    result = cleared(rows)
    for queue, matched in (
        (sorted(rows.sells, key=lambda row: (row[1], row[0])), result.sold),
        (sorted(rows.buys, key=lambda row: (-row[1], row[0])), result.bought),
    ):
        rationed = False
        for index, price, wh in queue:
            got = matched[index, price]
            assert not (rationed and got)
            rationed = rationed or got < wh


@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows: Rows, random: Random) -> None:
    shuffled = Rows(random.sample(rows.sells, len(rows.sells)), random.sample(rows.buys, len(rows.buys)))
    assert cleared(shuffled) == cleared(rows)


def test_the_price_is_the_middle_of_what_the_marginal_limits_allow() -> None:
    rows = Rows([(0, 1000, 10)], [(1, 2001, 10)])
    assert cleared(rows).price == 1500


def test_a_neighbour_left_out_caps_the_price_at_its_own_limit() -> None:
    """Without that cap the price would be 1500 and the second seller, ready at 1200, left out for no reason."""
    rows = Rows([(0, 1000, 10), (1, 1200, 10)], [(2, 2000, 10)])
    assert cleared(rows) == Cleared(1100, 10, {(0, 1000): 10, (1, 1200): 0}, {(2, 2000): 10})


def test_a_seller_partly_served_sets_the_price() -> None:
    rows = Rows([(0, 1300, 30)], [(1, 2000, 10)])
    assert cleared(rows) == Cleared(1300, 10, {(0, 1300): 10}, {(1, 2000): 10})


def test_a_buyer_partly_served_sets_the_price() -> None:
    rows = Rows([(0, 1300, 10)], [(1, 2000, 30)])
    assert cleared(rows) == Cleared(2000, 10, {(0, 1300): 10}, {(1, 2000): 10})


def test_at_one_limit_the_smaller_digest_is_served_first() -> None:
    rows = Rows([(5, 1000, 4), (2, 1000, 4), (9, 1000, 4)], [(1, 1000, 6)])
    assert cleared(rows).sold == {(2, 1000): 4, (5, 1000): 2, (9, 1000): 0}


@pytest.mark.parametrize("rows", [Rows([], []), Rows([(0, 1, 1)], []), Rows([], [(0, 1, 1)]), Rows([(0, 2, 9)], [(1, 1, 9)])])
def test_where_nobody_agrees_nothing_is_traded_and_the_price_is_zero(rows: Rows) -> None:
    result = cleared(rows)
    assert (result.price, result.traded_wh) == (0, 0)
    assert not any(result.sold.values())
    assert not any(result.bought.values())


def test_energy_up_to_the_last_wh_of_63_bits_is_exact() -> None:
    whole = 2**63 - 1
    rows = Rows([(0, 1, 2**62), (1, 1, 2**62 - 1)], [(2, 1, whole)])
    assert cleared(rows).traded_wh == whole
    assert cleared(Rows([(0, 5, whole)], [(1, 7, 1), (2, 6, whole - 1)])) == Cleared(
        5, whole, {(0, 5): whole}, {(1, 7): 1, (2, 6): whole - 1}
    )


def test_a_side_beyond_63_bits_is_refused_rather_than_wrapped() -> None:
    with pytest.raises(RuleError, match="more than 2\\^63-1 Wh"):
        Rows([(0, 1, 2**62), (1, 1, 2**62)], []).book()


@pytest.mark.parametrize("row", [(0, 1, 2**63), (0, 2**32, 1), (2**32, 1, 1), (0, -1, 1), (0, 1, -1), (0, 1, 0)])
def test_numbers_that_do_not_fit_a_book_are_refused(row: tuple[int, int, int]) -> None:
    with pytest.raises(RuleError):
        Rows([row], []).book()


def test_columns_of_another_type_or_length_are_refused() -> None:
    good, sell, one = np.array([1], np.uint32), np.array([True]), np.array([1])
    for columns in (
        (good, sell, good, one.astype(np.uint64)),
        (good, sell, good.astype(np.float64), one),
        (good, good, good, one),
        (good, sell, good, np.array([1, 2])),
        (good[:, None], sell[:, None], good[:, None], one[:, None]),
    ):
        with pytest.raises(RuleError, match="a column of"):
            UnitBook(*columns)


def test_a_hundred_thousand_orders_at_every_price_clear_as_the_reference_does() -> None:
    random = np.random.default_rng(7)
    for high in (2_000, 2**32):
        order, price = random.permutation(100_000), random.integers(0, high, 100_000)
        wh = random.integers(1, 5_000, 100_000)
        everything = list(zip(order.tolist(), price.tolist(), wh.tolist(), strict=True))
        rows = Rows(everything[:50_000], everything[50_000:])
        assert cleared(rows) == sort_and_walk(rows)


def test_a_book_of_one_price_is_shared_by_digest_alone() -> None:
    count = 10_000
    sells = [(order, True, 1500, 3) for order in np.random.default_rng(1).permutation(count).tolist()]
    book = UnitBook.of([*sells, (count, False, 1500, 3 * 4000 + 1)])
    served = plain(book, clear(book)).sold
    assert served == {(order, 1500): 3 if order < 4000 else 1 if order == 4000 else 0 for order in range(count)}
