"""What is said at the end of a day: a table for people in Vietnamese and English, the same as plain JSON values, and the report's files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ledger.day.figures import dong, kwh, written
from ledger.day.page import render_page
from ledger.day.period import days_of
from ledger.day.report import Report
from ledger.errors import InputError
from ledger.invocation import as_typed, command, near

__all__ = ["page_beside", "print_summary", "summary", "write_report"]


def write_report(report: Report, file: Path) -> Path:
    """Writes the report as JSON and, beside it, as one HTML page; returns the page's path, as `page_beside`.

    Sums are JSON integers, exact whatever their size: the standard library writes them, as orjson stops at 64 bits.
    """
    page = page_beside(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    _write(file, f"{json.dumps(report, ensure_ascii=False, indent=2)}\n".encode())
    _write(page, render_page(report).encode())
    return page


def page_beside(file: Path) -> Path:
    """Where the page of a report goes.

    Raises:
        InputError: the report itself is to go there.
    """
    page = file.with_suffix(".html")
    if page == file:
        raise InputError(f"{file.name} is where the page goes", field="--report", fix="name a .json file; the page is written beside it")
    return page


def summary(report: Report, file: Path) -> dict[str, Any]:
    """The report in short, as plain JSON values."""
    days = days_of(report)
    checks = [check for day in days for check in day["checks"]]
    return {
        "zone": report["zone"],
        "from": days[0]["date"],
        "to": days[-1]["date"],
        "days": len(days),
        "homes": len(report["positions"]),
        "units": sum(len(day["slots"]) for day in days),
        "agreements": len(report["agreements"]),
        "totals": report["totals"],
        "checks": len(checks),
        "checks_that_hold": sum(check["holds"] for check in checks),
        "evidence": days[-1]["evidence"],
        "trust_block": days[-1]["chain"]["trust_block"],
        "report": str(file),
        "page": str(page_beside(file)),
    }


def print_summary(console: Console, report: Report, file: Path, *, record: Path | None = None) -> None:
    """The table, the block hash to trust and where everything is; `record` is the deployment record when a reader must name it."""
    short = summary(report, file)
    first, last = written(short["from"]), written(short["to"])
    when = first if first == last else f"{first} – {last}"
    table = Table(title=f"Sổ Nắng · {short['zone']} · {when}", title_style="bold", box=None, show_header=False, pad_edge=False)
    table.add_column()
    table.add_column(style="dim")
    table.add_column(justify="right")
    for vi, en, value in _rows(short):
        table.add_row(vi, en, value)
    console.print(table)
    trust = short["trust_block"]
    words = f"\nMã băm cần tin cậy, của khối số {trust['number']} · the block hash to trust, of block {trust['number']}:\n  {trust['hash']}"
    console.print(words, markup=False, soft_wrap=True)
    if short["evidence"]:
        named = () if record is None else ("--deployment", near(record))
        console.print("Kiểm chứng ngoại tuyến · verify offline:", markup=False)
        for one in short["evidence"]:
            line = command("verify", "--bundle", near(Path(one["file"])), "--trust-block", trust["hash"], *named)
            console.print(f"  {line}", markup=False, soft_wrap=True)
    console.print(f"Báo cáo · report: {as_typed(file)}, {as_typed(page_beside(file))}", markup=False, soft_wrap=True)


def _rows(short: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    totals = short["totals"]
    yield "Hộ · hợp đồng · chu kỳ", "homes · agreements · units", f"{short['homes']} · {short['agreements']} · {short['units']}"
    yield "Phát lên lưới", "exported", f"{kwh(totals['export_wh'])} kWh"
    yield "Nhận từ lưới", "imported", f"{kwh(totals['import_wh'])} kWh"
    yield "Giao dịch trong cộng đồng", "traded among neighbours", f"{kwh(totals['traded_wh'])} kWh"
    yield "Bán cho điện lực", "sold to the utility", f"{kwh(totals['to_utility_wh'])} kWh"
    yield "Mua từ điện lực", "bought from the utility", f"{kwh(totals['from_utility_wh'])} kWh"
    yield "Bên mua trả", "buyers pay", f"{dong(totals['buyers_pay_mvnd'])} đ"
    yield "Bên bán nhận", "sellers get", f"{dong(totals['sellers_get_mvnd'])} đ"
    yield "Điện lực trả", "the utility pays", f"{dong(totals['utility_pays_mvnd'])} đ"
    yield "Điện lực thu", "the utility gets", f"{dong(totals['utility_gets_mvnd'])} đ"
    yield "Phép kiểm bảo toàn đúng", "conservation checks that hold", f"{short['checks_that_hold']} / {short['checks']}"


def _write(file: Path, content: bytes) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(file)
