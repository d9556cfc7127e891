"""What a period's fills and clearings add up to, and that nothing is lost between them. Pure; energy in Wh, money in milli-đồng."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ledger.errors import RuleError
from ledger.market.model import Leg, Side
from ledger.protocol.typed_data import Clearing


class Filled(Protocol):
    """What a position is made of; a `Fill` has it."""

    @property
    def party_id(self) -> bytes: ...
    @property
    def side(self) -> int: ...
    @property
    def leg(self) -> str: ...
    @property
    def quantity_wh(self) -> int: ...
    @property
    def price_vnd_per_kwh(self) -> int: ...


@dataclass(slots=True)
class Amounts:
    """One party's period: energy sold and bought, pool and utility; money it gets less money it pays."""

    sold_wh: int = 0
    bought_wh: int = 0
    net_mvnd: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Everybody's period, as the chain sums it from the clearings."""

    sold_wh: int
    bought_wh: int
    buyers_pay_mvnd: int
    sellers_get_mvnd: int
    utility_pays_mvnd: int
    utility_gets_mvnd: int


def positions(parties: Iterable[bytes], fills: Iterable[Filled]) -> dict[bytes, Amounts]:
    """Every party's amounts; a party with no fill has zeros. Unpaid export is not a sale."""
    amounts = {party: Amounts() for party in parties}
    for fill in fills:
        one = amounts.setdefault(fill.party_id, Amounts())
        money = fill.quantity_wh * fill.price_vnd_per_kwh
        if fill.side == Side.BUY:
            one.bought_wh += fill.quantity_wh
            one.net_mvnd -= money
        elif fill.leg != Leg.UNPAID:
            one.sold_wh += fill.quantity_wh
            one.net_mvnd += money
    return amounts


def totals(clearings: Iterable[Clearing]) -> Totals:
    """The money formulas of docs/protocol.md over the clearings of a period."""
    sold = bought = pool = utility_pays = utility_gets = 0
    for unit in clearings:
        paid_wh = unit.to_utility_wh - unit.unpaid_wh
        sold += unit.traded_wh + paid_wh
        bought += unit.demand_wh
        pool += unit.traded_wh * unit.price_vnd_per_kwh
        utility_pays += paid_wh * unit.published_price_vnd_per_kwh
        utility_gets += unit.from_utility_wh * unit.retail_price_vnd_per_kwh
    return Totals(sold, bought, pool + utility_gets, pool + utility_pays, utility_pays, utility_gets)


def check_conservation(whole: Totals, shares: Mapping[bytes, Amounts]) -> None:
    """The parties' amounts are exactly the clearings' totals, shared out, and what is paid is what is received.

    Raises:
        RuleError: energy or money appeared or vanished.
    """
    sums = (
        ("sold_wh", sum(one.sold_wh for one in shares.values()), whole.sold_wh),
        ("bought_wh", sum(one.bought_wh for one in shares.values()), whole.bought_wh),
        ("net_mvnd", sum(one.net_mvnd for one in shares.values()), whole.sellers_get_mvnd - whole.buyers_pay_mvnd),
        ("money", whole.buyers_pay_mvnd + whole.utility_pays_mvnd, whole.sellers_get_mvnd + whole.utility_gets_mvnd),
    )
    for field, got, wanted in sums:
        if got != wanted:
            raise RuleError(f"{got} where the clearings say {wanted}", field=field, fix="clear the period again from its readings")
