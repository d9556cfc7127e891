"""The optional list of homes beside a readings file: installed PV power by home."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from oracle.errors import SourceError
from oracle.sources.amounts import NUMBER, PLAIN, with_point
from oracle.sources.header import read_header
from oracle.sources.lines import decoded_lines

CAPACITY_LIMIT_W = 10**9


def read_capacities(path: Path, home_column: str = "home", kwp_column: str = "pv_kwp", decimal: str = ".") -> dict[str, int]:
    """Installed power in W by home label; 0 for a home without PV. What parts the fields is seen in the header.

    Raises:
        SourceError: wrong columns, a home named twice, or a power that is not a number of kWp; names line and column.
    """
    delimiter = read_header(path).delimiter
    rows = csv.reader(decoded_lines(path, delimiter), delimiter=delimiter, strict=True)
    capacities: dict[str, int] = {}
    try:
        header = [name.strip() for name in next(rows, [])]
        for column in (home_column, kwp_column):
            if column not in header:
                raise SourceError(f"no column {column!r}", line=1, fix=f"the file has: {', '.join(header)}")
        home_at, kwp_at = header.index(home_column), header.index(kwp_column)
        for row in rows:
            if not row:
                continue
            line = rows.line_num
            if len(row) != len(header):
                raise SourceError(f"{len(row)} fields where the header has {len(header)}", line=line, column=min(len(row), len(header)) + 1)
            home = row[home_at].strip()
            if not home or home in capacities:
                raise SourceError(f"home {home!r} is empty or there twice", line=line, column=home_at + 1, fix="one line a home")
            capacities[home] = _watts(row[kwp_at].strip(), decimal, line, kwp_at + 1)
    except csv.Error as problem:
        raise SourceError(f"not CSV: {problem}", line=rows.line_num, fix="check the quotes") from None
    return capacities


def _watts(text: str, decimal: str, line: int, column: int) -> int:
    pointed = text if decimal == "." else with_point(text)
    if len(text) > 20 or not NUMBER.fullmatch(pointed):
        fix = "if the file writes decimals with a comma, give --decimal ," if decimal == "." and "," in text else PLAIN
        raise SourceError(f"{text[:40]!r} is not a power in kWp", line=line, column=column, fix=fix)
    watts = Decimal(pointed) * 1000
    if not 0 <= watts <= CAPACITY_LIMIT_W:
        raise SourceError(f"{text} kWp is out of range", line=line, column=column, fix="0 to 1,000,000 kWp")
    return int(watts.to_integral_value())
