"""Fourth step: owners sign standing orders, and the clock walks from gate to gate, each unit's orders committed as its gate closes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.model import OutboxIntent
from ledger.day.installation import capacity_w
from ledger.day.limits import buy_steps, sell_steps
from ledger.day.people import owner_label
from ledger.day.stage import Stage
from ledger.market.commands import commit_orders, place_order
from ledger.market.model import OrdersCommitment, Side, StandingOrder
from ledger.market.queries import next_nonce
from ledger.metering.model import MeterRow, Zone
from ledger.metering.queries import HomeData, meter_by_label
from ledger.metering.rules import DAY_S, unit_starts
from ledger.protocol.typed_data import Order, digest

__all__ = ["committed", "next_gate", "sign_orders", "walk"]

ORDER_LIFE_S = 366 * DAY_S
ORDERS = "Lệnh thường trực · Standing orders"
GATES = "Chốt lệnh từng chu kỳ · Orders fixed unit by unit"


def sign_orders(stage: Stage, zone: Zone, homes: Sequence[HomeData], start: int, end: int) -> None:
    """Has every home sign a standing order to buy, and every roof one to sell, unless one of its orders covers the time already."""
    now = stage.now()
    with stage.sessions.begin() as session:
        row = session.get_one(Zone, zone.id)
        covered = _covered(session, row, start, end)
        for done, home in enumerate(homes):
            stage.step(ORDERS, done, len(homes))
            meter = meter_by_label(session, row, home.label)
            for side in (Side.BUY, Side.SELL) if capacity_w(home, zone) else (Side.BUY,):
                if (meter.id, side) not in covered:
                    order = _order(session, row, meter, side, start)
                    _, sign = stage.keyring.owner(owner_label(zone, home.label))
                    signature = sign(digest(stage.calls.deployment.domain("Exchange"), order))
                    place_order(session, stage.calls, order, signature, now=now)
    stage.step(ORDERS, len(homes), len(homes))


def walk(stage: Stage, zone: Zone, since: int, moment: int, *, shown: range | None = None) -> None:
    """Moves the clock to a moment and on the way, at every gate, commits the unit's orders.

    Units of the following day whose gates close meanwhile are committed too: their gates do not wait for anybody.

    Args:
        since: start of the first unit that is to be traded.
        shown: the units the progress bar counts.

    Raises:
        RuleError: a gate closed before its orders were committed.
    """
    with stage.sessions() as session:
        settled = committed(session, zone, since)
    for start in range(since, moment + zone.gate_lead_s + 1, zone.interval_s):
        if start not in settled:
            stage.reach(start - zone.gate_lead_s)
            with stage.sessions.begin() as session:
                row = session.get_one(Zone, zone.id)
                intent = commit_orders(session, stage.calls, row, start, now=stage.now()).intent_id
            stage.wait([intent])
        if shown is not None and start in shown:
            stage.step(GATES, shown.index(start) + 1, len(shown))
    stage.reach(moment)


def committed(session: Session, zone: Zone, since: int) -> set[int]:
    """Starts of the units whose orders the chain holds."""
    wanted = (
        select(OrdersCommitment.start)
        .join(OutboxIntent, OutboxIntent.id == OrdersCommitment.intent_id)
        .where(OrdersCommitment.zone_id == zone.id, OrdersCommitment.start >= since, OutboxIntent.state.in_(("mined", "final")))
    )
    return set(session.scalars(wanted))


def next_gate(session: Session, zone: Zone, days: Sequence[int]) -> int | None:
    """When the first gate closes whose orders the chain does not hold yet, of days by their first seconds; None when it holds all."""
    done = committed(session, zone, days[0])
    wanted = (start for day in days for start in unit_starts(day, zone.interval_s) if start not in done)
    return next((start - zone.gate_lead_s for start in wanted), None)


def _covered(session: Session, zone: Zone, start: int, end: int) -> set[tuple[bytes, int]]:
    """Meters and sides with an order for the whole time; one its owner took back counts: nobody signs for the owner again."""
    wanted = select(StandingOrder.meter_id, StandingOrder.side).where(StandingOrder.zone_id == zone.id)
    found = session.execute(wanted.where(StandingOrder.valid_from <= start, StandingOrder.valid_to >= end))
    return {(meter, side) for meter, side in found}


def _order(session: Session, zone: Zone, meter: MeterRow, side: Side, start: int) -> Order:
    steps = buy_steps if side == Side.BUY else sell_steps
    return Order(
        party=meter.party_id,
        meter=meter.id,
        zone=zone.id,
        side=side,
        steps=steps(meter.label, zone.published_price_vnd_per_kwh, zone.retail_price_vnd_per_kwh),
        valid_from=start,
        valid_to=start + ORDER_LIFE_S,
        nonce=next_nonce(session, meter, side),
    )
