"""Rows of the chain room: what we want said on chain, what we signed to say it, and what the chain was seen to say.

`OutboxIntent.state` moves `queued → sent → mined → final`; `failed` carries the reason. Commands write *queued*; the sender writes *sent*
once the signed bytes are stored, and *failed* when the chain refuses before that; only the indexer, which reads blocks, writes
*mined*, *final*, *failed* after a mined revert, and *sent* again when a reorganisation takes a block back. Nobody else touches the column:
rows of other rooms hold the intent's id and read it.
"""

from __future__ import annotations

import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db import Base, Bytes32, UtcSeconds

__all__ = ["CHANNEL", "STATES", "ChainEvent", "IndexedBlock", "OutboxIntent", "SentTransaction"]

STATES = ("queued", "sent", "mined", "final", "failed")

CHANNEL = "sonang_outbox"
"""The PostgreSQL notification that wakes the worker."""


class OutboxIntent(Base):
    """One contract call this installation wants on chain, written in the transaction that decided it.

    Attributes:
        key: the caller's own name for it, for example `anchor/<zone>/<start>/<version>`; the same key is the same call, once.
        calldata: selector and encoded arguments; nothing is encoded again later.
        state: one of `STATES`.
        error: why it failed, or what the node last said against it while it is *sent*; None otherwise.
        sender, nonce: the account and its transaction number once signed; an intent refused before sending has none and uses none up.
        gas_limit: gas its transactions may use.
        tx_hash: the mined transaction, or the newest signed one while nothing is mined.
        block_number, block_hash, gas_used: where it was mined; None before, and None again after a reorganisation.
    """

    __tablename__ = "outbox_intent"
    __table_args__ = (
        UniqueConstraint("sender", "nonce"),
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        CheckConstraint("state NOT IN ('mined', 'final') OR block_number IS NOT NULL", name="mined_has_block"),
        CheckConstraint("state NOT IN ('sent', 'mined', 'final') OR (nonce IS NOT NULL AND tx_hash IS NOT NULL)", name="sent_has_nonce"),
        CheckConstraint("state <> 'queued' OR nonce IS NULL", name="queued_has_no_nonce"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="failed_says_why"),
        CheckConstraint("octet_length(calldata) >= 4", name="calldata_has_selector"),
        Index("ix_outbox_intent_open", "state", "id", postgresql_where="state IN ('queued', 'sent', 'mined', 'failed')"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    contract: Mapped[str] = mapped_column(Text)
    function: Mapped[str] = mapped_column(Text)
    calldata: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text, default="queued")
    error: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[bytes | None] = mapped_column(LargeBinary(20))
    nonce: Mapped[int | None] = mapped_column(BigInteger)
    gas_limit: Mapped[int | None] = mapped_column(BigInteger)
    tx_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    block_number: Mapped[int | None] = mapped_column(BigInteger, index=True)
    block_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    gas_used: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class SentTransaction(Base):
    """Signed bytes, committed before they leave: after a crash the very same bytes go out again, so a call can never happen twice.

    One intent has several when a higher fee replaced the first; all share one sender and nonce, so the chain takes exactly one of them.
    """

    __tablename__ = "sent_transaction"
    __table_args__ = (CheckConstraint("octet_length(tx_hash) = 32", name="hash_length"),)

    tx_hash: Mapped[Bytes32] = mapped_column(primary_key=True)
    intent_id: Mapped[int] = mapped_column(ForeignKey("outbox_intent.id"), index=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    sender: Mapped[bytes] = mapped_column(LargeBinary(20))
    nonce: Mapped[int] = mapped_column(BigInteger)
    max_fee_wei: Mapped[int] = mapped_column(BigInteger)
    tip_wei: Mapped[int] = mapped_column(BigInteger)
    signed_at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class IndexedBlock(Base):
    """A block the indexer has taken in; its hash is how a reorganisation is noticed."""

    __tablename__ = "indexed_block"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[Bytes32]
    parent_hash: Mapped[Bytes32]
    timestamp: Mapped[UtcSeconds]


class ChainEvent(Base):
    """One event of our contracts, decoded.

    Attributes:
        contract: the contract's name in the deployment file.
        event: the event's name.
        args: arguments by name: integers as numbers, bytes as `0x…`, lists as lists.
    """

    __tablename__ = "chain_event"
    __table_args__ = (Index("ix_chain_event_kind", "contract", "event", "block_number"),)

    block_number: Mapped[int] = mapped_column(ForeignKey("indexed_block.number", ondelete="CASCADE"), primary_key=True)
    log_index: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    block_hash: Mapped[Bytes32]
    tx_hash: Mapped[Bytes32] = mapped_column(index=True)
    contract: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, object]] = mapped_column(JSONB)
