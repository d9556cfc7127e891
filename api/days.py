"""How far each day of a zone has come."""

from __future__ import annotations

from pydantic import Field
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.answers import Answer, Count, Day, Time
from ledger.market.model import ClearingRow
from ledger.metering.model import Anchor, Zone
from ledger.metering.queries import days_with_data
from ledger.metering.rules import DAY_S, local_day
from ledger.settlement.model import SettlementRunRow

__all__ = ["DayState", "days_of"]


class DayState(Answer):
    """A local day of a zone."""

    day: Day
    start: Time
    imported_homes: Count = Field(description="Homes the imported files have data of.")
    readings_version: int = Field(description="Newest version of its readings that was anchored; 0 when none was.", ge=0, examples=[1])
    cleared_units: Count = Field(description="Market time units cleared.")
    settlement_run: int = Field(description="Newest settlement run; 0 when it is not settled.", ge=0, examples=[1])


def days_of(session: Session, zone: Zone) -> list[DayState]:
    """Every day something is known of, in order."""
    imported = {day.period_start: day.homes for day in days_with_data(session, zone)}
    anchored = _by_day(
        session,
        select(Anchor.period_start, func.max(Anchor.version)).where(Anchor.zone_id == zone.id).group_by(Anchor.period_start),
    )
    number = ((ClearingRow.start + zone.utc_offset_s) // DAY_S).label("day")
    counted = select(number, func.count(ClearingRow.start.distinct())).where(ClearingRow.zone_id == zone.id).group_by(number)
    cleared = {int(day) * DAY_S - zone.utc_offset_s: units for day, units in _by_day(session, counted).items()}
    settled = _by_day(
        session,
        select(SettlementRunRow.period_start, func.max(SettlementRunRow.run))
        .where(SettlementRunRow.zone_id == zone.id)
        .group_by(SettlementRunRow.period_start),
    )
    return [
        DayState.model_validate(
            {
                "day": local_day(start, zone.utc_offset_s),
                "start": start,
                "imported_homes": imported.get(start, 0),
                "readings_version": anchored.get(start, 0),
                "cleared_units": cleared.get(start, 0),
                "settlement_run": settled.get(start, 0),
            }
        )
        for start in sorted({*imported, *anchored, *cleared, *settled})
    ]


def _by_day(session: Session, wanted: Select[int, int]) -> dict[int, int]:
    return {int(start): int(value) for start, value in session.execute(wanted)}
