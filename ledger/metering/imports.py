"""A file of readings into the database, whole or not at all: one transaction, a bounded number of rows in memory."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import psycopg
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ledger.errors import ConflictError, RuleError
from ledger.metering.bulk import copy_rows
from ledger.metering.model import Import, ImportedHome, ImportedInterval, Zone
from ledger.metering.rules import shown
from oracle.errors import SourceError
from oracle.sources.csv import CsvFormat, Interval, read_intervals
from oracle.sources.lines import Progress, file_digest

CHUNK_ROWS = 2_000
HOME_BITS = 62
COLUMNS = ("home_id", "start", "import_wh", "export_wh", "import_id")
TAKEN = re.compile(r"\(home_id, start\)=\((\d+), (\d+)\)")


@dataclass(frozen=True)
class Imported:
    """What became of a file; `repeated` when it had been imported before and nothing was done."""

    record: Import
    repeated: bool


def import_file(
    session: Session,
    zone: Zone,
    path: Path,
    shape: CsvFormat,
    *,
    capacities: Mapping[str, int] | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Imports every row of a file into a zone; when anything is wrong the caller's transaction is to be rolled back.

    The same file, known by its SHA-256 and read the same way, is not imported twice.

    Args:
        capacities: installed PV power in W by home, from a list of homes.
        progress: told how many bytes of the file have been read.

    Raises:
        SourceError: the file has a fault; names line and column.
        RuleError: its interval is not the zone's.
        ConflictError: an interval of it is there already, or the file was imported with other settings.
    """
    if shape.interval_s != zone.interval_s:
        raise RuleError(
            f"intervals of {shape.interval_s} s, but the zone {zone.name!r} counts in {zone.interval_s} s",
            field="interval",
            fix="import into a zone of that interval; a new zone takes the file's",
        )
    session.refresh(zone, with_for_update=True)
    digest, settings = bytes.fromhex(file_digest(path)), settings_of(shape)
    known = _known(session, zone, digest, settings)
    record = known or Import(
        zone_id=zone.id, file_name=path.name, sha256=digest, settings=settings, rows=0, homes=0, first_start=0, last_end=0
    )
    if known is None:
        session.add(record)
        session.flush()
        _load(_Loading(session, zone, record), read_intervals(path, shape, progress))
    _set_capacities(session, zone, capacities or {})
    return Imported(record, repeated=known is not None)


def settings_of(shape: CsvFormat) -> dict[str, str]:
    """How a file was read, as it is kept beside what was read; the decimal mark and the times' format only where they are not the usual."""
    unusual = {"decimal": shape.decimal if shape.decimal != "." else "", "time_format": shape.clock.pattern or ""}
    return {
        "meter": shape.meter_column,
        "start": shape.start_column,
        "import": shape.import_column,
        "export": shape.export_column or "",
        "unit": shape.unit.value,
        "time_zone": shape.clock.name,
        "interval_s": str(shape.interval_s),
        **{name: value for name, value in unusual.items() if value},
    }


def _known(session: Session, zone: Zone, digest: bytes, settings: dict[str, str]) -> Import | None:
    known = session.scalars(select(Import).where(Import.zone_id == zone.id, Import.sha256 == digest)).one_or_none()
    if known is not None and known.settings != settings:
        differ = [name for name in {**known.settings, **settings} if known.settings.get(name) != settings.get(name)]
        other = ", ".join(f"{name} {known.settings.get(name, 'as usual')!r}" for name in differ)
        raise ConflictError(
            f"this very file was imported before with {other}",
            field=known.file_name,
            fix="use the same settings, or import it into another zone",
        )
    return known


def _load(loading: _Loading, intervals: Iterator[Interval]) -> None:
    try:
        copy_rows(loading.session, ImportedInterval.__tablename__, COLUMNS, loading.lines(intervals))
    except psycopg.errors.UniqueViolation as taken:
        raise loading.overlap(taken) from None
    record = loading.record
    record.rows, record.homes = loading.rows, len(loading.seen)
    record.first_start, record.last_end = loading.first, loading.last + loading.zone.interval_s
    fresh = loading.seen - loading.known
    if fresh:
        homes = [{"id": loading.numbers[label], "zone_id": loading.zone.id, "label": label} for label in sorted(fresh)]
        loading.session.execute(insert(ImportedHome), homes)


class _Loading:
    """An import under way: which homes have a number, and what was seen."""

    def __init__(self, session: Session, zone: Zone, record: Import) -> None:
        self.session, self.zone, self.record = session, zone, record
        known = session.execute(select(ImportedHome.label, ImportedHome.id).where(ImportedHome.zone_id == zone.id))
        self.numbers: dict[str, int] = dict(known.all())
        self.known = set(self.numbers)
        self.seen: set[str] = set()
        self.rows, self.first, self.last = 0, 2**63 - 1, 0

    def lines(self, intervals: Iterator[Interval]) -> Iterator[str]:
        """The rows as COPY takes them, a chunk at a time."""
        numbers, end = self.numbers, f"\t{self.record.id}\n"
        while chunk := list(islice(intervals, CHUNK_ROWS)):
            if not self.seen.issuperset({row.meter for row in chunk}):
                self._meet(chunk)
            yield "".join([f"{numbers[meter]}\t{start}\t{import_wh}\t{export_wh}{end}" for _, meter, start, import_wh, export_wh in chunk])
            starts = [row.start for row in chunk]
            self.rows += len(chunk)
            self.first, self.last = min(self.first, *starts), max(self.last, *starts)

    def _meet(self, chunk: list[Interval]) -> None:
        """Gives every home that appears for the first time a number, after a look at whether its rows fit the zone's units."""
        for row in chunk:
            if row.meter not in self.seen:
                self.seen.add(row.meter)
                self.numbers.setdefault(row.meter, secrets.randbits(HOME_BITS))
                if (row.start + self.zone.utc_offset_s) % self.zone.interval_s:
                    raise SourceError(
                        "does not begin with one of the zone's units", line=row.line, fix="check the time zone and the interval"
                    )

    def overlap(self, taken: psycopg.errors.UniqueViolation) -> ConflictError:
        """The database's refusal in a person's words."""
        found = TAKEN.search(taken.diag.message_detail or "")
        labels = {number: label for label, number in self.numbers.items()}
        what = f"{labels.get(int(found[1]))} at {shown(int(found[2]), self.zone.utc_offset_s)}" if found else "an interval"
        return ConflictError(
            f"{what} was imported before from another file (overlap)",
            field=self.record.file_name,
            fix="leave out what is there already; nothing of this file was imported",
        )


def _set_capacities(session: Session, zone: Zone, capacities: Mapping[str, int]) -> None:
    if capacities:
        for home in session.scalars(select(ImportedHome).where(ImportedHome.zone_id == zone.id)):
            home.capacity_w = capacities.get(home.label, home.capacity_w)
    session.flush()
