"""What `sonang retention` answers, as JSON and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.rules import local_date
from ledger.life.model import Erasure, LegalHold
from ledger.life.retention import Retention
from ledger.life.rules import REASONS, TIME_ZONE
from ledger.parties.model import Party
from ledger.protocol.quantities import hex0x
from ledger.services.queries import request_by_id
from ledger.transparency.queries import entry_about, is_logged


def erasure_json(one: Erasure) -> dict[str, object]:
    """What is public of an erasure, and the digest the log's entry has."""
    digest = hex0x(sha256(one.record).digest())
    return {"agreement": hex0x(one.agreement_id), "reason": one.reason, "record": one.record.decode(), "digest": digest}


def shown_json(session: Session, one: Erasure) -> dict[str, object]:
    """The same with who decided it, when, and the number of the log's entry, None where it has none."""
    day = local_date(one.decided_s, TIME_ZONE).isoformat()
    return erasure_json(one) | {"by": one.by, "day": day, "entry": _entry(session, one.agreement_id)}


def all_shown(told: Iterable[Mapping[str, object]]) -> list[str]:
    """Each `shown_json` in words."""
    return [line for one in told for line in shown_lines(one)]


def shown_lines(told: Mapping[str, object]) -> list[str]:
    """`shown_json` in words; the record stands alone on its line, byte for byte."""
    logged = "không có trong nhật ký · not in the log" if told["entry"] is None else f"mục nhật ký · log entry {told['entry']}"
    return [
        f"{told['agreement']}  {told['day']}, {told['by']}: {' · '.join(REASONS[str(told['reason'])])}",
        f"  {told['record']}",
        f"  SHA-256 {told['digest']}, {logged}",
    ]


def due_json(session: Session, one: Retention) -> dict[str, object]:
    """A family whose time is over, by its first document's kind and code and its customers' codes; times in Unix seconds."""
    row = session.get_one(AgreementRow, one.family)
    people = sorted({place.party.label for place in row.signatories if place.party.role != "utility"})
    return {"kind": row.kind, "lookup_code": row.code, "customers": people} | _times_json(one)


def _times_json(one: Retention) -> dict[str, object]:
    return {"family": hex0x(one.family), "documents": one.documents, "ended": one.end, "kept_until": one.until, "years": one.years}


def hold_json(one: LegalHold) -> dict[str, object]:
    """A hold, standing or lifted."""
    return {
        "hold": one.id,
        "family": None if one.family is None else hex0x(one.family),
        "party": None if one.party_id is None else hex0x(one.party_id),
        "request": None if one.request is None else hex0x(one.request),
        "reason": one.reason,
        "by": one.placed_by,
        "since": one.placed_s,
        "lifted": one.lifted_s,
    }


def due_lines(session: Session, due: Sequence[Retention]) -> list[str]:
    """What is due, in words."""
    if not due:
        return ["", "Không có tài liệu nào đến hạn xoá · Nothing is due for erasure"]
    lines = ["", f"Đến hạn xoá · Due for erasure: {len(due)}"]
    for one in due:
        ended, until = (local_date(moment, TIME_ZONE) for moment in (one.end, one.until))
        told = due_json(session, one)
        who = ", ".join(map(str, told["customers"])) if isinstance(told["customers"], list) else ""
        lines.append(f"  {told['lookup_code'] or hex0x(one.family)}  {told['kind']}, {who}")
        lines.append(f"    tài liệu · documents: {one.documents}; hết hiệu lực · ended {ended}; giữ đến · kept until {until}")
    return lines


def hold_lines(session: Session, held: Sequence[LegalHold]) -> list[str]:
    """What is held and why, in words."""
    if not held:
        return ["", "Không có lệnh giữ nào · No legal hold stands"]
    lines = [f"Lệnh giữ · Legal holds: {len(held)}"]
    for one in held:
        since = f"từ · since {local_date(one.placed_s, TIME_ZONE)}, bởi · by {one.placed_by}"
        lines.append(f"  {one.id}  {_held(session, one)}, {since}: {one.reason}")
    return lines


def _held(session: Session, one: LegalHold) -> str:
    if one.party_id is not None:
        return f"bên · party {session.get_one(Party, one.party_id).label}"
    if one.request is not None:
        return f"yêu cầu · request {request_by_id(session, one.request).number}"
    return f"họ văn bản · family {hex0x(one.family or b'')}"


def _entry(session: Session, agreement: bytes) -> int | None:
    return entry_about(session, agreement, "erased").index if is_logged(session, agreement, "erased") else None
