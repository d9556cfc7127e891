"""A day from signed orders to settled đồng on a real chain: every record here is the chain's, and every line proves itself."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, NotFoundError, RuleError
from ledger.market import commands as market
from ledger.market import queries as lines
from ledger.market.model import Fill, Leg
from ledger.metering.model import Mechanism
from ledger.metering.rules import DAY_S
from ledger.protocol.merkle import verify_proof
from ledger.settlement import queries
from ledger.settlement.commands import settle_period
from ledger.settlement.rules import Amounts
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.market.valley import PUBLISHED, RETAIL, WINDOW_S, Valley, settle_valley


def trade(session: Session, valley: Valley) -> None:
    """Orders placed and committed, the day delivered, measured and cleared."""
    valley.place(session, valley.order(valley.roof, 0, 1_200, 1_500))
    valley.place(session, valley.order(valley.home, 1, 1_900, 1_701))
    valley.place(session, valley.order(valley.barred, 0, 1))
    valley.commit(session)
    valley.deliver(session)
    valley.reach(valley.day + DAY_S)
    valley.measure(session, valley.sunny())
    valley.deliver(session)
    market.clear_day(session, valley.town.calls, valley.zone, valley.day, 1)
    valley.deliver(session)


def test_a_day_is_traded_cleared_and_settled_and_the_chain_agrees_with_every_record(session: Session, valley: Valley) -> None:
    trade(session, valley)
    chain, zone = valley.town.gateway, valley.zone
    units = lines.units_of_day(session, zone, valley.day)
    assert len(units) == 24
    for unit in units:
        row = unit.clearing
        assert unit.orders == 3
        assert (row.price_vnd_per_kwh, row.traded_wh) == (1_500, 600)
        assert (row.surplus_wh, row.demand_wh, row.to_utility_wh, row.from_utility_wh, row.unpaid_wh) == (1_700, 600, 1_100, 0, 300)
        assert chain.call("Exchange", "commitmentOf", zone.id, row.start)[:2] == (row.orders_root, 3)
        assert chain.call("Exchange", "clearingOf", zone.id, row.start, 1)[0] == row.hash
    valley.reach(valley.town.now() + WINDOW_S)
    run = settle_period(session, valley.town.calls, zone, valley.day)
    valley.deliver(session)
    assert chain.call("Settlement", "runHash", zone.id, valley.day, 1) == run.hash
    assert chain.call("Settlement", "lastRun", zone.id, valley.day) == 1
    held = {one.party_id: (one.sold_wh, one.bought_wh, one.net_mvnd) for one in queries.positions_of(session, run)}
    assert held == {
        valley.roof.party_id: (24 * 900, 0, 24 * (600 * 1_500 + 300 * PUBLISHED)),
        valley.spare_roof.party_id: (24 * 500, 0, 24 * 500 * PUBLISHED),
        valley.barred.party_id: (0, 0, 0),
        valley.home.party_id: (0, 24 * 600, -24 * 600 * 1_500),
    }
    assert sum(net for _, _, net in held.values()) == run.sellers_get_mvnd - run.buyers_pay_mvnd
    assert run.utility_gets_mvnd == 0
    assert run.utility_pays_mvnd == 24 * 800 * PUBLISHED


def test_every_line_of_the_day_proves_itself_against_the_records(session: Session, valley: Valley) -> None:
    trade(session, valley)
    start = valley.starts[12]
    clearing = lines.unit(session, valley.zone, start)
    fills = lines.fills_of_unit(session, clearing)
    assert [(fill.leg, fill.side, fill.quantity_wh) for fill in fills if fill.leg != Leg.POOL] == [
        (leg, side, wh)
        for _, leg, side, wh in sorted(
            [
                (valley.roof.party_id, "utility", 0, 300),
                (valley.spare_roof.party_id, "utility", 0, 500),
                (valley.barred.party_id, "unpaid", 0, 300),
            ]
        )
    ]
    assert [lines.fill_at(session, clearing, place) for place in range(5)] == list(fills)
    with pytest.raises(NotFoundError, match="no fill 5"):
        lines.fill_at(session, clearing, 5)
    for fill in fills:
        proven = lines.fill_with_proof(session, fill)
        assert verify_proof(proven.clearing.fills_root, proven.leaf.leaf_hash(), proven.proof)
        if fill.leg == Leg.POOL:
            order = lines.order_with_proof(session, valley.zone, start, fill.order_digest)
            assert verify_proof(order.commitment.root, order.leaf.leaf_hash(), order.proof)
            assert order.order.party_id == fill.party_id
    run = settle_period(session, valley.town.calls, valley.zone, valley.day)
    for meter in valley.meters:
        position = queries.position_with_proof(session, run, meter.party)
        assert verify_proof(run.positions_root, position.leaf.leaf_hash(), position.proof)
    with pytest.raises(NotFoundError, match="has no position"):
        queries.position_with_proof(session, run, valley.utility)
    with pytest.raises(NotFoundError, match="is not committed"):
        lines.order_with_proof(session, valley.zone, start, bytes(32))


def test_a_correction_is_a_second_run_that_books_only_what_changed(session: Session, valley: Valley) -> None:
    trade(session, valley)
    valley.reach(valley.town.now() + WINDOW_S)
    settle_period(session, valley.town.calls, valley.zone, valley.day)
    valley.measure(session, {**valley.sunny(), valley.spare_roof.id: (0, 450)}, version=2)
    valley.deliver(session)
    market.clear_day(session, valley.town.calls, valley.zone, valley.day, 2)
    valley.deliver(session)
    valley.reach(valley.town.now() + WINDOW_S)
    second = settle_period(session, valley.town.calls, valley.zone, valley.day, 2)
    valley.deliver(session)
    assert second.readings_version == 2
    assert valley.town.gateway.call("Settlement", "runHash", valley.zone.id, valley.day, 2) == second.hash
    assert queries.changes(session, second) == {valley.spare_roof.party_id: Amounts(-24 * 50, 0, -24 * 50 * PUBLISHED)}
    first = queries.run_of(session, valley.zone, valley.day, 1)
    assert set(queries.changes(session, first)) == {one.party_id for one in valley.meters if one is not valley.barred}
    assert queries.run_of(session, valley.zone, valley.day) is second


def test_doing_it_again_changes_nothing_and_runs_follow_one_another(session: Session, valley: Valley) -> None:
    trade(session, valley)
    calls, zone, day = valley.town.calls, valley.zone, valley.day
    rows = market.clear_day(session, calls, zone, day, 1)
    run = settle_period(session, calls, zone, day)
    fills = session.query(Fill).count()
    assert market.clear_day(session, calls, zone, day, 1) == rows
    assert settle_period(session, calls, zone, day) is run
    assert session.query(Fill).count() == fills == 24 * 5
    with pytest.raises(RuleError, match="run 3 where 2 is next"):
        settle_period(session, calls, zone, day, 3)
    with pytest.raises(ConflictError, match="run 1 stands on readings version 1"):
        settle_period(session, calls, zone, day, 1, readings_version=2)
    with pytest.raises(NotFoundError, match="is not cleared on readings version 2"):
        settle_period(session, calls, zone, day, 2, readings_version=2)


def test_a_destroyed_key_closes_its_own_lines_and_leaves_the_others_provable(session: Session, valley: Valley) -> None:
    trade(session, valley)
    run = settle_period(session, valley.town.calls, valley.zone, valley.day)
    valley.home.party.salt_key = None
    own, other = (lines.fills_of_day(session, valley.zone, valley.day, 1, meter.party)[0] for meter in (valley.home, valley.roof))
    with pytest.raises(RuleError, match="key of Nhà 4 was destroyed"):
        lines.fill_with_proof(session, own)
    with pytest.raises(RuleError, match="key of Nhà 4 was destroyed"):
        queries.position_with_proof(session, run, valley.home.party)
    proven = lines.fill_with_proof(session, other)
    assert verify_proof(proven.clearing.fills_root, proven.leaf.leaf_hash(), proven.proof)


def test_by_law_a_single_buyer_takes_all_surplus_and_serves_all_demand(session: Session, world: World, town: Town) -> None:
    valley = settle_valley(session, town, world.deployer, Mechanism.SINGLE_BUYER)
    trade(session, valley)
    valley.reach(valley.town.now() + WINDOW_S)
    run = settle_period(session, valley.town.calls, valley.zone, valley.day)
    valley.deliver(session)
    assert valley.town.gateway.call("Settlement", "runHash", valley.zone.id, valley.day, 1) == run.hash
    assert all(
        (one.clearing.traded_wh, one.clearing.price_vnd_per_kwh) == (0, 0) for one in lines.units_of_day(session, valley.zone, valley.day)
    )
    assert (run.utility_pays_mvnd, run.utility_gets_mvnd) == (24 * 1_400 * PUBLISHED, 24 * 600 * RETAIL)
    assert (run.buyers_pay_mvnd, run.sellers_get_mvnd) == (run.utility_gets_mvnd, run.utility_pays_mvnd)
