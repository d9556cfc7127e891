"""Rows: requests with what was given, the steps they went through, when their clock stood still, every act on them, and their documents.

What a request holds about its customer is personal data: it stays in these tables and is wiped by `commands.forget_party`.
"""

from __future__ import annotations

import datetime
from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.agreements.model import AgreementRow
from ledger.db import Base, Bytes32, UtcSeconds, one_of
from ledger.messages.model import Channel
from ledger.parties.model import Party, Unit
from ledger.services.catalogue import CHANNELS, PAUSING

State = Literal["open", "returned", "closed", "rejected", "withdrawn"]
STATES: tuple[str, ...] = get_args(State)
Who = Literal["customer", "staff", "system"]
WHO: tuple[str, ...] = get_args(Who)
RUNNING = ("open", "returned")


class Request(Base):
    """One request or review.

    Attributes:
        number: what people call it, counted up over the whole installation.
        service, service_from: the entry of `services.toml` it follows to its end.
        state: open (somebody works on it), returned (the customer has to give something), closed, rejected, withdrawn.
        step: code of the step it stands at; None once it has ended.
        unit: who handles it; None until it was routed.
        party: who asks, once known here; the owner of its documents.
        contract: the agreement it is about.
        received_s, clock_s, closed_s: when it came in, when its clock began, when it ended.
        deadline_days, due_s: the deadline, and when it is over as reckoned by the last act.
        step_due_s: when the step's share of it is over.
        paused_s: since when the clock stands still; None while it runs.
        version: counts the acts; whoever acts says which one they saw.
    """

    __tablename__ = "service_request"
    __table_args__ = (
        CheckConstraint("octet_length(id) = 32", "id_is_32_bytes"),
        CheckConstraint(one_of("state", STATES), "state_is_known"),
        CheckConstraint(one_of("channel", tuple(CHANNELS)), "channel_is_known"),
        CheckConstraint(f"(step IS NOT NULL) = ({one_of('state', RUNNING)})", "running_has_a_step"),
        CheckConstraint("deadline_days > 0 AND version > 0", "counts_are_above_0"),
        Index("ix_service_request_due", "due_s", postgresql_where=text("step IS NOT NULL")),
        Index("ix_service_request_unit", "unit_id", "number"),
    )

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    service: Mapped[str] = mapped_column(Text)
    service_from: Mapped[datetime.date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    step: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[bytes | None] = mapped_column(ForeignKey("unit.id"))
    party_id: Mapped[bytes | None] = mapped_column(ForeignKey("party.id"), index=True)
    contract_id: Mapped[bytes | None] = mapped_column(ForeignKey("agreement.id"))
    metering_point: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    received_s: Mapped[UtcSeconds]
    clock_s: Mapped[UtcSeconds]
    deadline_days: Mapped[int]
    due_s: Mapped[UtcSeconds]
    step_due_s: Mapped[UtcSeconds]
    paused_s: Mapped[UtcSeconds | None]
    closed_s: Mapped[UtcSeconds | None]
    changed_s: Mapped[UtcSeconds]
    version: Mapped[int]
    unit: Mapped[Unit | None] = relationship()
    party: Mapped[Party | None] = relationship()
    contract: Mapped[AgreementRow | None] = relationship()
    inputs: Mapped[list[RequestInput]] = relationship(order_by="RequestInput.name", cascade="all, delete-orphan")
    steps: Mapped[list[RequestStep]] = relationship(order_by="RequestStep.place", cascade="all")
    pauses: Mapped[list[RequestPause]] = relationship(order_by="RequestPause.began_s, RequestPause.id", cascade="all")
    acts: Mapped[list[RequestAct]] = relationship(order_by="RequestAct.version", cascade="all")
    documents: Mapped[list[RequestDocument]] = relationship(order_by="RequestDocument.place", cascade="all")


class RequestInput(Base):
    """A value given with the request or written down at a step: canonical JSON by the field's name.

    Attributes:
        step: where it was written down; None for what came with the request.
    """

    __tablename__ = "service_input"

    request_id: Mapped[Bytes32] = mapped_column(ForeignKey("service_request.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    step: Mapped[str | None] = mapped_column(Text)


class RequestStep(Base):
    """A step a request stood at, once for every time it did.

    Attributes:
        allowance_s: its share of the deadline, in working seconds.
        ended_as: the verb that ended it; None while it stands there.
    """

    __tablename__ = "service_step"
    __table_args__ = (CheckConstraint("(ended_s IS NULL) = (ended_as IS NULL)", "ended_by_something"),)

    request_id: Mapped[Bytes32] = mapped_column(ForeignKey("service_request.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    began_s: Mapped[UtcSeconds]
    allowance_s: Mapped[UtcSeconds]
    ended_s: Mapped[UtcSeconds | None]
    ended_as: Mapped[str | None] = mapped_column(Text)


class RequestPause(Base):
    """A time the clock stood still; `ended_s` is None while it does."""

    __tablename__ = "service_pause"
    __table_args__ = (
        CheckConstraint(one_of("why", PAUSING), "why_is_known"),
        CheckConstraint("ended_s >= began_s", "pauses_run_forward"),
        Index("uq_service_pause_open", "request_id", unique=True, postgresql_where=text("ended_s IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    request_id: Mapped[Bytes32] = mapped_column(ForeignKey("service_request.id"), index=True)
    why: Mapped[str] = mapped_column(Text)
    began_s: Mapped[UtcSeconds]
    ended_s: Mapped[UtcSeconds | None]


class RequestAct(Base):
    """Something done about a request: by whom, when, through which channel.

    Attributes:
        actor: the staff member's account, the customer's pseudonym, or the program's part that did it.
        at_s, written_s: when it happened by the actor, for example when a paper came in; when it was written down by the database.
        note: the reason given, or what was changed; None when there is nothing to say.
    """

    __tablename__ = "service_act"
    __table_args__ = (
        UniqueConstraint("request_id", "version"),
        CheckConstraint(one_of("who", WHO), "who_is_known"),
        CheckConstraint(one_of("channel", tuple(CHANNELS)), "channel_is_known"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    request_id: Mapped[Bytes32] = mapped_column(ForeignKey("service_request.id"))
    version: Mapped[int]
    verb: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    at_s: Mapped[UtcSeconds]
    written_s: Mapped[UtcSeconds] = mapped_column(server_default=text("extract(epoch FROM clock_timestamp())::bigint"))
    note: Mapped[str | None] = mapped_column(Text)


class RequestDocument(Base):
    """A document made for a request.

    Attributes:
        step: the step that made it.
        dropped: whether it no longer counts: the request went back behind the step that made it.
    """

    __tablename__ = "service_document"

    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    request_id: Mapped[Bytes32] = mapped_column(ForeignKey("service_request.id"), index=True)
    place: Mapped[int]
    step: Mapped[str] = mapped_column(Text)
    dropped: Mapped[bool] = mapped_column(server_default=text("false"))
    agreement: Mapped[AgreementRow] = relationship()


class RequestAttachment(Base):
    """A file somebody gave with a request. It lies encrypted in a folder (`attachments`); its key lies here, and goes with this row.

    Attributes:
        id: random; the file's name.
        name: as it was called where it came from; personal data, as is all of it.
        digest: SHA-256 of the file as it was given.
        key: what decrypts it; without it, and without backups of it, the file is noise.
    """

    __tablename__ = "service_attachment"
    __table_args__ = (
        UniqueConstraint("request_id", "digest"),
        CheckConstraint("octet_length(digest) = 32 AND octet_length(key) = 32", "digest_and_key_are_32_bytes"),
        CheckConstraint("size > 0", "size_is_above_0"),
        CheckConstraint(one_of("who", WHO), "who_is_known"),
    )

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    request_id: Mapped[Bytes32] = mapped_column(ForeignKey("service_request.id"))
    name: Mapped[str] = mapped_column(Text)
    media: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    digest: Mapped[Bytes32]
    key: Mapped[Bytes32]
    who: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    at_s: Mapped[UtcSeconds]


class RequestReminder(Base):
    """That somebody was reminded of a step on a day: once for each."""

    __tablename__ = "service_reminder"

    request_id: Mapped[Bytes32] = mapped_column(ForeignKey("service_request.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[datetime.date] = mapped_column(Date, primary_key=True)
    whom: Mapped[str] = mapped_column(Text, primary_key=True)


class ServedPlace(Base):
    """Which unit serves a metering point, a customer code, or all codes of a prefix, from a moment on. The longest that fits counts."""

    __tablename__ = "served_place"

    place: Mapped[str] = mapped_column(Text, primary_key=True)
    since_s: Mapped[UtcSeconds] = mapped_column(primary_key=True)
    unit_id: Mapped[Bytes32] = mapped_column(ForeignKey("unit.id"))
    unit: Mapped[Unit] = relationship()


class UnitDesk(Base):
    """Where a unit reads its reminders."""

    __tablename__ = "unit_desk"
    __table_args__ = (CheckConstraint("channel IN ('email', 'sms', 'zalo')", "channel_is_known"),)

    unit_id: Mapped[Bytes32] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
