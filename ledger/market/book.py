"""The book of one market time unit, in columns: what mechanisms read and answer. Energy in Wh, prices in whole đồng per kWh.

Every number is an integer. A side whose energy would not fit 63 bits is refused when the book is made: no sum in a mechanism can overflow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ledger.errors import RuleError

LIMIT_WH = 2**63 - 1
"""The most energy on one side of a unit."""


@dataclass(frozen=True, eq=False)
class Offers:
    """One side of a book: a row for every step of an order that metered energy reaches.

    Attributes:
        order: the order's index in the unit's commitment, which counts orders by rising digest; it breaks ties in price.
        price: limit price of the step; sellers take no less, buyers pay no more.
        quantity_wh: metered energy under that limit, above zero.
    """

    order: NDArray[np.uint32]
    price: NDArray[np.uint32]
    quantity_wh: NDArray[np.int64]

    def __post_init__(self) -> None:
        for column, dtype in zip(fields(self), (np.uint32, np.uint32, np.int64), strict=True):
            values: NDArray[np.generic] = getattr(self, column.name)
            if values.dtype != dtype or values.shape != self.quantity_wh.shape or values.ndim != 1:
                raise RuleError(
                    f"a column of {values.dtype} and shape {values.shape}",
                    field=column.name,
                    fix=f"give equally long columns of {dtype.__name__}",
                )
        if len(self) and self.quantity_wh.min() <= 0:
            raise RuleError("a row without energy", field="quantity_wh", fix="leave out what was not metered")
        if self._may_exceed_limit() and sum(self.quantity_wh.tolist()) > LIMIT_WH:
            raise RuleError(
                "more than 2^63-1 Wh on one side of a unit", field="quantity_wh", fix="check the readings; no zone delivers that"
            )

    def __len__(self) -> int:
        return len(self.quantity_wh)

    def _may_exceed_limit(self) -> bool:
        return len(self) > 0 and len(self) * int(self.quantity_wh.max()) > LIMIT_WH

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, int]]) -> Offers:
        """The columns of (order index, price, quantity) rows.

        Raises:
            RuleError: a number does not fit its column.
        """
        order, price, quantity = zip(*rows, strict=True) if (rows := list(rows)) else ((), (), ())
        try:
            return cls(np.array(order, np.uint32), np.array(price, np.uint32), np.array(quantity, np.int64))
        except OverflowError as wrong:
            raise RuleError(
                f"does not fit the book: {wrong}", field="quantity_wh", fix="check the readings and the orders' prices"
            ) from None


@dataclass(frozen=True, eq=False)
class UnitBook:
    """Metered energy offered and asked for in one unit."""

    sells: Offers
    buys: Offers


@dataclass(frozen=True, eq=False)
class UnitResult:
    """What a mechanism decides: one price for everybody, and how much of each row is matched.

    Attributes:
        price_vnd_per_kwh: 0 when nothing is traded.
        sold_wh, bought_wh: matched energy, row by row as in the book; both sum to `traded_wh`.
    """

    price_vnd_per_kwh: int
    traded_wh: int
    sold_wh: NDArray[np.int64]
    bought_wh: NDArray[np.int64]

    @classmethod
    def nothing(cls, book: UnitBook) -> UnitResult:
        """No trade at all."""
        return cls(0, 0, np.zeros_like(book.sells.quantity_wh), np.zeros_like(book.buys.quantity_wh))
