"""Rows of the messages room: what is to be said to whom, and how far it has come.

`Message.state` moves `queued → sent → delivered`, or ends as `failed` (refused for good) or `expired` (given up); it never goes back.
The text is sealed to a public key when queued, so whoever queues cannot read it; it is wiped as soon as a carrier has it or nobody will.
"""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db import Base, Bytes32, UtcSeconds, one_of

Channel = Literal["email", "sms", "zalo"]
CHANNELS: tuple[str, ...] = get_args(Channel)
State = Literal["queued", "sent", "delivered", "failed", "expired"]
STATES: tuple[str, ...] = get_args(State)
FINAL = ("delivered", "failed", "expired")
"""States nothing leaves any more."""
LOST = ("failed", "expired")
"""Those of them in which nobody got it."""


class MessageKey(Base):
    """A public key that texts are sealed to; its private half is a file of the process that delivers.

    Attributes:
        id: the X25519 public key.
        created_s: when it was made known; the newest is used.
    """

    __tablename__ = "message_key"
    __table_args__ = (CheckConstraint("octet_length(id) = 32", "id_is_32_bytes"),)

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    created_s: Mapped[UtcSeconds]


class Message(Base):
    """One message to one address.

    Attributes:
        key: the caller's own name for it, for example `signing-code/<id>`; the same key is the same message, once. No secret.
        handle: 32 random hexadecimal digits a carrier knows it by: it makes a second sending of the same message recognisable.
        address: an e-mail address, or a telephone number with its country; personal data, None once erased.
        subject: of an e-mail; no secret in it. Empty for other channels.
        body: the text, sealed to `sealed_to`; None once a carrier has it or nobody will.
        about: the agreement or the service request it concerns, else the party it is for; None for a unit's desk, and of old.
        tries: times it was handed to a carrier, counted before it leaves.
        next_try_s: not before this moment, Unix seconds.
        until_s: worthless after this moment; None leaves it to the patience of who delivers.
        reason: why it is still queued, failed or expired, in words that show neither text nor secrets.
        reference: the carrier's own name for it.
        sent_s, ended_s: when a carrier took it; when it came to its last state.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), "channel_is_known"),
        CheckConstraint(one_of("state", STATES), "state_is_known"),
        CheckConstraint("(state = 'queued') = (body IS NOT NULL)", "text_is_kept_while_queued"),
        CheckConstraint(f"({one_of('state', FINAL)}) = (ended_s IS NOT NULL)", "end_has_its_time"),
        CheckConstraint("state NOT IN ('failed', 'expired') OR reason IS NOT NULL", "failure_says_why"),
        CheckConstraint("state <> 'queued' OR address IS NOT NULL", "queued_has_address"),
        CheckConstraint("handle ~ '^[0-9a-f]{32}$'", "handle_is_hexadecimal"),
        CheckConstraint("tries >= 0", "tries_count_up"),
        Index("ix_message_due", "next_try_s", "id", postgresql_where="state = 'queued'"),
        Index("ix_message_about", "about", postgresql_where="about IS NOT NULL"),
        Index("ix_message_reference", "channel", "reference", postgresql_where="reference IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    handle: Mapped[str] = mapped_column(Text, unique=True)
    channel: Mapped[Channel] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_to: Mapped[Bytes32] = mapped_column(ForeignKey("message_key.id"))
    about: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(Text, default="queued")
    tries: Mapped[int] = mapped_column(BigInteger, default=0)
    next_try_s: Mapped[UtcSeconds]
    until_s: Mapped[UtcSeconds | None]
    reason: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    queued_s: Mapped[UtcSeconds]
    sent_s: Mapped[UtcSeconds | None]
    ended_s: Mapped[UtcSeconds | None]
