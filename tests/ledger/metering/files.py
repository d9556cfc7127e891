"""Files of readings as people bring them, and a zone to bring them to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.metering import commands
from ledger.metering.model import Import, ImportedHome, ImportedInterval, Zone
from ledger.metering.prices import ZonePrices
from oracle.sources.amounts import Unit
from oracle.sources.clock import Clock
from oracle.sources.csv import CsvFormat

HEADER = "home,interval_start,grid_import_wh,grid_export_wh"
PRICES = ZonePrices(1_382, 2_204, "chosen for this test", overdue=False)
HALF_HOUR = 1_800


def make_zone(session: Session, name: str = "Làng Nắng", *, interval_s: int = HALF_HOUR, utc_offset_s: int = 25_200) -> Zone:
    return commands.create_zone(
        session, name=name, time_zone="UTC+7", region="north", interval_s=interval_s, utc_offset_s=utc_offset_s, prices=PRICES
    )


def shape(unit: Unit = Unit.WH, zone: str = "UTC+7", interval_s: int = HALF_HOUR) -> CsvFormat:
    return CsvFormat("home", "interval_start", "grid_import_wh", "grid_export_wh", unit, Clock(zone), interval_s)


def clock_times(count: int, first: int = 0, minutes: int = 30) -> list[str]:
    """Starts of so many intervals from 1 June 2026, a day having 24 hours."""
    places = (number * minutes for number in range(first, first + count))
    return [f"2026-06-{1 + at // 1440:02} {at % 1440 // 60:02}:{at % 60:02}" for at in places]


def write(path: Path, lines: Iterable[str], header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def day_file(path: Path, homes: Iterable[str] = ("An", "Bình"), *, first: int = 0, count: int = 48, wh: int = 100) -> Path:
    return write(path, (f"{home},{start},{wh},{wh // 2}" for home in homes for start in clock_times(count, first)))


def counts(session: Session) -> tuple[int, int, int]:
    """How many imports, homes and intervals there are."""
    found = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Import, ImportedHome, ImportedInterval)]
    return found[0], found[1], found[2]
