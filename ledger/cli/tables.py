"""Tables as every command shows them: nothing in a cell is left out, and a code stays on one line however narrow the screen is."""

from __future__ import annotations

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

__all__ = ["Code", "listing", "show_table"]

LONGEST = 16
"""Longer words than this are broken where there is no room."""
GAP = 2
"""Cells between two columns, at most."""


class Code(str):
    """Title of a column of codes, numbers or addresses: people copy them, and they differ in their last characters."""

    __slots__ = ()


def listing(*titles: str) -> Table:
    """An empty table; `show_table` prints it."""
    table = Table(box=None, pad_edge=False)
    for title in titles:
        code = isinstance(title, Code)
        table.add_column(title.replace(" · ", "\n") if code else title, no_wrap=code, overflow="fold", vertical="top")
    return table


def show_table(console: Console, table: Table) -> None:
    """Prints a table; where its codes alone are wider than the screen, its lines are too."""
    wide = console.options.update_width(10_000)
    for column in table.columns:
        cells = [Measurement.get(console, wide, cell) for cell in (column.header, *column.cells)]
        whole, word = max(cell.maximum for cell in cells), max(cell.minimum for cell in cells)
        column.min_width = whole if column.no_wrap else min(word, LONGEST)
    least = sum((column.min_width or 0) + GAP for column in table.columns)
    table.width = least if least > console.width else None
    console.print(table, crop=False)
