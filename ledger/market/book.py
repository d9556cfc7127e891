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
class UnitBook:
    """Metered energy offered and asked for in one unit: a row for every step of an order that the energy reaches.

    Attributes:
        order: the order's index in the unit's commitment, which counts orders by rising digest; it breaks ties in price.
        sell: whether the row sells; otherwise it buys.
        price: limit of the step; sellers take no less, buyers pay no more.
        quantity_wh: metered energy under that limit, above zero.
    """

    order: NDArray[np.uint32]
    sell: NDArray[np.bool_]
    price: NDArray[np.uint32]
    quantity_wh: NDArray[np.int64]

    def __post_init__(self) -> None:
        for column, dtype in zip(fields(self), (np.uint32, np.bool_, np.uint32, np.int64), strict=True):
            values: NDArray[np.generic] = getattr(self, column.name)
            if values.dtype != dtype or values.shape != self.quantity_wh.shape or values.ndim != 1:
                got = f"a column of {values.dtype} and shape {values.shape}"
                raise RuleError(got, field=column.name, fix=f"give equally long columns of {dtype.__name__}")
        if len(self) == 0:
            return
        if self.quantity_wh.min() <= 0:
            raise RuleError("a row without energy", field="quantity_wh", fix="leave out what was not metered")
        if len(self) * int(self.quantity_wh.max()) > LIMIT_WH:
            self._check_sides()

    def __len__(self) -> int:
        return len(self.quantity_wh)

    def _check_sides(self) -> None:
        for side in (self.sell, ~self.sell):
            if sum(self.quantity_wh[side].tolist()) > LIMIT_WH:
                raise RuleError("more than 2^63-1 Wh on one side of a unit", field="quantity_wh", fix="check the readings")

    @classmethod
    def of(cls, rows: Iterable[tuple[int, bool, int, int]]) -> UnitBook:
        """The columns of (order index, sells, price, quantity) rows.

        Raises:
            RuleError: a number does not fit its column.
        """
        order, sell, price, quantity = zip(*given, strict=True) if (given := list(rows)) else ((), (), (), ())
        try:
            return cls(np.array(order, np.uint32), np.array(sell, np.bool_), np.array(price, np.uint32), np.array(quantity, np.int64))
        except OverflowError as wrong:
            raise RuleError(f"does not fit the book: {wrong}", field="quantity_wh", fix="check readings and limits") from None


@dataclass(frozen=True, eq=False)
class UnitResult:
    """What a mechanism decides: one price for everybody, and how much of each row is matched.

    Attributes:
        price_vnd_per_kwh: 0 when nothing is traded.
        matched_wh: row by row as in the book; the rows that sell and the rows that buy both sum to `traded_wh`.
    """

    price_vnd_per_kwh: int
    traded_wh: int
    matched_wh: NDArray[np.int64]

    @classmethod
    def nothing(cls, book: UnitBook) -> UnitResult:
        """No trade at all."""
        return cls(0, 0, np.zeros_like(book.quantity_wh))
