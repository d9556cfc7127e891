"""A whole market time unit: pool, utility and unpaid legs together account for every metered Wh and every milli-đồng."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import RuleError
from ledger.market.model import NO_ORDER, Leg, Side
from ledger.market.rules import EVERYTHING_WH
from ledger.market.unit import Committed, Metered, Outcome, Prices, UnitFill, clear_unit
from ledger.metering.model import Mechanism
from ledger.protocol.typed_data import Clearing, Step
from ledger.settlement.rules import check_conservation, positions, totals

PRICES = Prices(published=1_000, retail=2_000)


def name(number: int) -> bytes:
    return number.to_bytes(32, "big")


@st.composite
def orders_of(draw: st.DrawFn, meter: bytes, side: Side, digest: bytes) -> Committed:
    limits = sorted(draw(st.lists(st.integers(800, 2_200), min_size=1, max_size=4, unique=True)), reverse=side == Side.BUY)
    quantities = [draw(st.integers(1, 4_000)) for _ in limits[1:]] + [draw(st.sampled_from([1_000, EVERYTHING_WH]))]
    return Committed(digest, meter, side, tuple(map(Step, quantities, limits)))


@st.composite
def units(draw: st.DrawFn) -> tuple[list[Metered], list[Committed]]:
    """Up to nine meters of a few parties, with or without energy, agreement and orders."""
    energy, metered, orders = st.one_of(st.just(0), st.integers(1, 9_000)), [], []
    digests = iter(draw(st.permutations(range(1, 40))))
    for number in range(draw(st.integers(0, 9))):
        meter = name(1_000 + number)
        metered.append(Metered(meter, name(draw(st.integers(1, 5))), draw(energy), draw(energy), draw(st.booleans())))
        orders += [draw(orders_of(meter, side, name(next(digests)))) for side in Side if draw(st.booleans())]
    return metered, sorted(orders, key=lambda order: order.digest)


@dataclass(frozen=True)
class AsRow:
    """A fill as settlement reads it."""

    party_id: bytes
    side: int
    leg: str
    quantity_wh: int
    price_vnd_per_kwh: int


def as_rows(outcome: Outcome) -> list[AsRow]:
    return [AsRow(one.party, one.side, one.leg, one.quantity_wh, one.price_vnd_per_kwh) for one in outcome.fills]


def record(outcome: Outcome, mechanism: Mechanism) -> Clearing:
    return Clearing(
        zone=name(1),
        start=0,
        end=1_800,
        orders_root=bytes(32),
        readings_version=1,
        mechanism=mechanism,
        price_vnd_per_kwh=outcome.price_vnd_per_kwh,
        published_price_vnd_per_kwh=PRICES.published,
        retail_price_vnd_per_kwh=PRICES.retail,
        surplus_wh=outcome.surplus_wh,
        demand_wh=outcome.demand_wh,
        traded_wh=outcome.traded_wh,
        to_utility_wh=outcome.to_utility_wh,
        from_utility_wh=outcome.from_utility_wh,
        unpaid_wh=outcome.unpaid_wh,
        fills_root=bytes(32),
        fills_count=len(outcome.fills),
    )


@given(units(), st.sampled_from(Mechanism))
def test_every_metered_wh_is_in_exactly_one_fill(unit: tuple[list[Metered], list[Committed]], mechanism: Mechanism) -> None:
    metered, orders = unit
    outcome = clear_unit(mechanism, metered, orders, PRICES)
    for one in metered:
        for side, wh in ((Side.SELL, one.export_wh), (Side.BUY, one.import_wh)):
            fills = [fill for fill in outcome.fills if (fill.meter, fill.side) == (one.meter, side)]
            assert sum(fill.quantity_wh for fill in fills) == wh
            assert all(fill.party == one.party for fill in fills)
    assert sum(fill.quantity_wh for fill in outcome.fills) == outcome.surplus_wh + outcome.demand_wh


@given(units(), st.sampled_from(Mechanism))
def test_the_identities_that_the_chain_enforces_hold(unit: tuple[list[Metered], list[Committed]], mechanism: Mechanism) -> None:
    metered, orders = unit
    outcome = clear_unit(mechanism, metered, orders, PRICES)
    assert outcome.surplus_wh == outcome.traded_wh + outcome.to_utility_wh
    assert outcome.demand_wh == outcome.traded_wh + outcome.from_utility_wh
    assert 0 <= outcome.unpaid_wh <= outcome.to_utility_wh
    assert outcome.unpaid_wh == sum(fill.quantity_wh for fill in outcome.fills if fill.leg == Leg.UNPAID)


@given(units(), st.sampled_from(Mechanism))
def test_money_is_conserved_to_the_milli_dong_with_the_utility_in_it(
    unit: tuple[list[Metered], list[Committed]], mechanism: Mechanism
) -> None:
    metered, orders = unit
    outcome = clear_unit(mechanism, metered, orders, PRICES)
    shares = positions((one.party for one in metered), as_rows(outcome))
    whole = totals([record(outcome, mechanism)])
    check_conservation(whole, shares)
    assert sum(one.net_mvnd for one in shares.values()) + whole.utility_gets_mvnd - whole.utility_pays_mvnd == 0


@given(units())
def test_signed_limits_and_steps_are_kept(unit: tuple[list[Metered], list[Committed]]) -> None:
    metered, orders = unit
    outcome = clear_unit(Mechanism.UNIFORM_PRICE, metered, orders, PRICES)
    by_digest = {order.digest: order for order in orders}
    for fill in (one for one in outcome.fills if one.leg == Leg.POOL):
        order = by_digest[fill.order_digest]
        better = [
            step.quantity_wh
            for step in order.steps
            if (
                step.price_vnd_per_kwh <= fill.price_vnd_per_kwh
                if fill.side == Side.SELL
                else step.price_vnd_per_kwh >= fill.price_vnd_per_kwh
            )
        ]
        assert (fill.meter, fill.side) == (order.meter, order.side)
        assert fill.quantity_wh <= sum(better)
        assert fill.price_vnd_per_kwh == outcome.price_vnd_per_kwh


@given(units(), st.randoms(use_true_random=False))
def test_the_order_of_the_meters_does_not_matter(unit: tuple[list[Metered], list[Committed]], random: object) -> None:
    metered, orders = unit
    shuffled = random.sample(metered, len(metered))  # type: ignore[attr-defined]
    assert clear_unit(2, shuffled, orders, PRICES) == clear_unit(2, metered, orders, PRICES)


@given(units())
def test_a_home_with_no_agreement_in_force_sells_nothing_to_anybody(unit: tuple[list[Metered], list[Committed]]) -> None:
    metered, orders = unit
    outcome = clear_unit(Mechanism.UNIFORM_PRICE, metered, orders, PRICES)
    barred = {one.meter for one in metered if not one.may_sell}
    assert all(
        (one.leg, one.price_vnd_per_kwh) == (Leg.UNPAID, 0) for one in outcome.fills if one.meter in barred and one.side == Side.SELL
    )


@given(units())
def test_with_a_single_buyer_homes_trade_with_the_utility_alone(unit: tuple[list[Metered], list[Committed]]) -> None:
    metered, orders = unit
    outcome = clear_unit(Mechanism.SINGLE_BUYER, metered, orders, PRICES)
    assert (outcome.price_vnd_per_kwh, outcome.traded_wh) == (0, 0)
    assert all(one.order_digest == NO_ORDER for one in outcome.fills)


def test_two_roofs_and_two_homes_share_a_sunny_half_hour() -> None:
    """The roof without an order goes to the utility; the roof with one sells 600 of its 900 Wh next door at the middle price."""
    roof, silent_roof, barred, home = (
        Metered(name(1), name(101), 0, 900, True),
        Metered(name(2), name(102), 0, 500, True),
        Metered(name(3), name(103), 0, 300, False),
        Metered(name(4), name(104), 600, 0, False),
    )
    sell = Committed(name(7), roof.meter, Side.SELL, (Step(600, 1_200), Step(EVERYTHING_WH, 1_500)))
    buy = Committed(name(8), home.meter, Side.BUY, (Step(EVERYTHING_WH, 1_701),))
    outcome = clear_unit(2, [roof, silent_roof, barred, home], [sell, buy], PRICES)
    assert outcome.price_vnd_per_kwh == 1_350
    assert (outcome.traded_wh, outcome.to_utility_wh, outcome.from_utility_wh, outcome.unpaid_wh) == (600, 1_100, 0, 300)
    assert outcome.fills == (
        UnitFill(NO_ORDER, roof.party, roof.meter, 0, 1_000, 300, Leg.UTILITY),
        UnitFill(NO_ORDER, silent_roof.party, silent_roof.meter, 0, 1_000, 500, Leg.UTILITY),
        UnitFill(NO_ORDER, barred.party, barred.meter, 0, 0, 300, Leg.UNPAID),
        UnitFill(sell.digest, roof.party, roof.meter, 0, 1_350, 600, Leg.POOL),
        UnitFill(buy.digest, home.party, home.meter, 1, 1_350, 600, Leg.POOL),
    )


def test_an_order_whose_meter_was_not_read_takes_no_part() -> None:
    order = Committed(name(7), name(9), Side.SELL, (Step(EVERYTHING_WH, 1),))
    assert clear_unit(2, [], [order], PRICES).fills == ()


def test_a_commitment_out_of_order_or_with_two_voices_for_a_meter_is_refused() -> None:
    first = Committed(name(1), name(9), Side.SELL, (Step(1, 1),))
    for orders in ([replace(first, digest=name(2)), first], [first, first], [first, replace(first, digest=name(2))]):
        with pytest.raises(RuleError):
            clear_unit(2, [], orders, PRICES)


def test_more_than_63_bits_of_energy_in_a_unit_is_refused() -> None:
    whole = Metered(name(1), name(101), 2**63 - 1, 0, True)
    assert clear_unit(2, [whole], [], PRICES).demand_wh == 2**63 - 1
    with pytest.raises(RuleError, match="Wh in one unit"):
        clear_unit(2, [whole, Metered(name(2), name(102), 1, 0, True)], [], PRICES)


def test_an_unknown_mechanism_is_refused_by_its_number() -> None:
    with pytest.raises(RuleError, match="no mechanism 3"):
        clear_unit(3, [], [], PRICES)


def test_settlement_notices_a_missing_watt_hour() -> None:
    metered = [Metered(name(1), name(2), 10, 20, True)]
    outcome = clear_unit(2, metered, [], PRICES)
    shares = positions([], as_rows(outcome))
    shares[name(2)].bought_wh -= 1
    with pytest.raises(RuleError) as refused:
        check_conservation(totals([record(outcome, Mechanism.UNIFORM_PRICE)]), shares)
    assert refused.value.field == "bought_wh"
