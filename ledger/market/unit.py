"""One market time unit, from what was metered to who gets which Wh at which price. Pure; energy in Wh, prices in đồng per kWh.

The mechanism decides the pool. Everything else follows here: homes with no agreement in force export unpaid and outside the pool, what
the pool leaves over is sold to the utility at the published price or bought from it at the retail price, and nothing metered is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.errors import RuleError
from ledger.market.book import LIMIT_WH, UnitBook
from ledger.market.mechanisms import clear
from ledger.market.model import NO_ORDER, Leg, Side
from ledger.market.rules import allocate
from ledger.protocol.typed_data import Step


@dataclass(frozen=True, slots=True)
class Metered:
    """What one meter read in the unit, and whether its party has an agreement in force to sell."""

    meter: bytes
    party: bytes
    import_wh: int
    export_wh: int
    may_sell: bool


@dataclass(frozen=True, slots=True)
class Committed:
    """An order of the unit's commitment."""

    digest: bytes
    meter: bytes
    side: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Prices:
    """The utility's two prices: what it pays for surplus and what it takes for demand."""

    published: int
    retail: int


@dataclass(frozen=True, slots=True)
class UnitFill:
    """Energy of one meter that went one way at one price."""

    order_digest: bytes
    party: bytes
    meter: bytes
    side: int
    price_vnd_per_kwh: int
    quantity_wh: int
    leg: Leg

    def place(self) -> tuple[bytes, bytes, bytes, int, int]:
        """What the fills tree is ordered by."""
        return (self.order_digest, self.party, self.meter, self.side, self.price_vnd_per_kwh)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A unit's totals and its fills in the order of the fills tree."""

    price_vnd_per_kwh: int
    surplus_wh: int
    demand_wh: int
    traded_wh: int
    unpaid_wh: int
    fills: tuple[UnitFill, ...]

    @property
    def to_utility_wh(self) -> int:
        """Surplus the pool left over, paid and unpaid."""
        return self.surplus_wh - self.traded_wh

    @property
    def from_utility_wh(self) -> int:
        """Demand the pool left over."""
        return self.demand_wh - self.traded_wh


def clear_unit(mechanism: int, metered: Sequence[Metered], orders: Sequence[Committed], prices: Prices) -> Outcome:
    """Clears one unit.

    Args:
        metered: one entry a meter.
        orders: the unit's commitment, by rising digest; an order whose meter was not read takes no part.

    Raises:
        RuleError: the orders are not by rising digest, two speak for one meter and side, or the energy does not fit 63 bits.
    """
    _check_commitment(orders)
    surplus, demand = sum(one.export_wh for one in metered), sum(one.import_wh for one in metered)
    if max(surplus, demand) > LIMIT_WH:
        raise RuleError(
            f"{max(surplus, demand)} Wh in one unit", field="readings", fix="correct the meter that claims it in the next version"
        )
    meters = {one.meter: one for one in metered}
    book = UnitBook.of(_rows(orders, meters))
    result = clear(mechanism, book)
    pool = defaultdict[int, int](int)
    for index, wh in zip(book.order.tolist(), result.matched_wh.tolist(), strict=True):
        pool[index] += wh
    fills = [_pool_fill(orders[index], meters, wh, result.price_vnd_per_kwh) for index, wh in pool.items() if wh]
    fills += _residual_fills(metered, fills, prices)
    return Outcome(
        price_vnd_per_kwh=result.price_vnd_per_kwh,
        surplus_wh=surplus,
        demand_wh=demand,
        traded_wh=result.traded_wh,
        unpaid_wh=sum(one.export_wh for one in metered if not one.may_sell),
        fills=tuple(sorted(fills, key=UnitFill.place)),
    )


def _check_commitment(orders: Sequence[Committed]) -> None:
    if any(a.digest >= b.digest for a, b in pairwise(orders)):
        raise RuleError("orders are not by rising digest", field="orders", fix="give them as committed")
    if len({(order.meter, order.side) for order in orders}) < len(orders):
        raise RuleError("two orders for one meter and side", field="orders", fix="let only the highest nonce speak")


def _rows(orders: Sequence[Committed], meters: Mapping[bytes, Metered]) -> Iterator[tuple[int, bool, int, int]]:
    """The book's rows."""
    for index, order in enumerate(orders):
        if order.meter in meters:
            for price, wh in allocate(order.steps, _tradable(meters[order.meter], order.side)):
                yield index, order.side == Side.SELL, price, wh


def _tradable(one: Metered, side: int) -> int:
    if side == Side.BUY:
        return one.import_wh
    return one.export_wh if one.may_sell else 0


def _pool_fill(order: Committed, meters: Mapping[bytes, Metered], wh: int, price: int) -> UnitFill:
    return UnitFill(order.digest, meters[order.meter].party, order.meter, order.side, price, wh, Leg.POOL)


def _residual_fills(metered: Sequence[Metered], pool: Sequence[UnitFill], prices: Prices) -> list[UnitFill]:
    """What each meter has left beside its fills in the pool."""
    taken = {(fill.meter, fill.side): fill.quantity_wh for fill in pool}
    legs = []
    for one in metered:
        surplus = one.export_wh - taken.get((one.meter, Side.SELL), 0)
        demand = one.import_wh - taken.get((one.meter, Side.BUY), 0)
        leg, price = (Leg.UTILITY, prices.published) if one.may_sell else (Leg.UNPAID, 0)
        if surplus:
            legs.append(UnitFill(NO_ORDER, one.party, one.meter, Side.SELL, price, surplus, leg))
        if demand:
            legs.append(UnitFill(NO_ORDER, one.party, one.meter, Side.BUY, prices.retail, demand, Leg.UTILITY))
    return legs
