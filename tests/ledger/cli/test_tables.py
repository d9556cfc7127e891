"""Codes are never cut: people copy them from a table, and two that differ only at their end would look the same."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from ledger.cli.tables import Code, listing, show_table

CODES = ("PE15000123456", "PE15000123457"), ("4Q7X-9D2K-M3PA-7RTB-0WZ5", "XSKC-2H0V-C329-PTS9-CNHQ")
WHY = "mail: 550 5.1.1 no such user, https://example.vn/why/a-very-long-address-without-any-space-in-it"


@pytest.mark.parametrize("width", [20, 80, 200])
def test_a_code_is_on_one_line_and_every_word_is_there(width: int) -> None:
    table = listing(Code("Khách hàng · Customer"), Code("Mã tra cứu · Code"), "Đã tới · Came to", "Lý do · Why")
    for label, code in zip(*CODES, strict=True):
        table.add_row(label, code, "chờ khách ký · waiting for the customer", WHY)
    out = StringIO()
    show_table(Console(file=out, width=width, highlight=False), table)
    shown = out.getvalue()
    for label, code in zip(*CODES, strict=True):
        assert any(label in line and code in line for line in shown.splitlines())
    assert "…" not in shown
    assert all(word in shown for word in ("550", "customer", "waiting"))
    assert max(map(len, shown.splitlines())) <= max(width, 80)
