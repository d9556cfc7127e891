"""What came of the contracts, read back from the ledger, the chain's events and the log; and how an auditor checks it without us."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import standings
from ledger.agreements.states import Standing
from ledger.agreements.store import DocumentStore
from ledger.day.stage import Stage
from ledger.invocation import as_typed, command, near
from ledger.protocol.checkpoint import parse_note
from ledger.protocol.quantities import hex0x
from ledger.sealing.queries import job_of
from ledger.signing.queries import approvals_of
from ledger.transparency.queries import entry_about, latest_checkpoint
from scripts.contracts.run import Signed

__all__ = ["Line", "Outcome", "outcome"]


@dataclass(frozen=True)
class Line:
    """One document.

    Attributes:
        kind: of document.
        way: how its customer signed.
        attested: whether the chain marks that as the utility's word.
        level: of the issued file's PDF signatures, the lowest.
        index: of the log's entry that says it was issued.
        state: of `words.STATUSES`, by the chain's clock.
        ends, ends_s: what ends it before its time, while that is still to come; None when nothing does.
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
    ends: str | None
    ends_s: int | None
    issued_s: int
    code: str
    file: Path


@dataclass(frozen=True)
class Outcome:
    """The customers' documents, the day's sale agreements, and the newest checkpoint.

    Attributes:
        size, root, cosigned: of the checkpoint; by how many witnesses.
        commands: what an auditor types about the first document, and about the log.
    """

    lines: Sequence[Line]
    sales: Sequence[Line]
    size: int
    root: bytes
    cosigned: int
    commands: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        told = [{**asdict(line), "file": str(line.file)} for line in (*self.lines, *self.sales)]
        checkpoint = {"size": self.size, "root": hex0x(self.root), "cosigned": self.cosigned}
        return {"documents": told, "checkpoint": checkpoint, "commands": list(self.commands)}


def outcome(stage: Stage, made: Signed) -> Outcome:
    """Reads it back."""
    now = stage.now()
    with stage.sessions() as session:
        lines, sales = (_lines(session, stage.store, which, now) for which in (made.agreements, made.sales))
        head = latest_checkpoint(session)
        cosigned = len(parse_note(head.note).signatures) - 1
        return Outcome(lines, sales, head.size, head.root, cosigned, tuple(_commands(lines[0], made)))


def _lines(session: Session, store: DocumentStore, agreements: Sequence[bytes], at: int) -> list[Line]:
    said = standings(session, agreements)
    return [_line(session, store, session.get_one(AgreementRow, agreement), said[agreement], at) for agreement in agreements]


def _line(session: Session, store: DocumentStore, row: AgreementRow, said: Standing, at: int) -> Line:
    job, customer, (state, ends, ends_s) = job_of(session, row.id), row.signatories[0], _state(said, at)
    ways = [one.way for one in approvals_of(session, row.id) if one.party_id == customer.party_id]
    return Line(
        kind=row.kind,
        way=ways[0] if ways else "wallet",  # the day's owners sign with wallets, without a page
        attested=customer.party_id in said.attested,
        level=(job.level if job is not None else None) or "–",
        index=entry_about(session, row.id, "issued").index,
        state=state,
        ends=ends,
        ends_s=ends_s,
        issued_s=(job.issued_s if job is not None else None) or 0,
        code=row.lookup_code,
        file=store.issued_path(row.id),
    )


def _state(said: Standing, at: int) -> tuple[str, str | None, int | None]:
    """Whether it is in force, and what ends it before its time."""
    if said.in_force(at):
        return "in-force", *((said.status, said.end) if said.ended_at is not None else (None, None))
    if at < said.valid_from:
        return "not-yet-in-force", None, None
    return ("expired" if said.ended_at is None or said.ended_at > said.valid_to else said.status), None, None


def _commands(line: Line, made: Signed) -> Iterator[str]:
    file, root = near(line.file), near(made.authority.root)
    keys = [word for key in made.watchers.keys for word in ("--witness-key", key)]
    yield command("verify", file)
    yield command("audit-log", "--log-key", made.log_key, *keys)
    yield command("evidence", "--code", line.code, "--output", near(line.file.parents[1] / "evidence" / f"{line.code}.zip"))
    yield command("retention", "list")
    later = datetime.fromtimestamp(line.issued_s + 1, UTC).isoformat()
    trust = ["--trust", root, "--trust-replace", "--validation-time", later]
    for checked in ("validate", "adesverify"):
        yield shlex.join([near(Path(sys.executable).with_name("pyhanko")), "sign", checked, *trust, file])
    yield f"pdfsig {as_typed(line.file)}"
