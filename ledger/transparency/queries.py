"""Reading the log: entries, checkpoints and proofs. A proof is made from all leaf hashes, so it costs one pass over the log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.chain.deployment import Deployment
from ledger.errors import InputError, NotFoundError
from ledger.protocol import log
from ledger.protocol.checkpoint import parse_note
from ledger.protocol.quantities import hex0x
from ledger.protocol.tlog_proof import TlogProof
from ledger.transparency.model import LogCheckpoint, LogEntry

CONTRACT = "DocumentLog"


def origin_of(deployment: Deployment) -> str:
    """The log's name in its checkpoints: the chain and the contract that anchors it; errors as `Deployment.address`."""
    return f"sonang/{deployment.chain_id}/{hex0x(deployment.address(CONTRACT))}"


def size_of_log(session: Session) -> int:
    """How many entries there are: one more than the last index."""
    return _after(session.scalar(select(func.max(LogEntry.index))))


def next_sequence(session: Session, unit: bytes) -> int:
    """The number a unit's next entry gets."""
    return _after(session.scalar(select(func.max(LogEntry.sequence)).where(LogEntry.unit == unit)))


def entries_from(session: Session, start: int, limit: int | None = None) -> Sequence[LogEntry]:
    """Entries from an index on, in order."""
    return session.scalars(select(LogEntry).where(LogEntry.index >= start).order_by(LogEntry.index).limit(limit)).all()


def entry_about(session: Session, document: bytes, event: str) -> LogEntry:
    """The entry that says an event of a document.

    Raises:
        NotFoundError: there is none.
    """
    found = session.scalars(select(LogEntry).where(LogEntry.document == document, LogEntry.event == event)).one_or_none()
    if found is None:
        raise NotFoundError(f"the log does not say that {hex0x(document)} was {event}", field="document", fix="check the id and the event")
    return found


def is_logged(session: Session, document: bytes, event: str) -> bool:
    """Whether the log says an event of a document."""
    said = select(LogEntry.index).where(LogEntry.document == document, LogEntry.event == event)
    return session.scalar(said) is not None


def leaf_hashes(session: Session, size: int) -> list[bytes]:
    """The first leaf hashes, in order.

    Raises:
        InputError: the log is not that large.
    """
    found = list(session.scalars(select(LogEntry.leaf_hash).where(LogEntry.index < size).order_by(LogEntry.index)))
    if len(found) != size:
        raise InputError(f"the log has {len(found)} entries, not {size}", field="size", fix="ask for a size up to the log's")
    return found


def inclusion(session: Session, index: int, size: int) -> tuple[bytes, ...]:
    """The proof that an entry stands at its place in the log of that size.

    Raises:
        InputError: the log is not that large.
        ProtocolError: the index is not below the size.
    """
    return log.inclusion_proof(leaf_hashes(session, size), index)


def consistency(session: Session, old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the log of the new size only appended to that of the old one.

    Raises:
        InputError: the log is not that large.
        ProtocolError: the old size is 0 or above the new one.
    """
    return log.consistency_proof(leaf_hashes(session, new), old)


def checkpoints(session: Session) -> Sequence[LogCheckpoint]:
    """Every signed checkpoint, smallest first."""
    return session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size)).all()


def latest_checkpoint(session: Session) -> LogCheckpoint:
    """The largest signed checkpoint.

    Raises:
        NotFoundError: none was signed.
    """
    found = session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1)).one_or_none()
    if found is None:
        raise NotFoundError("no checkpoint was signed yet", field="log", fix="run `sonang checkpoint`")
    return found


def portable_proof(session: Session, entry: LogEntry) -> TlogProof:
    """The proof of an entry under the latest checkpoint.

    Raises:
        NotFoundError: no checkpoint covers it yet.
    """
    head = latest_checkpoint(session)
    if entry.index >= head.size:
        raise NotFoundError(f"no checkpoint covers entry {entry.index} yet", field="log", fix="run `sonang checkpoint`")
    return TlogProof(entry.data, entry.index, inclusion(session, entry.index, head.size), parse_note(head.note))


def _after(last: int | None) -> int:
    return 0 if last is None else last + 1
