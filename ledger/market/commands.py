"""What the market does: take signed orders, fix them at gate closure, clear what was metered. Nothing here commits."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.chain.calls import Calls
from ledger.chain.model import ChainEvent
from ledger.chain.outbox import enqueue
from ledger.errors import ConflictError, NotFoundError, RuleError
from ledger.market.clearing import clear_day
from ledger.market.model import OrdersCommitment, StandingOrder
from ledger.market.rules import check_order, standing
from ledger.metering.model import MeterRow, Zone
from ledger.metering.rules import shown
from ledger.parties.model import Party
from ledger.protocol.leaves import OrderLeaf
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import verify
from ledger.protocol.typed_data import CancelOrder, Order, digest

__all__ = ["cancel_order", "clear_day", "commit_orders", "place_order"]

EXCHANGE = "Exchange"


def place_order(session: Session, calls: Calls, order: Order, signature: bytes, *, now: int) -> StandingOrder:
    """Keeps an order its party signed; the same order again changes nothing.

    Args:
        signature: of the party's signer over the order's digest.
        now: the chain's time, Unix seconds.

    Raises:
        RuleError: the order breaks a rule, has expired, or is not about the party's own meter.
        ProtocolError: a value is out of range, or the signature does not hold.
        ConflictError: it was cancelled, or its nonce is used by another order of that meter and side.
    """
    name = digest(calls.deployment.domain(EXCHANGE), order)
    check_order(order)
    known = session.get(StandingOrder, name)
    if known is not None:
        if known.cancelled_s is not None:
            raise ConflictError("the order was cancelled", field="nonce", fix="sign a new order with a higher nonce")
        return known
    signer = _owner(session, order).signing_key()
    if order.valid_to <= now:
        raise RuleError(f"the order ended at {order.valid_to}", field="valid_to", fix="sign one that is still to come")
    verify(signer, name, signature, calls.deployment.verifiers)
    _check_nonce(session, order)
    placed = StandingOrder.of(order, name, signer, signature, now)
    session.add(placed)
    session.flush()
    return placed


def _owner(session: Session, order: Order) -> Party:
    """The party whose meter the order is about."""
    meter = session.get(MeterRow, order.meter)
    if meter is None:
        raise NotFoundError(f"no meter {hex0x(order.meter)}", field="meter", fix="draft and install the meter first")
    if (meter.party_id, meter.zone_id) != (order.party, order.zone):
        raise RuleError("the meter is another party's or of another zone", field="meter", fix="order for one's own meter in its own zone")
    return meter.party


def _check_nonce(session: Session, order: Order) -> None:
    same = (StandingOrder.meter_id == order.meter, StandingOrder.side == order.side, StandingOrder.nonce == order.nonce)
    if session.scalar(select(StandingOrder.digest).where(*same)) is not None:
        raise ConflictError(f"nonce {order.nonce} is used for this meter and side", field="nonce", fix="sign with a higher nonce")


def cancel_order(session: Session, calls: Calls, cancel: CancelOrder, signature: bytes, *, now: int) -> StandingOrder:
    """Takes an order back at its party's wish and asks the Exchange to say so; units committed before keep it.

    Args:
        signature: of the party's signer over the digest of `cancel`.
        now: the chain's time, Unix seconds.

    Raises:
        NotFoundError: the party has no such order.
        RuleError: the deadline has passed.
        ProtocolError: the signature does not hold.
    """
    name = digest(calls.deployment.domain(EXCHANGE), cancel)
    order = session.get(StandingOrder, cancel.order_digest)
    if order is None or order.party_id != cancel.party:
        raise NotFoundError(f"the party has no order {hex0x(cancel.order_digest)}", field="order_digest", fix="give one of its orders")
    if order.cancelled_s is not None:
        return order
    if cancel.deadline < now:
        raise RuleError(f"the deadline {cancel.deadline} has passed", field="deadline", fix="sign the cancellation again")
    signer = order.party.signing_key()
    verify(signer, name, signature, calls.deployment.verifiers)
    arguments = (cancel.party, cancel.order_digest, cancel.deadline, signer, signature)
    key = f"cancel-order/{hex0x(order.digest)}"
    intent = enqueue(session, calls, key=key, contract=EXCHANGE, function="cancelOrder", args=arguments)
    order.cancelled_s, order.cancel_intent_id = now, intent.id
    session.flush()
    return order


def commit_orders(session: Session, calls: Calls, zone: Zone, start: int, *, now: int) -> OrdersCommitment:
    """Fixes the orders of one unit and asks the Exchange to keep their root, once a unit.

    Args:
        start: of the unit, Unix seconds.
        now: the chain's time, Unix seconds.

    Raises:
        RuleError: no unit begins then, or its gate has closed.
    """
    if (start + zone.utc_offset_s) % zone.interval_s:
        raise RuleError(
            f"no unit begins at {start}", field="start", fix=f"units of this zone begin every {zone.interval_s} s from midnight"
        )
    known = session.get(OrdersCommitment, (zone.id, start))
    if known is not None:
        return known
    _check_gate(zone, start, now)
    orders = standing(_valid_orders(session, zone, start))
    root = merkle_root([OrderLeaf(zone.id, index, order.party_id, order.digest).leaf_hash() for index, order in enumerate(orders)])
    arguments = (zone.id, start, root, len(orders))
    key = f"commit-orders/{hex0x(zone.id)}/{start}"
    intent = enqueue(session, calls, key=key, contract=EXCHANGE, function="commitOrders", args=arguments)
    commitment = OrdersCommitment(
        zone_id=zone.id,
        start=start,
        root=root,
        count=len(orders),
        digests=[order.digest for order in orders],
        mechanism=zone.mechanism,
        committed_s=now,
        intent_id=intent.id,
    )
    session.add(commitment)
    session.flush()
    return commitment


def _check_gate(zone: Zone, start: int, now: int) -> None:
    if now > start - zone.gate_lead_s:
        raise RuleError(
            f"the gate of {shown(start, zone.utc_offset_s)} closed at {shown(start - zone.gate_lead_s, zone.utc_offset_s)}",
            field="start",
            fix="commit a later unit; a unit without a commitment cannot be cleared",
        )


class _Valid(NamedTuple):
    """What choosing and hashing need of an order; a unit's commitment loads no more."""

    digest: bytes
    party_id: bytes
    meter_id: bytes
    side: int
    nonce: int


def _valid_orders(session: Session, zone: Zone, start: int) -> list[_Valid]:
    """Orders valid for the whole unit and cancelled neither here nor, by whoever held the signature, on chain."""
    said = (
        select(ChainEvent.log_index)
        .where(ChainEvent.contract == EXCHANGE, ChainEvent.event == "OrderCancelled")
        .where(ChainEvent.args["orderDigest"].astext == func.concat("0x", func.encode(StandingOrder.digest, "hex")))
    )
    columns = (StandingOrder.digest, StandingOrder.party_id, StandingOrder.meter_id, StandingOrder.side, StandingOrder.nonce)
    wanted = select(*columns).where(
        StandingOrder.zone_id == zone.id,
        StandingOrder.valid_from <= start,
        StandingOrder.valid_to >= start + zone.interval_s,
        StandingOrder.cancelled_s.is_(None),
        ~said.exists(),
    )
    return [_Valid(*row) for row in session.execute(wanted)]
