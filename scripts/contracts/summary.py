"""What is said of the contracts: a table for people in Vietnamese and English, and the commands that check them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.rules import local_date
from ledger.evidence.words import STATUSES
from ledger.invocation import command
from ledger.protocol.quantities import hex0x
from scripts.contracts.outcome import Line, Outcome

__all__ = ["print_contracts"]

PADES = "PAdES "
WAYS = {
    "otp": ("mã dùng một lần", "one-time code"),
    "passkey": ("khoá truy cập", "passkey"),
    "wallet": ("ví", "wallet"),
    "smart-account": ("ví hợp đồng", "smart account"),
    "certificate": ("chứng thư công ty", "company certificate"),
}
KINDS = {
    "supply-residential": ("Mua điện sinh hoạt", "household supply"),
    "supply-non-residential": ("Mua điện sản xuất", "business supply"),
    "amendment-annex": ("Phụ lục sửa đổi", "annex"),
    "termination-minutes": ("Thanh lý hợp đồng", "winding-up"),
    "rooftop-surplus-sale": ("Bán điện mái nhà", "surplus sale"),
}
"""In short; their full titles are longer than a column."""
OWN, ATTESTED = ("khoá riêng", "own key"), ("điện lực xác nhận", "attested")
PDFSIG = (
    "  pdfsig nói Not total document signed vì mỗi chữ ký phủ bản của mình, sau đó còn chữ ký khác; Certificate issuer is unknown vì nó "
    "chưa được cho biết chứng thư gốc; và không đọc được dấu thời gian lưu trữ (chữ ký 3, năm 1970): đều đúng như vậy, xem docs/sealing.md",
    "  pdfsig says Not total document signed since each signature covers its own revision and others follow, Certificate issuer is unknown "
    "since nobody told it the root, and cannot read the archive stamp (signature 3, 1970): all as it should be, see docs/sealing.md",
)
COLUMNS = ("Văn bản\nDocument", "Khách ký bằng\nCustomer signed by", "PAdES", "Nhật ký\nLog", "Trên chuỗi\nOn chain")


def print_contracts(console: Console, found: Outcome) -> None:
    """The table, the checkpoint and the commands."""
    table = Table(title="Hợp đồng điện tử · E-contracts", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for title in COLUMNS:
        table.add_column(title, justify="right" if title.endswith("Log") else "left")
    for line in found.lines:
        table.add_row(_below(KINDS[line.kind]), _signed_by(line), line.level.removeprefix(PADES), str(line.index), _state(line))
    if found.sales:
        first, places = found.sales[0], [one.index for one in found.sales]
        levels = sorted({one.level.removeprefix(PADES) for one in found.sales})
        many = _below(f"{len(found.sales)} × {words}" for words in KINDS[first.kind])
        table.add_row(many, _signed_by(first), ", ".join(levels), f"{min(places)}–{max(places)}", _state(first))
    console.print()
    console.print(table)
    witnesses = f"{found.cosigned} nhân chứng · witnesses, đã neo · anchored"
    words = f"\nĐiểm kiểm nhật ký · checkpoint of the log: {found.size} mục · entries, {witnesses}\n  {hex0x(found.root)}"
    console.print(words, markup=False, soft_wrap=True)
    console.print(f"Kiểm tra khi chuỗi chạy · check while the chain runs ({command('devchain', 'up')}):", markup=False, soft_wrap=True)
    for line_to_type in found.commands:
        console.print(f"  {line_to_type}", markup=False, soft_wrap=True)
    console.print("\n".join(PDFSIG), markup=False, soft_wrap=True, style="dim")


def _signed_by(line: Line) -> str:
    how = zip(WAYS[line.way], ATTESTED if line.attested else OWN, strict=True)
    return _below(", ".join(words) for words in how)


def _state(line: Line) -> str:
    shown = _below(STATUSES[line.state])
    if line.ends is None or line.ends_s is None:
        return shown
    return f"{shown}\n→ {local_date(line.ends_s, TIME_ZONE):%d/%m/%Y} {STATUSES[line.ends][1]}"


def _below(words: Iterable[str]) -> str:
    return "\n".join(words)
