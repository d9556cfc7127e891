"""Mechanisms: how a unit's surplus finds its buyers. One file each, with one public function, `clear(book) -> result`."""

from __future__ import annotations

from collections.abc import Callable

from ledger.errors import RuleError
from ledger.market.book import UnitBook, UnitResult
from ledger.market.mechanisms import single_buyer, uniform_price
from ledger.metering.model import Mechanism

CLEAR: dict[Mechanism, Callable[[UnitBook], UnitResult]] = {
    Mechanism.SINGLE_BUYER: single_buyer.clear,
    Mechanism.UNIFORM_PRICE: uniform_price.clear,
}


def clear(mechanism: int, book: UnitBook) -> UnitResult:
    """Clears a book by the mechanism of that number.

    Raises:
        RuleError: there is no such mechanism.
    """
    if mechanism not in CLEAR:
        raise RuleError(f"no mechanism {mechanism}", field="mechanism", fix="1 is single_buyer, 2 is uniform_price")
    return CLEAR[Mechanism(mechanism)](book)
