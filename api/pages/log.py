"""The page of the log: its newest checkpoints, its last entries, what was issued each day, and how to audit it all without us."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.access import current_customer
from api.deps import SessionAsked
from api.pages.views import page
from ledger.agreements.model import Signatory
from ledger.errors import AccessError
from ledger.protocol.checkpoint import parse_checkpoint, parse_note
from ledger.protocol.quantities import hex0x
from ledger.sealing.model import IssueJob
from ledger.transparency.model import LogCheckpoint, LogEntry
from ledger.transparency.queries import size_of_log
from ledger.transparency.rules import parse_entry

__all__ = ["ANCHORS", "EVENTS", "EntryShown", "entries_about", "router"]

router = APIRouter()

LAST, DAYS, DAY_S, EAST_S = 20, 30, 86_400, 25_200
"""Entries and days shown; a day begins at midnight in Việt Nam, seven hours before it does in UTC."""
EVENTS: Mapping[str, str] = {
    "sealed": "Đã ký đủ · Signed by all",
    "issued": "Đã phát hành · Issued",
    "superseded": "Được thay thế · Superseded",
    "terminated": "Chấm dứt · Terminated",
    "revoked": "Thu hồi · Revoked",
    "erased": "Đã xoá theo luật · Lawfully erased",
}
ANCHORS: Mapping[str | None, str] = {
    None: "chưa neo · not anchored yet",
    "queued": "đang chờ gửi · waiting to be sent",
    "sent": "đã gửi · sent",
    "mined": "đã vào khối · mined",
    "final": "đã neo chắc chắn · anchored for good",
    "failed": "neo không được · anchoring failed",
}


@dataclass(frozen=True)
class EntryShown:
    """An entry as people read it.

    Attributes:
        covered: whether a checkpoint covers it, so that it has a proof file.
        anchor: how far the chain is with the smallest checkpoint that covers it; None when it was not asked to anchor one.
        own: whether it is about a document of the customer who is signed in.
    """

    index: int
    event: str
    document: str
    time: int
    covered: bool
    anchor: str | None
    own: bool


@dataclass(frozen=True)
class CheckpointShown:
    """A checkpoint as people read it; `witnesses` are the names beside the log's own that signed it."""

    size: int
    root: str
    signed: int
    witnesses: Sequence[str]
    anchor: str | None


@router.get("/log", response_class=HTMLResponse)
def log(request: Request, session: SessionAsked) -> Response:
    """The log for people: nothing of it names anybody."""
    rows = session.scalars(select(LogEntry).order_by(LogEntry.index.desc()).limit(LAST)).all()
    heads = session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(LAST)).all()
    return page(
        "log.html",
        size=size_of_log(session),
        checkpoints=[_checkpoint(one) for one in heads],
        entries=_shown(session, rows, _own(request, session)),
        issued=issued_by_day(session, int(time.time())),
        events=EVENTS,
        anchors=ANCHORS,
        server=str(request.base_url).rstrip("/"),
    )


def entries_about(session: Session, document: bytes) -> list[EntryShown]:
    """What the log says of one document, in its order."""
    rows = session.scalars(select(LogEntry).where(LogEntry.document == document).order_by(LogEntry.index)).all()
    return _shown(session, rows, {document})


def issued_by_day(session: Session, now_s: int) -> list[tuple[int, int]]:
    """How many documents were issued on each of the last days, by the day's first second; none when none was."""
    today = (now_s + EAST_S) // DAY_S
    number = (IssueJob.issued_s + EAST_S) // DAY_S
    wanted = select(number, func.count()).where(IssueJob.issued_s >= (today - DAYS + 1) * DAY_S - EAST_S).group_by(number)
    counted = {day: count for day, count in session.execute(wanted) if day is not None}
    return [(day * DAY_S - EAST_S, counted.get(day, 0)) for day in range(today - DAYS + 1, today + 1)] if counted else []


def _own(request: Request, session: Session) -> set[bytes]:
    """The documents of the customer who is signed in; none when nobody is."""
    try:
        customer = current_customer(request, session)
    except AccessError:
        return set()
    return set(session.scalars(select(Signatory.agreement_id).where(Signatory.party_id == customer.id)))


def _shown(session: Session, rows: Sequence[LogEntry], own: set[bytes]) -> list[EntryShown]:
    return [_entry(session, row, row.document in own) for row in rows]


def _entry(session: Session, row: LogEntry, own: bool) -> EntryShown:
    covering = select(LogCheckpoint).where(LogCheckpoint.size > row.index).order_by(LogCheckpoint.size)
    first = session.scalars(covering.limit(1)).one_or_none()
    anchored = session.scalars(covering.where(LogCheckpoint.intent_id.is_not(None)).limit(1)).one_or_none()
    state = None if anchored is None or anchored.intent is None else anchored.intent.state
    return EntryShown(row.index, row.event, hex0x(row.document), parse_entry(row.data).time, first is not None, state, own)


def _checkpoint(row: LogCheckpoint) -> CheckpointShown:
    note = parse_note(row.note)
    origin = parse_checkpoint(note.text).origin
    witnesses = sorted({one.name for one in note.signatures if one.name != origin})
    return CheckpointShown(row.size, hex0x(row.root), row.signed_s, witnesses, None if row.intent is None else row.intent.state)
