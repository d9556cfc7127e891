"""The first line of a CSV file, and the character that parts its fields."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

from oracle.errors import SourceError
from oracle.sources.lines import decoded_lines

DELIMITERS = (",", ";", "\t")
QUOTED = re.compile(r'"[^"]*"?')


class Header(NamedTuple):
    """The names of a file's columns, and the character between its fields."""

    names: list[str]
    delimiter: str


def read_header(path: Path, delimiter: str | None = None) -> Header:
    """A file's header, read with the delimiter given or else with the one of `DELIMITERS` that is there most often outside quotes.

    Raises:
        SourceError: unreadable, empty, or no CSV; names the line.
    """
    chosen = delimiter or _seen(path)
    try:
        names = next(csv.reader(decoded_lines(path, chosen), delimiter=chosen, strict=True), None)
    except csv.Error as problem:
        raise SourceError(f"not CSV: {problem}", line=1, fix="check the quotes") from None
    if names is None:
        raise SourceError("the file is empty", line=1, fix="the first line must name the columns")
    return Header(names, chosen)


def _seen(path: Path) -> str:
    first = QUOTED.sub("", next(decoded_lines(path, DELIMITERS[0]), ""))
    return max(DELIMITERS, key=first.count)
