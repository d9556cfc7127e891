"""What is said of the contracts: a table, and the commands an auditor types to check them without us."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy.orm import Session

from ledger.agreements.kinds import kind_named
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import standings
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

WAYS = {
    "otp": ("mã dùng một lần", "one-time code"),
    "passkey": ("khoá truy cập", "passkey"),
    "wallet": ("ví", "wallet"),
    "smart-account": ("ví hợp đồng", "smart account"),
    "certificate": ("chứng thư công ty", "company certificate"),
}
OWN, ATTESTED = ("khoá riêng", "own key"), ("điện lực xác nhận", "attested by the utility")


@dataclass(frozen=True)
class Line:
    """One document.

    Attributes:
        kind: of document.
        way: how its customer signed.
        attested: whether the chain marks that as the utility's word.
        level: of the issued file's PDF signatures, the lowest.
        index: of the log's entry that says it was issued.
        state: what the chain says of it.
        code: the look-up code on its pages.
        file: the issued file.
    """

    kind: str
    way: str
    attested: bool
    level: str
    index: int
    state: str
    code: str
    file: Path


def lines_of(session: Session, store: DocumentStore, agreements: Sequence[bytes]) -> list[Line]:
    """The documents as the ledger, the log and the chain have them."""
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
                level=job.level or "–" if job is not None else "–",
                index=entry_about(session, agreement, "issued").index,
                state=said[agreement].status,
                code=row.lookup_code,
                file=store.issued_path(agreement),
            )
        )
    return found


def print_contracts(console: Console, stage: Stage, made: Signed) -> None:
    """The table and the commands."""
    with stage.sessions() as session:
        lines = lines_of(session, stage.store, made.agreements)
        sales = lines_of(session, stage.store, made.sales)
        head = latest_checkpoint(session)
        size, root, cosigned = head.size, head.root, len(parse_note(head.note).signatures) - 1
    table = Table(title="\nHợp đồng điện tử · E-contracts", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for title in ("văn bản · document", "khách ký bằng · customer signed by", "mức · level", "nhật ký · log", "trên chuỗi · on chain"):
        table.add_column(title, justify="right" if "log" in title else "left")
    for line in lines:
        vi, en = kind_named(line.kind).title_vi, _both(ATTESTED if line.attested else OWN)
        table.add_row(vi, f"{_both(WAYS[line.way])}, {en}", line.level, str(line.index), _both(STATUSES.get(line.state, (line.state,) * 2)))
    if sales:
        first = sales[0]
        span = f"{min(one.index for one in sales)}–{max(one.index for one in sales)}"
        levels = ", ".join(sorted({one.level for one in sales}))
        table.add_row(f"{len(sales)} × {kind_named(first.kind).title_vi}", f"{_both(WAYS['wallet'])}, {_both(OWN)}", levels, span, "")
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
    yield command("retention", "list")
    yield shlex.join([near(Path(sys.executable).with_name("pyhanko")), "sign", "validate", "--trust", root, "--trust-replace", file])
    yield f"pdfsig {as_typed(line.file)}"


def _both(words: tuple[str, str]) -> str:
    return " · ".join(words)
