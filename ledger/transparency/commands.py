"""Writing the log: an event with the rows that say it, a checkpoint over all entries, witnesses' cosignatures, the anchor on chain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import insert, select, text, tuple_
from sqlalchemy.orm import Session

from ledger.chain.model import OutboxIntent
from ledger.chain.outbox import Encoder, enqueue
from ledger.db import clock_s
from ledger.errors import NotFoundError, ProtocolError, RuleError
from ledger.protocol.checkpoint import Checkpoint, Note, NoteKey, NoteSignature, NoteSigner, parse_note
from ledger.protocol.log import leaf_hash, tree_root
from ledger.protocol.log_nodes import completed
from ledger.transparency.before import SignedBefore, refuse_another_history
from ledger.transparency.model import LogCheckpoint, LogEntry, LogNode
from ledger.transparency.queries import CONTRACT, frontier, next_sequence, size_of_log
from ledger.transparency.rules import Entry, Event, parse_entry

_RESTORE = "restore the table log_entry from its backup, and see what differs with `sonang audit-log`; nothing is signed until then"
_SHORT = "the last signed checkpoint holds {} entries, {} are here: rows are missing"


@dataclass(frozen=True)
class DocumentEvent:
    """An event of a document to be logged.

    Attributes:
        unit: pseudonym of the utility's unit that keeps the document.
        digest: SHA-256 of the sealed file, or of the issued one where the event is that it was issued.
    """

    unit: bytes
    event: Event
    document: bytes
    digest: bytes


def log_event(session: Session, *, unit: bytes, event: Event, document: bytes, digest: bytes) -> LogEntry:
    """Appends an event of a document; the same event of the same document again changes nothing.

    Whoever appends holds the end of the log until its transaction ends, so that numbers have no gaps.

    Args:
        unit, digest: as in `DocumentEvent`.

    Raises:
        ProtocolError: an id or the digest is not 32 bytes.
    """
    said = select(LogEntry).where(LogEntry.document == document, LogEntry.event == event)
    known = session.scalars(said).one_or_none()
    if known is None:
        log_events(session, [DocumentEvent(unit, event, document, digest)])
        known = session.scalars(said).one()
    return known


def log_events(session: Session, said: Sequence[DocumentEvent]) -> int:
    """Appends many events in their order, those that are logged already left out; returns how many. Otherwise as `log_event`."""
    _hold_the_end(session)
    asked: dict[tuple[bytes, str], DocumentEvent] = {}
    for one in said:
        asked.setdefault((one.document, one.event), one)
    pairs = tuple_(LogEntry.document, LogEntry.event)
    for document, event in session.execute(select(LogEntry.document, LogEntry.event).where(pairs.in_(list(asked)))):
        asked.pop((document, event), None)
    size, rows = size_of_log(session), _rows(session, asked.values())
    for index, row in enumerate(rows, size):
        row["index"] = index
    nodes = completed(size, frontier(session, size), (cast(bytes, row["leaf_hash"]) for row in rows))
    inner = [{"level": level, "index": index, "hash": node} for (level, index), node in nodes]
    for table, values in ((LogEntry, rows), (LogNode, inner)):
        if values:
            session.execute(insert(table), values)
    return len(rows)


def _rows(session: Session, said: Collection[DocumentEvent]) -> list[dict[str, object]]:
    now, following = max(clock_s(session), _last_time(session)), dict[bytes, int]()
    rows: list[dict[str, object]] = []
    for one in said:
        sequence = following[one.unit] if one.unit in following else next_sequence(session, one.unit)
        following[one.unit] = sequence + 1
        data = Entry(one.unit, sequence, one.event, one.document, one.digest, now).to_bytes()
        named = {"unit": one.unit, "sequence": sequence, "event": one.event, "document": one.document}
        rows.append({**named, "data": data, "leaf_hash": leaf_hash(data)})
    return rows


def _last_time(session: Session) -> int:
    """When the last entry was logged: the log is dated in its order, though a clock is put back."""
    last = session.scalar(select(LogEntry.data).order_by(LogEntry.index.desc()).limit(1))
    try:
        return 0 if last is None else parse_entry(last).time
    except ProtocolError:
        return 0  # it was changed; signing a checkpoint says so


def sign_checkpoint(session: Session, signer: NoteSigner, before: Sequence[SignedBefore] = ()) -> LogCheckpoint:
    """Signs the log as it stands; the checkpoint of the same size again is the same.

    Args:
        signer: the log's key, named as the log (`queries.origin_of`).
        before: what is known elsewhere of the log; this database may have been put back from an older backup.

    Raises:
        NotFoundError: the log is empty, and was so before.
        RuleError: rows are missing or were changed, an earlier checkpoint does not fit them any more, or another key signed this size.
    """
    _hold_the_end(session)
    size = size_of_log(session)
    if size == 0 and not before:
        raise NotFoundError("the log is empty", field="log", fix="seal a document first")
    leaves = _hashed_again(session, size)
    _refuse_another_history(session, leaves)
    refuse_another_history(leaves, before)
    known = session.get(LogCheckpoint, size)
    if known is not None:
        if not signer.key().signed(parse_note(known.note)):
            raise RuleError(f"another key signed the log at {size}", field="key", fix="use that key, or log something first")
        return known
    checkpoint = Checkpoint(signer.name, size, tree_root(leaves))
    note = Note(checkpoint.text(), (signer.sign(checkpoint.text()),))
    row = LogCheckpoint(size=size, root=checkpoint.root, note=note.to_bytes(), signed_s=clock_s(session))
    session.add(row)
    session.flush()
    return row


def add_cosignature(session: Session, checkpoint: LogCheckpoint, witness: NoteKey, signature: NoteSignature) -> None:
    """Keeps a witness's cosignature under a checkpoint, one a witness.

    Raises:
        RuleError: the signature is not that witness's over this checkpoint.
    """
    note = parse_note(checkpoint.note)
    others = tuple(one for one in note.signatures if (one.name, one.key_id) != (signature.name, signature.key_id))
    signed = Note(note.text, (*others, signature))
    if witness.cosigned_at(signed) is None:
        raise RuleError(f"not a cosignature of {witness.name}", field="witness", fix="check the witness's published key")
    checkpoint.note = signed.to_bytes()
    session.flush()


def anchor_checkpoint(session: Session, calls: Encoder, checkpoint: LogCheckpoint) -> OutboxIntent:
    """Queues `DocumentLog.anchor` for a checkpoint; doing it again changes nothing."""
    intent = enqueue(
        session, calls, key=f"log/{checkpoint.size}", contract=CONTRACT, function="anchor", args=(checkpoint.size, checkpoint.root)
    )
    checkpoint.intent = intent
    session.flush()
    return intent


def _hashed_again(session: Session, size: int) -> list[bytes]:
    """The hashes of all entries, made from their bytes again: a changed row is noticed here, and nothing is signed over it.

    Raises:
        RuleError: rows are missing, or the bytes of one are not what its hash was made of.
    """
    leaves = list[bytes]()
    stored = select(LogEntry.index, LogEntry.data, LogEntry.leaf_hash).order_by(LogEntry.index)
    with session.execute(stored.execution_options(yield_per=5_000)) as rows:
        for index, data, leaf in rows:
            if index != len(leaves):
                raise RuleError(f"entry {len(leaves)} of {size} is missing", field="log", fix=_RESTORE)
            if leaf_hash(data) != leaf:
                raise RuleError(f"entry {index} was changed: its bytes do not give its hash", field="log", fix=_RESTORE)
            leaves.append(leaf)
    return leaves


def _refuse_another_history(session: Session, leaves: list[bytes]) -> None:
    """A log whose rows were changed must not sign a second history: what it signed before has to be a beginning of what it signs now."""
    last = session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size.desc()).limit(1)).one_or_none()
    if last is not None and (last.size > len(leaves) or tree_root(leaves[: last.size]) != last.root):
        raise RuleError(
            f"the entries no longer give the root signed at {last.size}"
            if last.size <= len(leaves)
            else _SHORT.format(last.size, len(leaves)),
            field="log",
            fix=_RESTORE,
        )


def _hold_the_end(session: Session) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('sonang log'))"))
