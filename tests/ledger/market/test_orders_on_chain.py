"""Standing orders from a signature to a committed root: who may place one, which counts for a unit, and when the gate closes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from ledger.errors import ChainError, ConflictError, NotFoundError, ProtocolError, RuleError
from ledger.market import commands, queries
from ledger.market.model import OrdersCommitment, StandingOrder
from ledger.metering.rules import DAY_S
from ledger.protocol.leaves import OrderLeaf
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import new_id
from ledger.protocol.typed_data import CancelOrder, Order, digest
from tests.ledger.market.valley import HOUR, Valley, sign_for


def committed(session: Session, valley: Valley, start: int) -> list[bytes]:
    valley.commit(session, [start])
    return session.get_one(OrdersCommitment, (valley.zone.id, start)).digests


def test_an_order_is_kept_under_the_digest_that_was_signed(session: Session, valley: Valley) -> None:
    order = valley.order(valley.roof, 0, 1_200, 1_500)
    placed = valley.place(session, order)
    session.flush()
    session.expire_all()
    assert placed.digest == digest(valley.town.gateway.deployment.domain("Exchange"), order)
    assert session.get_one(StandingOrder, placed.digest).typed() == order
    assert valley.place(session, order) is placed
    assert queries.next_nonce(session, valley.roof, 0) == 2
    assert queries.next_nonce(session, valley.home, 1) == 1


def test_an_order_signed_by_somebody_else_is_refused(session: Session, valley: Valley) -> None:
    order = valley.order(valley.roof, 0, 1_200)
    forged = sign_for(valley, valley.home.party, order)
    with pytest.raises(ProtocolError):
        commands.place_order(session, valley.town.calls, order, forged, now=valley.town.now())


def test_an_order_altered_after_signing_is_refused(session: Session, valley: Valley) -> None:
    order = valley.order(valley.roof, 0, 1_200)
    signature = sign_for(valley, valley.roof.party, order)
    with pytest.raises(ProtocolError):
        commands.place_order(session, valley.town.calls, replace(order, nonce=9), signature, now=valley.town.now())


def test_nobody_orders_for_another_ones_meter_an_unknown_one_or_after_the_end(session: Session, valley: Valley) -> None:
    order = valley.order(valley.roof, 0, 1_200)
    refused: list[tuple[Order, type[Exception], str]] = [
        (replace(order, party=valley.home.party_id), RuleError, "another party's"),
        (replace(order, zone=new_id()), RuleError, "of another zone"),
        (replace(order, meter=new_id()), NotFoundError, "no meter"),
        (replace(order, valid_from=1, valid_to=2), RuleError, "the order ended at 2"),
        (replace(order, side=7), RuleError, "side 7"),
    ]
    for wrong, kind, why in refused:
        with pytest.raises(kind, match=why):
            valley.place(session, wrong)


def test_a_nonce_serves_once_for_a_meter_and_side(session: Session, valley: Valley) -> None:
    valley.place(session, valley.order(valley.roof, 0, 1_200))
    with pytest.raises(ConflictError, match="nonce 1 is used"):
        valley.place(session, valley.order(valley.roof, 0, 1_300))
    valley.place(session, valley.order(valley.roof, 1, 1_300))


def test_the_newest_order_of_a_meter_is_committed_and_the_chain_holds_the_root(session: Session, valley: Valley) -> None:
    valley.place(session, valley.order(valley.roof, 0, 1_200))
    newer = valley.place(session, valley.order(valley.roof, 0, 1_300, nonce=2**64 - 1))
    buy = valley.place(session, valley.order(valley.home, 1, 1_900))
    start = valley.starts[5]
    chosen = sorted([newer, buy], key=lambda order: order.digest)
    assert committed(session, valley, start) == [order.digest for order in chosen]
    valley.deliver(session)
    leaves = [OrderLeaf(valley.zone.id, place, order.party_id, order.digest) for place, order in enumerate(chosen)]
    root = merkle_root([leaf.leaf_hash() for leaf in leaves])
    assert valley.town.gateway.call("Exchange", "commitmentOf", valley.zone.id, start)[:2] == (root, 2)


def test_an_order_counts_only_for_units_it_is_valid_for_from_first_to_last_second(session: Session, valley: Valley) -> None:
    first, second, third = valley.starts[3:6]
    order = replace(valley.order(valley.roof, 0, 1_200), valid_from=second, valid_to=third)
    placed = valley.place(session, order)
    valley.place(session, replace(valley.order(valley.home, 1, 1_900), valid_from=second + 1, valid_to=third + HOUR - 1))
    assert [committed(session, valley, start) for start in (first, second, third)] == [[], [placed.digest], []]


def test_a_cancelled_order_stays_where_it_was_committed_and_counts_nowhere_else(session: Session, valley: Valley) -> None:
    placed = valley.place(session, valley.order(valley.roof, 0, 1_200))
    before, after = valley.starts[:2]
    assert committed(session, valley, before) == [placed.digest]
    assert valley.cancel(session, placed) is placed
    assert valley.cancel(session, placed) is placed
    assert committed(session, valley, after) == []
    valley.deliver(session)
    assert valley.town.gateway.call("Exchange", "cancelledAt", placed.party_id, placed.digest) > 0
    assert queries.order_with_proof(session, valley.zone, before, placed.digest).order is placed
    with pytest.raises(ConflictError, match="was cancelled"):
        valley.place(session, placed.typed())


def test_a_cancellation_brought_to_the_chain_by_somebody_else_counts_too(session: Session, valley: Valley) -> None:
    placed = valley.place(session, valley.order(valley.roof, 0, 1_200))
    message = CancelOrder(placed.party_id, placed.digest, 2**40)
    signature = valley.town.sign(placed.party, "Exchange", message)
    arguments = [placed.party_id, placed.digest, 2**40, placed.signer, signature]
    valley.town.gateway.send("Exchange", "cancelOrder", arguments, valley.town.operator)
    valley.deliver(session)
    assert committed(session, valley, valley.starts[0]) == []


def test_only_its_party_cancels_an_order_and_in_time(session: Session, valley: Valley) -> None:
    placed = valley.place(session, valley.order(valley.roof, 0, 1_200))
    with pytest.raises(RuleError, match="deadline 1 has passed"):
        valley.cancel(session, placed, deadline=1)
    stranger = CancelOrder(valley.home.party_id, placed.digest, 2**40)
    signature = valley.town.sign(valley.home.party, "Exchange", stranger)
    with pytest.raises(NotFoundError, match="the party has no order"):
        commands.cancel_order(session, valley.town.calls, stranger, signature, now=0)
    with pytest.raises(ProtocolError):
        commands.cancel_order(session, valley.town.calls, replace(stranger, party=placed.party_id), signature, now=0)


def test_after_the_gate_nobody_commits_neither_here_nor_on_the_chain(session: Session, valley: Valley) -> None:
    start = valley.starts[0]
    valley.reach(start - HOUR + 1)
    with pytest.raises(RuleError, match="closed at"):
        valley.commit(session, [start])
    with pytest.raises(ChainError, match="GateClosed"):
        valley.town.gateway.send("Exchange", "commitOrders", [valley.zone.id, start, bytes(32), 0], valley.town.operator)
    valley.commit(session, [valley.starts[1]])


def test_a_unit_begins_on_the_hour_and_is_committed_once(session: Session, valley: Valley) -> None:
    with pytest.raises(RuleError, match="no unit begins at"):
        valley.commit(session, [valley.day + 1])
    valley.commit(session, [valley.day])
    valley.place(session, valley.order(valley.roof, 0, 1_200))
    assert committed(session, valley, valley.day) == []


def test_a_day_is_cleared_only_on_anchored_readings_and_committed_orders(session: Session, valley: Valley) -> None:
    with pytest.raises(NotFoundError, match="are not anchored"):
        commands.clear_day(session, valley.town.calls, valley.zone, valley.day, 1)
    with pytest.raises(NotFoundError, match="is not cleared"):
        queries.units_of_day(session, valley.zone, valley.day)
    with pytest.raises(NotFoundError, match="no clearing of"):
        queries.unit(session, valley.zone, valley.day)
    valley.commit(session, valley.starts[:20])
    valley.deliver(session)
    valley.reach(valley.day + DAY_S)
    valley.measure(session, {meter.id: (1, 1) for meter in valley.meters})
    with pytest.raises(RuleError, match="the orders of 4 units were never committed"):
        commands.clear_day(session, valley.town.calls, valley.zone, valley.day, 1)


def test_an_agreement_that_ends_at_noon_ends_the_sale_at_noon(session: Session, valley: Valley) -> None:
    valley.commit(session)
    agreement = valley.agreements[valley.spare_roof.id]
    valley.town.terminate(session, agreement, valley.spare_roof.party, valley.starts[12])
    valley.deliver(session)
    valley.reach(valley.day + DAY_S)
    valley.measure(session, {meter.id: (0, 500 if meter is valley.spare_roof else 0) for meter in valley.meters})
    valley.deliver(session)
    rows = commands.clear_day(session, valley.town.calls, valley.zone, valley.day, 1)
    assert [row.unpaid_wh for row in rows] == [0] * 12 + [500] * 12
