"""`sonang import-readings`: a file of interval data into a zone, whole or not at all."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from ledger.db import open_engine, open_sessions, upgrade
from ledger.errors import ConflictError, InputError
from ledger.invocation import command
from ledger.law.entries import Region
from ledger.metering.columns import Columns, choose_columns, parse_map
from ledger.metering.commands import Imported, create_zone, import_file, set_prices, set_region
from ledger.metering.model import Mechanism, Zone
from ledger.metering.prices import ZonePrices, prices_in_force
from ledger.metering.queries import DayOfData, days_with_data, find_zone
from ledger.metering.rules import DAY_S, shown
from ledger.protocol.quantities import hex0x
from ledger.settings import load_settings
from oracle.errors import SourceError
from oracle.sources.clock import Clock
from oracle.sources.csv import CsvFormat, read_intervals
from oracle.sources.homes import read_capacities
from oracle.sources.lines import decoded_lines

HALF_HOUR_S = 1800
FIRST_REGION: Region = "north"
LOOK_AHEAD_ROWS = 10_000


class FileFormat(StrEnum):
    """Formats that can be read."""

    CSV = "csv"


class MechanismName(StrEnum):
    """Mechanisms by name."""

    UNIFORM_PRICE = "uniform_price"
    SINGLE_BUYER = "single_buyer"


FileArgument = Annotated[Path, typer.Argument(help="CSV file, plain or .gz, UTF-8, with a header line.", show_default=False)]
ZoneOption = Annotated[str, typer.Option(help="Zone the homes belong to; made when there is none of that name.", show_default=False)]
FormatOption = Annotated[FileFormat, typer.Option("--format", help="Format of the file.")]
MapOption = Annotated[str, typer.Option("--map", help="Columns: meter=…,start=…,import=…,export=…; obvious names need none.")]
UnitOption = Annotated[str | None, typer.Option(help="Wh, kWh or W; not needed when the column's name ends in it.")]
TimeZoneOption = Annotated[str | None, typer.Option(help="Of times without offset: UTC-8, Asia/Ho_Chi_Minh. Default: the zone's.")]
IntervalOption = Annotated[
    int | None, typer.Option(min=1, max=1440, help="Minutes an interval lasts. Default: the zone's, else as the first rows show.")
]
CapacitiesOption = Annotated[Path | None, typer.Option(help="CSV with columns home and pv_kwp.")]
DelimiterOption = Annotated[str, typer.Option(help="Character between fields.")]
MechanismOption = Annotated[MechanismName | None, typer.Option(help="Market of a new zone. Default: uniform_price.")]
RegionOption = Annotated[Region | None, typer.Option(help="Where the zone is: whose lawful prices it takes. Default: north.")]
PublishedOption = Annotated[int | None, typer.Option(min=0, help="What the utility pays for surplus, đ/kWh. Default: the law's.")]
RetailOption = Annotated[int | None, typer.Option(min=0, help="What the utility takes for supply, đ/kWh. Default: the law's.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]


@dataclass(frozen=True)
class Terms:
    """What the caller said about the zone; None where nothing was said."""

    name: str
    mechanism: MechanismName | None
    region: Region | None
    published: int | None
    retail: int | None


@dataclass(frozen=True)
class Outcome:
    """What was done."""

    zone: Zone
    columns: Columns
    shape: CsvFormat
    imported: Imported
    days: list[DayOfData]
    prices_overdue: bool
    seconds_ms: int


def import_readings(
    file: FileArgument,
    *,
    zone: ZoneOption,
    file_format: FormatOption = FileFormat.CSV,
    columns: MapOption = "",
    unit: UnitOption = None,
    time_zone: TimeZoneOption = None,
    interval: IntervalOption = None,
    capacities: CapacitiesOption = None,
    delimiter: DelimiterOption = ",",
    mechanism: MechanismOption = None,
    region: RegionOption = None,
    published_price: PublishedOption = None,
    retail_price: RetailOption = None,
    as_json: JsonOption = False,
) -> None:
    """Imports a file of interval readings into a zone: every row, or none when one is wrong.

    The error then names the line and the column. The same file again changes nothing.

    [bold]Example:[/bold] sonang import-readings readings.csv --zone village --time-zone UTC+7
    """
    terms = Terms(zone, mechanism, region, published_price, retail_price)
    chosen = choose_columns(_header(file, delimiter), parse_map(columns), unit)
    powers = None if capacities is None else read_capacities(capacities)
    engine = open_engine(load_settings())
    try:
        upgrade(engine)
        with open_sessions(engine).begin() as session, _bar(file, as_json) as progress:
            row, started = find_zone(session, zone), time.monotonic_ns()
            read_as = _shape(file, chosen, row, time_zone=time_zone, interval_min=interval, delimiter=delimiter)
            shape = read_as.with_plants((powers or {}).values())
            row, overdue = _zone(session, row, terms, file, shape)
            imported = import_file(session, row, file, shape, capacities=powers, progress=progress)
            elapsed_ms = (time.monotonic_ns() - started) // 1_000_000
            outcome = Outcome(row, chosen, shape, imported, days_with_data(session, row), overdue, elapsed_ms)
    finally:
        engine.dispose()
    _answer(outcome, as_json)


def _header(file: Path, delimiter: str) -> list[str]:
    if len(delimiter) != 1:
        raise InputError(f"{delimiter!r} is not one character", field="--delimiter", fix="use , or ; or a tab")
    try:
        header = next(csv.reader(decoded_lines(file, delimiter), delimiter=delimiter, strict=True), None)
    except csv.Error as problem:
        raise SourceError(f"not CSV: {problem}", line=1, fix="check the quotes") from None
    if header is None:
        raise SourceError("the file is empty", line=1, fix="the first line must name the columns")
    return header


def _shape(
    file: Path, columns: Columns, zone: Zone | None, *, time_zone: str | None, interval_min: int | None, delimiter: str
) -> CsvFormat:
    named = time_zone or (zone.time_zone if zone else None)
    if named is None:
        fix = "give the time zone of the file's times, for example Asia/Ho_Chi_Minh or UTC-8"
        raise InputError("a new zone needs one", field="--time-zone", fix=fix)
    clock = Clock(named)
    if interval_min is not None:
        interval_s = interval_min * 60
    else:
        interval_s = zone.interval_s if zone else _seen_interval_s(file, columns, clock, delimiter)
    return CsvFormat(
        meter_column=columns.meter,
        start_column=columns.start,
        import_column=columns.imported,
        export_column=columns.exported,
        unit=columns.unit,
        clock=clock,
        interval_s=interval_s,
        delimiter=delimiter,
    )


def _seen_interval_s(file: Path, columns: Columns, clock: Clock, delimiter: str) -> int:
    """Seconds between the first two rows of one meter; half an hour when they do not tell, and the reader then names the fault."""
    firsts: dict[str, int] = {}
    try:
        for row in islice(csv.DictReader(decoded_lines(file, delimiter), delimiter=delimiter), LOOK_AHEAD_ROWS):
            meter, start = row[columns.meter], clock.seconds(row[columns.start])
            between = start - firsts.setdefault(meter, start)
            if between:
                return between if between >= 60 and DAY_S % between == 0 else HALF_HOUR_S
    except (SourceError, csv.Error, KeyError, AttributeError):
        pass
    return HALF_HOUR_S


def _zone(session: Session, zone: Zone | None, terms: Terms, file: Path, shape: CsvFormat) -> tuple[Zone, bool]:
    """The zone, made or changed as the caller said, and whether its lawful prices should be looked up again."""
    named = None if terms.mechanism is None else Mechanism[terms.mechanism.name]
    if zone is not None and named is not None and zone.mechanism != named:
        raise ConflictError(
            f"clears by {Mechanism(zone.mechanism).name.lower()}", field=terms.name, fix="leave --mechanism out, or name a new zone"
        )
    region = terms.region or (FIRST_REGION if zone is None else zone.region)
    if zone is not None and region == zone.region and terms.published is None and terms.retail is None:
        return zone, False
    prices = _prices(terms, zone, region)
    if zone is not None:
        set_region(session, zone, region)
        set_prices(session, zone, prices)
        return zone, prices.overdue
    first = next(read_intervals(file, shape))
    made = create_zone(
        session,
        name=terms.name,
        time_zone=shape.clock.name,
        region=region,
        interval_s=shape.interval_s,
        utc_offset_s=shape.clock.standard_offset_s(first.start),
        prices=prices,
        mechanism=named or Mechanism.UNIFORM_PRICE,
    )
    return made, prices.overdue


def _prices(terms: Terms, zone: Zone | None, region: Region) -> ZonePrices:
    """The prices the caller named; what was not named stays as it is, unless the zone is new in its region: then it is the law's."""
    if terms.published is not None and terms.retail is not None:
        return ZonePrices(terms.published, terms.retail, "given by a person", overdue=False)
    if zone is not None and zone.region == region:
        law = ZonePrices(zone.published_price_vnd_per_kwh, zone.retail_price_vnd_per_kwh, zone.price_reference, overdue=False)
    else:
        law = prices_in_force(region, datetime.now(UTC).date())
    published = law.published if terms.published is None else terms.published
    retail = law.retail if terms.retail is None else terms.retail
    given = "" if terms.published is None and terms.retail is None else " (one of the two given by a person)"
    return ZonePrices(published, retail, law.reference + given, law.overdue)


@contextmanager
def _bar(file: Path, quiet: bool) -> Iterator[Callable[[int], None]]:
    look = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*look, console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size)
        yield lambda read: progress.update(task, completed=read)


def _answer(outcome: Outcome, as_json: bool) -> None:
    if outcome.prices_overdue:
        note = "sonang: the zone's prices are due for a look at the law – see verify_by in ledger/law/law.toml"
        Console(stderr=True, soft_wrap=True).print(note, style="yellow", markup=False)
    if as_json:
        typer.echo(orjson.dumps(_as_json(outcome), option=orjson.OPT_INDENT_2).decode())
        return
    record, zone, whole = outcome.imported.record, outcome.zone, [day for day in outcome.days if day.whole_homes]
    first, last = (shown(moment, zone.utc_offset_s) for moment in (record.first_start, record.last_end))
    what = f"{record.rows:,} readings of {record.homes} homes, {first} to {last}"
    speed = record.rows * 1000 // max(outcome.seconds_ms, 1)
    if outcome.imported.repeated:
        lines = [f"Zone {zone.name!r} already has this file: {what}. Nothing was changed."]
    else:
        lines = [f"Zone {zone.name!r}: imported {what}, in {outcome.seconds_ms / 1000:.1f} s ({speed:,} readings a second)."]
    lines.append(f"Read as: {outcome.columns}; time zone {outcome.shape.clock.name}; {outcome.shape.interval_s // 60} minutes.")
    if whole:
        following = command("day", "--zone", zone.name, "--date", str(whole[0].day), "--report", "report.json")
        lines.append(f"{len(whole)} whole days. Next: {following}")
    Console(soft_wrap=True, highlight=False).print("\n".join(lines), markup=False)


def _as_json(outcome: Outcome) -> dict[str, object]:
    record, zone = outcome.imported.record, outcome.zone
    return {
        "zone": zone.name,
        "zone_id": hex0x(zone.id),
        "region": zone.region,
        "mechanism": Mechanism(zone.mechanism).name.lower(),
        "published_price_vnd_per_kwh": zone.published_price_vnd_per_kwh,
        "retail_price_vnd_per_kwh": zone.retail_price_vnd_per_kwh,
        "file": record.file_name,
        "sha256": record.sha256.hex(),
        "already_imported": outcome.imported.repeated,
        "rows": record.rows,
        "homes": record.homes,
        "first_start": record.first_start,
        "last_end": record.last_end,
        "read_as": record.settings,
        "milliseconds": outcome.seconds_ms,
        "days": [{"date": str(day.day), "homes": day.homes, "whole_homes": day.whole_homes} for day in outcome.days],
    }
