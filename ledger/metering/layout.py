"""How a file of readings is laid out: as the caller says, else as its header and first rows show."""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from ledger.errors import InputError
from ledger.metering.columns import Columns, choose_columns, parse_map
from ledger.metering.model import Zone
from ledger.metering.rules import DAY_S
from oracle.errors import SourceError
from oracle.sources.amounts import DECIMALS, WH_LIMIT
from oracle.sources.clock import Clock
from oracle.sources.csv import CsvFormat, read_intervals
from oracle.sources.header import read_header
from oracle.sources.lines import decoded_lines

MINUTE_S = 60
HALF_HOUR_S = 1800
LOOK_AHEAD_ROWS = 10_000
TABS = ("tab", "\\t")
"""A tab as it can be typed."""


@dataclass(frozen=True)
class Said:
    """What the caller said about a file; None, or nothing, where the file or the zone tells."""

    columns: str = ""
    unit: str | None = None
    time_zone: str | None = None
    interval_min: int | None = None
    delimiter: str | None = None
    decimal: str = "."
    time_format: str | None = None


@dataclass(frozen=True)
class Layout:
    """A file whose columns are known; its zone may still have to say the time zone and the interval."""

    file: Path
    said: Said
    columns: Columns
    delimiter: str
    capacities_w: Collection[int]

    def shape(self, zone: Zone | None) -> CsvFormat:
        """How the file is read into a zone, which is None for a new one.

        Raises:
            InputError: no time zone, or one that is not known.
            SourceError: no such interval.
        """
        clock = self._clock(zone)
        if self.said.interval_min is not None:
            return self._format(clock, self.said.interval_min * 60)
        return self._format(clock, zone.interval_s if zone else self._seen_interval_s(clock) or HALF_HOUR_S)

    def look_ahead(self) -> None:
        """Reads the first rows where nothing of the zone is needed for it, so that a fault there is named at once.

        Raises:
            InputError, SourceError: as the reader would say later.
        """
        if self.said.time_zone is None:
            return
        clock = self._clock(None)
        interval_s = self.said.interval_min * 60 if self.said.interval_min is not None else self._seen_interval_s(clock)
        if interval_s is None:
            shape, rows = replace(self._format(clock, MINUTE_S), connection_wh=WH_LIMIT), 1  # the first row alone needs no interval
        else:
            shape, rows = self._format(clock, interval_s), LOOK_AHEAD_ROWS
        for _ in islice(read_intervals(self.file, shape), rows):
            pass

    def _clock(self, zone: Zone | None) -> Clock:
        named = self.said.time_zone or (zone.time_zone if zone else None)
        if named is None:
            fix = "give the time zone of the file's times, for example Asia/Ho_Chi_Minh or UTC-8"
            raise InputError("a new zone needs one", field="--time-zone", fix=fix)
        try:
            return Clock(named, self.said.time_format)
        except SourceError as wrong:
            raise InputError(wrong.problem, field="--time-zone", fix=wrong.fix) from None

    def _format(self, clock: Clock, interval_s: int) -> CsvFormat:
        shape = CsvFormat(
            meter_column=self.columns.meter,
            start_column=self.columns.start,
            import_column=self.columns.imported,
            export_column=self.columns.exported,
            unit=self.columns.unit,
            clock=clock,
            interval_s=interval_s,
            delimiter=self.delimiter,
            decimal=self.said.decimal,
        )
        return shape.with_plants(self.capacities_w)

    def _seen_interval_s(self, clock: Clock) -> int | None:
        """Seconds between the first two rows of one meter; None when they do not tell, and the reader then names the fault."""
        firsts: dict[str, int] = {}
        try:
            rows = csv.DictReader(decoded_lines(self.file, self.delimiter), delimiter=self.delimiter)
            for row in islice(rows, LOOK_AHEAD_ROWS):
                meter, start = row[self.columns.meter], clock.seconds(row[self.columns.start])
                between = start - firsts.setdefault(meter, start)
                if between:
                    return between if between >= 60 and DAY_S % between == 0 else None
        except (SourceError, csv.Error, KeyError, AttributeError):
            pass
        return None


def lay_out(file: Path, said: Said, capacities_w: Collection[int] = ()) -> Layout:
    """A file's columns by what was said and what its header shows, after a look at its first rows.

    Args:
        capacities_w: installed power of the homes that are known, W.

    Raises:
        InputError: a column, the unit, the delimiter or the decimal mark is not clear; says what to give.
        SourceError: the file cannot be read, has no header, or a fault in its first rows.
    """
    delimiter = "\t" if said.delimiter in TABS else said.delimiter
    if delimiter is not None and len(delimiter) != 1:
        raise InputError(f"{delimiter!r} is not one character", field="--delimiter", fix="use , or ; or tab")
    if said.decimal not in DECIMALS:
        raise InputError(f"{said.decimal!r} is no decimal mark", field="--decimal", fix="use . or ,")
    header = read_header(file, delimiter)
    if len(header.names) == 1:
        problem = f"{header.names[0][:300]!r} is one field where {shown_delimiter(header.delimiter)} parts them"
        raise SourceError(problem, line=1, fix="give the character between the file's fields with --delimiter")
    columns = choose_columns(header.names, parse_map(said.columns), said.unit)
    layout = Layout(file, said, columns, header.delimiter, capacities_w)
    layout.look_ahead()
    return layout


def shown_delimiter(delimiter: str) -> str:
    """A delimiter in words."""
    return "a tab" if delimiter == "\t" else f"'{delimiter}'"
