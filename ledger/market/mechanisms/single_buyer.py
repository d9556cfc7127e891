"""One buyer by law: the utility takes every surplus at its published price and serves every demand at the retail price."""

from __future__ import annotations

from ledger.market.book import UnitBook, UnitResult


def clear(book: UnitBook) -> UnitResult:
    """Matches nobody with a neighbour; what is metered becomes the utility's legs."""
    return UnitResult.nothing(book)
