"""Last steps: every unit is cleared on the anchored readings, the challenge window passes, and the day is settled in milli-đồng."""

from __future__ import annotations

from ledger.day.delivery import VERSION
from ledger.day.stage import Stage
from ledger.market.commands import clear_day
from ledger.metering.model import Zone
from ledger.settlement.commands import settle_period
from ledger.settlement.queries import last_run

__all__ = ["clear", "final_at", "settle"]


def clear(stage: Stage, zone: Zone, day_start: int) -> list[int]:
    """Clears a day whose readings are anchored; returns the intents to wait for."""
    with stage.sessions.begin() as session:
        row = session.get_one(Zone, zone.id)
        return sorted({one.intent_id for one in clear_day(session, stage.calls, row, day_start, VERSION)})


def final_at(stage: Stage, zone: Zone, day_start: int) -> int:
    """When nobody can challenge the day's clearings any more, as the Exchange has it."""
    return int(stage.gateway.call("Exchange", "dayOf", zone.id, day_start, VERSION)[0])


def settle(stage: Stage, zone: Zone, day_start: int) -> int:
    """Settles a cleared day once; returns the intent to wait for."""
    with stage.sessions.begin() as session:
        row = session.get_one(Zone, zone.id)
        known = last_run(session, row, day_start)
        return (known or settle_period(session, stage.calls, row, day_start)).intent_id
