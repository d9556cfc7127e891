"""The transparency log: entries, signed checkpoints, and proofs that an entry is in it and that it only grew."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import select

from api.answers import Answer, Bytes, Bytes32, Count, Page, Time, Transaction
from api.deps import SessionAsked
from api.downloads import TLOG_PROOF, attachment
from api.paging import PageAsked, page_of
from ledger.errors import NotFoundError
from ledger.transparency.model import LogCheckpoint, LogEntry
from ledger.transparency.queries import consistency, inclusion, latest_checkpoint, portable_proof, size_of_log

router = APIRouter(prefix="/api/v1/log", tags=["log"])

LARGEST = 2**53
IndexAsked = Annotated[int, Query(ge=0, lt=LARGEST, description="The entry's place in the log, from 0.", examples=[0])]
SizeAsked = Annotated[int | None, Query(ge=1, le=LARGEST, description="Size of the log; the present one without it.", examples=[1])]
OldAsked = Annotated[int, Query(ge=1, le=LARGEST, description="Size of the log before.", examples=[1])]
NewAsked = Annotated[int | None, Query(ge=1, le=LARGEST, description="Size of the log after; the present one without it.", examples=[1])]


class EntryAnswer(Answer):
    """One entry; `data` is all that is hashed, the other fields repeat it."""

    index: Count
    unit: Bytes32
    sequence: Count
    event: str = Field(description="sealed, issued, superseded, terminated, revoked or erased.", examples=["sealed"])
    document: Bytes32
    data: Bytes = Field(description="The logged bytes: canonical JSON.")
    leaf_hash: Bytes32


class CheckpointAnswer(Answer):
    """A signed size and root of the log."""

    size: Count
    root: Bytes32
    note: str = Field(description="C2SP's form, with the log's signature and witnesses'.", examples=["sonang/…\n48\n…"])
    signed: Time
    transaction: Transaction | None = Field(description="The transaction that anchors it; null while none was asked for.")

    @classmethod
    def of(cls, row: LogCheckpoint) -> CheckpointAnswer:
        """The answer about a row."""
        return cls.model_validate(
            {"size": row.size, "root": row.root, "note": row.note.decode(), "signed": row.signed_s, "transaction": row.intent}
        )


class InclusionAnswer(Answer):
    """The nodes of a proof, in the order of RFC 9162, and what it is of."""

    index: Count
    size: Count
    hashes: list[Bytes32]


class ConsistencyAnswer(Answer):
    """The nodes of a proof, in the order of RFC 9162, and what it leads from and to."""

    old: Count
    new: Count
    hashes: list[Bytes32]


@router.get("/entries")
def list_entries(session: SessionAsked, paging: PageAsked) -> Page[EntryAnswer]:
    """The whole log, in its order."""
    rows, following = page_of(session, select(LogEntry), [LogEntry.index], paging)
    return Page(items=[EntryAnswer.model_validate(row) for row in rows], next=following)


@router.get("/checkpoints")
def list_checkpoints(session: SessionAsked, paging: PageAsked) -> Page[CheckpointAnswer]:
    """Every signed checkpoint, smallest first."""
    rows, following = page_of(session, select(LogCheckpoint), [LogCheckpoint.size], paging)
    return Page(items=[CheckpointAnswer.of(row) for row in rows], next=following)


@router.get("/checkpoint")
def newest_checkpoint(session: SessionAsked) -> CheckpointAnswer:
    """The largest signed checkpoint."""
    return CheckpointAnswer.of(latest_checkpoint(session))


@router.get("/proof")
def inclusion_proof(session: SessionAsked, index: IndexAsked = 0, size: SizeAsked = None) -> InclusionAnswer:
    """Proves that an entry stands at its place in the log of a size."""
    upto = size or size_of_log(session)
    return InclusionAnswer.model_validate({"index": index, "size": upto, "hashes": inclusion(session, index, upto)})


@router.get("/consistency")
def consistency_proof(session: SessionAsked, old: OldAsked = 1, new: NewAsked = None) -> ConsistencyAnswer:
    """Proves that the log only grew from one size to another."""
    upto = new or size_of_log(session)
    return ConsistencyAnswer.model_validate({"old": old, "new": upto, "hashes": consistency(session, old, upto)})


@router.get("/tlog-proof", response_class=Response, responses=TLOG_PROOF)
def tlog_proof(session: SessionAsked, index: IndexAsked = 0) -> Response:
    """A file that proves an entry under the newest checkpoint to whoever has the log's and the witnesses' keys, offline."""
    entry = session.get(LogEntry, index)
    if entry is None:
        raise NotFoundError(f"no entry {index}", field="index", fix="take an index from /api/v1/log/entries")
    proof = portable_proof(session, entry).to_bytes()
    return attachment(proof, "application/octet-stream", f"{entry.document.hex()[:12]}-{entry.event}.tlog-proof")
