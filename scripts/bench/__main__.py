"""`make bench`: every ratio against its named peer, measured side by side in one run on this machine.

A row names what is done, our figure, the peer's and the ratio; ✓ says that the aim is reached. Name parts (`PARTS`) to measure only those;
`--json` writes the rows for a machine.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from scripts.bench.rows import Row

PARTS = ("protocol", "chain", "clearing", "rendering", "sealing")
PRINTED_WIDTH = 190
"""Columns when nobody watches: a log has no edge to fold at."""


def main(arguments: list[str]) -> int:
    """Measures the named parts, all without a name; exit code 2 for an unknown one. A missed aim is shown, never hidden, and no failure."""
    as_json = "--json" in arguments
    parts = [part for part in arguments if part != "--json"] or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        print(f"bench: no part {unknown[0]!r} – name any of {', '.join(PARTS)}", file=sys.stderr)
        return 2
    console = Console(stderr=True)
    rows: list[Row] = []
    for part in parts:
        with console.status(f"measuring {part} …"):
            rows += importlib.import_module(f"scripts.bench.{part}").run()
    if as_json:
        print(json.dumps([{**asdict(row), "ratio": row.ratio, "met": row.met} for row in rows], ensure_ascii=False))
    else:
        Console(width=None if sys.stdout.isatty() else PRINTED_WIDTH).print(table(rows))
    return 0


def table(rows: list[Row]) -> Table:
    """The rows as people read them."""
    shown = Table(title=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", title_justify="left")
    for heading in ("", "what", "ours", "theirs", "unit", "ratio", "aim", "peer"):
        shown.add_column(heading, justify="right" if heading in ("ours", "theirs", "ratio", "aim") else "left")
    for row in rows:
        peer = f"{row.peer}; {row.note}" if row.note else row.peer
        aim, mark = (f"{row.aim:g}×", "✓" if row.met else "✗") if row.aim else ("–", "")
        shown.add_row(mark, row.name, f"{row.ours:,.0f}", f"{row.theirs:,.0f}", row.unit, f"{row.ratio:,.1f}×", aim, peer)
    return shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
