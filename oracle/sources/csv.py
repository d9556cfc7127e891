"""Interval data from CSV files, plain or gzip: one row a meter and interval, streamed with bounded memory.

A file is accepted whole or refused at its first fault, which is named by line and column. Rows of a meter must follow each other in time
without gap or overlap (rows of different meters may be mixed), so nothing but the last time of each meter has to be remembered.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from oracle.errors import SourceError
from oracle.sources.amounts import DECIMALS, Converter, Unit, unit_named_by
from oracle.sources.clock import Clock
from oracle.sources.lines import Progress, decoded_lines
from oracle.vee import CONNECTION_W, DAY_S, connection_limit_wh

LABEL_LIMIT = 100


class Interval(NamedTuple):
    """One row: the line it stands on, the meter's label, its start (Unix seconds) and both registers in Wh."""

    line: int
    meter: str
    start: int
    import_wh: int
    export_wh: int


@dataclass(frozen=True)
class CsvFormat:
    """How a file is to be read.

    Args:
        meter_column, start_column, import_column: names in the header line.
        export_column: the export register, or None for homes that only consume.
        unit: what both energy columns count.
        clock: the time zone of times that carry no offset.
        interval_s: length of an interval; divides a day.
        delimiter: the character between fields.
        decimal: the mark before the decimals, a point or a comma.
        connection_wh: the most any connection of the file carries in one interval; None for low voltage (`oracle.vee.CONNECTION_W`).
    """

    meter_column: str
    start_column: str
    import_column: str
    export_column: str | None
    unit: Unit
    clock: Clock
    interval_s: int
    delimiter: str = ","
    decimal: str = "."
    connection_wh: int | None = None

    def __post_init__(self) -> None:
        if not 60 <= self.interval_s <= DAY_S or DAY_S % self.interval_s:
            raise SourceError(f"an interval of {self.interval_s} s does not divide a day", fix="use for example 15, 30 or 60 minutes")
        if len(self.delimiter) != 1 or not self.delimiter.isascii() or self.delimiter in '"\r\n':
            raise SourceError(f"delimiter {self.delimiter!r} is not one plain character", fix="use , or ; or a tab")
        if self.decimal not in DECIMALS:
            raise SourceError(f"decimal mark {self.decimal!r} is neither a point nor a comma", fix="use . or ,")
        for column in filter(None, (self.import_column, self.export_column)):
            named = unit_named_by(column)
            if named is not None and named.lower() != self.unit.lower():
                raise SourceError(
                    f"column {column!r} names {named}, but the energies are counted in {self.unit} (mixed units)",
                    line=1,
                    fix="one unit for the whole file: map columns of one unit, and give --unit only where no name ends in it",
                )

    def with_plants(self, capacities_w: Iterable[int]) -> CsvFormat:
        """The same for homes with plants of these ratings in W: a connection that takes a large one's output carries more."""
        return replace(self, connection_wh=connection_limit_wh(max(capacities_w, default=0), self.interval_s))

    @property
    def limit_wh(self) -> int:
        """The most one field may count, Wh."""
        return CONNECTION_W * self.interval_s // 3600 if self.connection_wh is None else self.connection_wh


def read_intervals(path: Path, shape: CsvFormat, progress: Progress | None = None) -> Iterator[Interval]:
    """Yields every row of the file, converted.

    Raises:
        SourceError: at the first fault, naming line and column; what was yielded before must then be thrown away.
    """
    lines = decoded_lines(path, shape.delimiter, progress)
    rows = csv.reader(lines, delimiter=shape.delimiter, strict=True)
    try:
        header = next(rows, None)
        if header is None:
            raise SourceError("the file is empty", line=1, fix="the first line must name the columns")
        yield from _Reader(header, shape).read(rows)
    except csv.Error as problem:
        raise SourceError(f"not CSV: {problem}", line=rows.line_num, fix="check the quotes") from None
    finally:
        lines.close()  # type: ignore[attr-defined]


class _Reader:
    def __init__(self, header: Sequence[str], shape: CsvFormat) -> None:
        self._header = [name.strip() for name in header]
        self._shape = shape
        self._width = len(header)
        self._meter = self._find(shape.meter_column)
        self._start = self._find(shape.start_column)
        self._import = self._find(shape.import_column)
        self._export = None if shape.export_column is None else self._find(shape.export_column)
        self._convert = Converter(shape.unit, shape.interval_s, shape.decimal)
        self._limit_wh = shape.limit_wh
        self._next: dict[str, int] = {}
        self._offset: int | None = None

    def _find(self, column: str) -> int:
        places = [place for place, name in enumerate(self._header) if name == column]
        if len(places) == 1:
            return places[0]
        if places:
            raise SourceError(f"column {column!r} is there {len(places)} times", line=1, column=places[1] + 1, fix="name each column once")
        near = difflib.get_close_matches(column, self._header, n=1)
        shown = ", ".join(self._header[:20])
        fix = f"did you mean {near[0]!r}?" if near else f"the file has: {shown}"
        raise SourceError(f"no column {column!r}", line=1, fix=fix)

    def read(self, rows: csv._reader) -> Iterator[Interval]:  # type: ignore[name-defined]
        count = 0
        for row in rows:
            if not row:
                continue
            line = rows.line_num
            if len(row) != self._width:
                raise SourceError(
                    f"{len(row)} fields where the header has {self._width}",
                    line=line,
                    column=min(len(row), self._width) + 1,
                    fix="every line must have every column",
                )
            yield self._interval(line, row)
            count += 1
        if not count:
            raise SourceError("no row below the header", line=1, fix="nothing was imported")

    def _interval(self, line: int, row: Sequence[str]) -> Interval:
        place = self._meter
        try:
            meter = _label(row[place])
            place = self._start
            start = self._shape.clock.seconds(row[place])
            self._in_sequence(meter, start)
            place = self._import
            import_wh = self._energy(row[place])
            export_wh = 0
            if self._export is not None:
                place = self._export
                export_wh = self._energy(row[place])
        except SourceError as wrong:
            raise SourceError(wrong.problem, line=line, column=place + 1, name=self._header[place], fix=wrong.fix) from None
        return Interval(line, meter, start, import_wh, export_wh)

    def _energy(self, text: str) -> int:
        wh = self._convert.wh(text)
        if wh > self._limit_wh:
            raise SourceError(
                f"{wh} Wh in {self._shape.interval_s} s is more than a connection carries ({self._limit_wh} Wh)",
                fix="check the meter and the unit; a larger connection is known by its plant's power in the list of homes",
            )
        return wh

    def _in_sequence(self, meter: str, start: int) -> None:
        interval_s = self._shape.interval_s
        expected = self._next.get(meter)
        if expected is None:
            self._on_grid(start)
        elif start != expected:
            raise _out_of_sequence(meter, start, expected, interval_s)
        self._next[meter] = start + interval_s

    def _on_grid(self, start: int) -> None:
        if self._offset is None:
            self._offset = self._shape.clock.standard_offset_s(start)
        if (start + self._offset) % self._shape.interval_s:
            raise SourceError(
                f"does not begin on a whole interval of {self._shape.interval_s} s", fix="check the interval length and the time zone"
            )


def _label(text: str) -> str:
    label = text.strip()
    if not label or len(label) > LABEL_LIMIT or not label.isprintable():
        raise SourceError(f"{text[:40]!r} is not a meter's name", fix=f"use 1 to {LABEL_LIMIT} printable characters")
    return label


def _out_of_sequence(meter: str, start: int, expected: int, interval_s: int) -> SourceError:
    if start < expected:
        what = "is there twice" if start == expected - interval_s else "overlaps an earlier row or goes back in time"
        return SourceError(f"the interval of {meter} {what}", fix="sort the rows of a meter by time and keep each interval once")
    missing, rest = divmod(start - expected, interval_s)
    if rest:
        return SourceError(f"the interval of {meter} is not {interval_s} s after the one before", fix="check the interval length")
    return SourceError(
        f"{missing} missing interval{'s' if missing > 1 else ''} of {meter} before this one", fix="fill the gap at its source"
    )
