"""What is said of the contracts: a table, and the commands an auditor types to check them without us."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import standings
from ledger.agreements.rules import local_date
from ledger.agreements.states import Standing
from ledger.agreements.store import DocumentStore
from ledger.day.stage import Stage
from ledger.evidence.words import STATUSES
from ledger.invocation import as_typed, command, near
from ledger.protocol.checkpoint import parse_note
from ledger.protocol.quantities import hex0x
from ledger.sealing.queries import job_of
from ledger.signing.queries import approvals_of
from ledger.transparency.queries import entry_about, latest_checkpoint
from scripts.contracts.run import Signed

__all__ = ["Line", "lines_of", "print_contracts"]

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


@dataclass(frozen=True)
class Line:
    """One document.

    Attributes:
        kind: of document.
        way: how its customer signed.
        attested: whether the chain marks that as the utility's word.
        level: of the issued file's PDF signatures, the lowest.
        index: of the log's entry that says it was issued.
        state: what the chain says of it, in both languages.
        issued_s: when the file was issued, Unix seconds.
        code: the look-up code on its pages.
        file: the issued file.
    """

    kind: str
    way: str
    attested: bool
    level: str
    index: int
    state: str
    issued_s: int | None
    code: str
    file: Path


def lines_of(session: Session, store: DocumentStore, agreements: Sequence[bytes], at: int) -> list[Line]:
    """The documents as the ledger, the log and the chain have them at a moment of the chain's clock."""
    said = standings(session, agreements)
    found = []
    for agreement in agreements:
        row, job = session.get_one(AgreementRow, agreement), job_of(session, agreement)
        first = row.signatories[0]
        found.append(
            Line(
                kind=row.kind,
                way=next((one.way for one in approvals_of(session, agreement) if one.party_id == first.party_id), "wallet"),
                attested=first.evidence is not None,
                level=(job.level if job is not None else None) or "–",
                index=entry_about(session, agreement, "issued").index,
                state=_state(said[agreement], at),
                issued_s=job.issued_s if job is not None else None,
                code=row.lookup_code,
                file=store.issued_path(agreement),
            )
        )
    return found


def print_contracts(console: Console, stage: Stage, made: Signed) -> None:
    """The table and the commands."""
    with stage.sessions() as session:
        lines, sales = (lines_of(session, stage.store, which, stage.now()) for which in (made.agreements, made.sales))
        head = latest_checkpoint(session)
        size, root, cosigned = head.size, head.root, len(parse_note(head.note).signatures) - 1
    table = Table(title="Hợp đồng điện tử · E-contracts", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for title in ("Văn bản\nDocument", "Khách ký bằng\nCustomer signed by", "PAdES", "Nhật ký\nLog", "Trên chuỗi\nOn chain"):
        table.add_column(title, justify="right" if title.endswith("Log") else "left")
    for line in lines:
        how = zip(WAYS[line.way], ATTESTED if line.attested else OWN, strict=True)
        signed_by = _below(", ".join(words) for words in how)
        table.add_row(_below(KINDS[line.kind]), signed_by, line.level.removeprefix(PADES), str(line.index), line.state)
    if sales:
        places, levels = [one.index for one in sales], ", ".join(sorted({one.level.removeprefix(PADES) for one in sales}))
        how = zip(WAYS["wallet"], OWN, strict=True)
        many = (f"{len(sales)} × {words}" for words in KINDS[sales[0].kind])
        table.add_row(_below(many), _below(", ".join(words) for words in how), levels, f"{min(places)}–{max(places)}", sales[0].state)
    console.print()
    console.print(table)
    words = f"\nĐiểm kiểm nhật ký · checkpoint of the log: {size} mục · entries, {cosigned} nhân chứng · witnesses, đã neo · anchored"
    console.print(f"{words}\n  {hex0x(root)}", markup=False, soft_wrap=True)
    console.print("Kiểm tra khi chuỗi chạy · check while the chain runs (sonang devchain up):", markup=False)
    for words in commands(lines[0], made):
        console.print(f"  {words}", markup=False, soft_wrap=True)


def commands(line: Line, made: Signed) -> Iterator[str]:
    """What an auditor types about one document, and about the log."""
    file, root = near(line.file), near(made.authority.root)
    keys = [word for key in made.witness_keys for word in ("--witness-key", key)]
    yield command("verify", file)
    yield command("audit-log", "--log-key", made.log_key, *keys)
    yield command("evidence", "--code", line.code, "--output", f"{line.code}.zip")
    later = datetime.fromtimestamp((line.issued_s or 0) + 1, UTC).isoformat()
    trust = ["--trust", root, "--trust-replace", "--validation-time", later]
    for checked in ("validate", "adesverify"):
        yield shlex.join([near(Path(sys.executable).with_name("pyhanko")), "sign", checked, *trust, file])
    yield f"pdfsig {as_typed(line.file)}"


def _state(said: Standing, at: int) -> str:
    """Whether it is in force, and what ends it before its time."""
    if said.in_force(at):
        until = f"\n→ {local_date(said.end, TIME_ZONE):%d/%m/%Y} {STATUSES[said.status][1]}" if said.ended_at is not None else ""
        return _below(STATUSES["in-force"]) + until
    if said.valid_from > at:
        return _below(STATUSES["not-yet-in-force"])
    return _below(STATUSES.get(said.status, STATUSES["expired"]))


def _below(words: Iterable[str]) -> str:
    return "\n".join(words)
