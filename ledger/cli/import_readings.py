"""`sonang import-readings`: a file of interval data into a zone, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.orm import Session

from ledger.cli.answers import JsonOption, say, say_json
from ledger.db import database
from ledger.errors import ConflictError
from ledger.invocation import command
from ledger.law.entries import Region
from ledger.metering.commands import Imported, create_zone, import_file, set_prices, set_region
from ledger.metering.layout import Layout, Said, lay_out, shown_delimiter
from ledger.metering.model import Mechanism, Zone
from ledger.metering.prices import ZonePrices, prices_in_force
from ledger.metering.queries import DayOfData, days_with_data, find_zone
from ledger.metering.rules import shown
from ledger.protocol.quantities import hex0x
from ledger.settings import load_settings
from oracle.sources.csv import CsvFormat, read_intervals
from oracle.sources.homes import read_capacities

FIRST_REGION: Region = "north"
WORTH_A_RATE_MS = 1_000


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
DelimiterOption = Annotated[str | None, typer.Option(help="Character between fields. Default: , ; or tab, as the header shows.")]
DecimalOption = Annotated[str, typer.Option(metavar=".|,", help="Mark before the decimals.")]
TimeFormatOption = Annotated[str | None, typer.Option(help="Of times not like 2026-05-25 00:30: '%d/%m/%Y %H:%M' (strptime).")]
MechanismOption = Annotated[MechanismName | None, typer.Option(help="Market of a new zone. Default: uniform_price.")]
RegionOption = Annotated[Region | None, typer.Option(help="Where the zone is: whose lawful prices it takes. Default: north.")]
PublishedOption = Annotated[int | None, typer.Option(min=0, help="What the utility pays for surplus, đ/kWh. Default: the law's.")]
RetailOption = Annotated[int | None, typer.Option(min=0, help="What the utility takes for supply, đ/kWh. Default: the law's.")]
BY_HAND, ONE_BY_HAND = (
    "do người vận hành nhập · given by a person",
    "một trong hai do người vận hành nhập · one of the two given by a person",
)


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
    layout: Layout
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
    delimiter: DelimiterOption = None,
    decimal: DecimalOption = ".",
    time_format: TimeFormatOption = None,
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
    powers = {} if capacities is None else read_capacities(capacities, decimal=decimal)
    layout = lay_out(file, Said(columns, unit, time_zone, interval, delimiter, decimal, time_format), powers.values())
    with database(load_settings()) as sessions, sessions.begin() as session, _bar(file, as_json) as progress:
        row, started = find_zone(session, zone), time.monotonic_ns()
        shape = layout.shape(row)
        row, overdue = _zone(session, row, terms, file, shape)
        imported = import_file(session, row, file, shape, capacities=powers, progress=progress)
        outcome = Outcome(row, layout, shape, imported, days_with_data(session, row), overdue, _ms_since(started))
    _answer(outcome, as_json)


def _ms_since(started_ns: int) -> int:
    return (time.monotonic_ns() - started_ns) // 1_000_000


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
        return ZonePrices(terms.published, terms.retail, BY_HAND, overdue=False)
    if zone is not None and zone.region == region:
        law = ZonePrices(zone.published_price_vnd_per_kwh, zone.retail_price_vnd_per_kwh, zone.price_reference, overdue=False)
    else:
        law = prices_in_force(region, datetime.now(UTC).date())
    published = law.published if terms.published is None else terms.published
    retail = law.retail if terms.retail is None else terms.retail
    given = "" if terms.published is None and terms.retail is None else f" ({ONE_BY_HAND})"
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
        note = (
            "sonang: cần xem lại luật về giá của vùng – verify_by trong ledger/law/law.toml ·\n"
            "sonang: the zone's prices are due for a look at the law – see verify_by in ledger/law/law.toml"
        )
        Console(stderr=True, soft_wrap=True).print(note, style="yellow", markup=False)
    if as_json:
        say_json(_as_json(outcome))
        return
    record, zone, whole = outcome.imported.record, outcome.zone, [day for day in outcome.days if day.whole_homes]
    first, last = (shown(moment, zone.utc_offset_s) for moment in (record.first_start, record.last_end))
    vi = f"{record.rows:,} chỉ số của {record.homes} nhà, {first} đến {last}"
    en = f"{record.rows:,} readings of {record.homes} homes, {first} to {last}"
    if outcome.imported.repeated:
        lines = [f"Vùng {zone.name!r} đã có tệp này: {vi}. Không có gì thay đổi."]
        lines += [f"Zone {zone.name!r} already has this file: {en}. Nothing was changed."]
    else:
        lines = [f"Vùng {zone.name!r}: đã nhập {vi}."]
        lines += [f"Zone {zone.name!r}: imported {en}{_speed(record.rows, outcome.seconds_ms)}."]
    lines.append(_read_as(outcome))
    if whole:
        following = command("day", "--zone", zone.name, "--date", str(whole[0].day))
        lines.append(f"{len(whole)} ngày đủ · whole days. Tiếp theo · Next: {following}")
    say("\n".join(lines))


def _speed(rows: int, milliseconds: int) -> str:
    """How long it took, when it was long enough to tell a rate."""
    return f", in {milliseconds / 1000:.1f} s ({rows * 1000 // milliseconds:,} readings a second)" if milliseconds > WORTH_A_RATE_MS else ""


def _read_as(outcome: Outcome) -> str:
    shape = outcome.shape
    words = [str(outcome.layout.columns), f"time zone {shape.clock.name}", f"{shape.interval_s // 60} minutes"]
    words.append(f"fields parted by {shown_delimiter(shape.delimiter)}")
    words += ["decimal comma"] if shape.decimal == "," else []
    words += [f"times as {shape.clock.pattern}"] if shape.clock.pattern else []
    return f"Đọc theo · Read as: {'; '.join(words)}."


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
        "delimiter": outcome.shape.delimiter,
        "milliseconds": outcome.seconds_ms,
        "days": [{"date": str(day.day), "homes": day.homes, "whole_homes": day.whole_homes} for day in outcome.days],
    }
