"""Reading the log: entries, checkpoints and proofs. A proof is made from the few nodes it needs, however long the log is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from ledger.chain.deployment import Deployment
from ledger.errors import InputError, NotFoundError
from ledger.protocol.checkpoint import parse_note
from ledger.protocol.log_nodes import Node, Span, consistency_spans, fold, inclusion_spans, nodes_of
from ledger.protocol.quantities import hex0x
from ledger.protocol.tlog_proof import TlogProof
from ledger.transparency.model import LogCheckpoint, LogEntry, LogNode

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


def frontier(session: Session, size: int) -> list[bytes]:
    """The hashes of `log_nodes.nodes_of((0, size))`: what the next entry is appended to."""
    nodes = nodes_of((0, size))
    known = _hashes(session, nodes)
    return [known[node] for node in nodes]


def root_at(session: Session, size: int) -> bytes:
    """The root of the log at a size.

    Raises:
        InputError: the log is not that large.
    """
    return _proof(session, size, [(0, size)])[0]


def inclusion(session: Session, index: int, size: int) -> tuple[bytes, ...]:
    """The proof that an entry stands at its place in the log of that size.

    Raises:
        InputError: the log is not that large.
        ProtocolError: the index is not below the size.
    """
    return _proof(session, size, inclusion_spans(index, size))


def consistency(session: Session, old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the log of the new size only appended to that of the old one.

    Raises:
        InputError: the log is not that large.
        ProtocolError: the old size is 0 or above the new one.
    """
    return _proof(session, new, consistency_spans(old, new))


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


def _proof(session: Session, size: int, spans: Sequence[Span]) -> tuple[bytes, ...]:
    held = size_of_log(session)
    if size > held:
        raise InputError(f"the log has {held} entries, not {size}", field="size", fix="ask for a size up to the log's")
    known = _hashes(session, [node for span in spans for node in nodes_of(span)])
    return tuple(fold(span, known) for span in spans)


def _hashes(session: Session, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
    """The hashes of complete nodes, the leaves' from the entries themselves."""
    leaves = [index for level, index in nodes if level == 0]
    inner = [node for node in nodes if node[0] > 0]
    known: dict[Node, bytes] = {}
    if leaves:
        found = session.execute(select(LogEntry.index, LogEntry.leaf_hash).where(LogEntry.index.in_(leaves)))
        known |= {(0, index): leaf for index, leaf in found}
    if inner:
        held = session.execute(select(LogNode.level, LogNode.index, LogNode.hash).where(tuple_(LogNode.level, LogNode.index).in_(inner)))
        known |= {(level, index): node for level, index, node in held}
    return known
