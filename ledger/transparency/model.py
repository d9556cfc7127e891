"""Rows of the log: its entries, in order, their tree, and the checkpoints that were signed over them. None is ever changed or removed."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.chain.model import OutboxIntent
from ledger.db import Base, Bytes32, UtcSeconds
from ledger.transparency.rules import EVENTS


class LogEntry(Base):
    """One leaf of the log.

    Attributes:
        index: its place, from 0 without gaps.
        unit, sequence: the unit it belongs to, and its number among the unit's own.
        data, leaf_hash: the logged bytes, and their RFC 6962 leaf hash.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        UniqueConstraint("unit", "sequence"),
        UniqueConstraint("document", "event"),
        CheckConstraint("index >= 0 AND sequence >= 0", "places_count_from_0"),
        CheckConstraint("octet_length(leaf_hash) = 32 AND octet_length(unit) = 32 AND octet_length(document) = 32", "hashes_are_32_bytes"),
        CheckConstraint(f"event IN {EVENTS}", "event_is_known"),
    )

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    unit: Mapped[Bytes32]
    sequence: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(Text)
    document: Mapped[Bytes32]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[Bytes32]


class LogNode(Base):
    """An inner node of the log's tree that is complete and so never changes (`ledger.protocol.log_nodes`); the leaves are in `LogEntry`."""

    __tablename__ = "log_node"
    __table_args__ = (
        CheckConstraint("level > 0 AND index >= 0", "places_count_from_0"),
        CheckConstraint("octet_length(hash) = 32", "hash_is_32_bytes"),
    )

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[Bytes32]


class LogCheckpoint(Base):
    """A signed size and root.

    Attributes:
        note: the checkpoint in C2SP's form, with the log's signature and those of witnesses.
        intent: the transaction that anchors it, once asked for.
    """

    __tablename__ = "log_checkpoint"
    __table_args__ = (CheckConstraint("octet_length(root) = 32", "root_is_32_bytes"), CheckConstraint("size > 0", "size_is_not_none"))

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[Bytes32]
    note: Mapped[bytes] = mapped_column(LargeBinary)
    signed_s: Mapped[UtcSeconds]
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_intent.id"))
    intent: Mapped[OutboxIntent | None] = relationship()
