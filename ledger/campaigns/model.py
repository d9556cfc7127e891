"""A campaign and its members. How far a document has come is read from the document; a row here says only what nothing else does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.agreements.model import AgreementRow
from ledger.db import Base, Bytes32, UtcSeconds
from ledger.parties.model import Party


class Campaign(Base):
    """One kind of document for a segment of customers.

    Attributes:
        name: what people call it, unique.
        kind: of the documents. `utility_id`: who signs last.
        valid_from, deadline: of every document: first second in force, last second to sign and record; Unix.
        over_kwh: the segment: customers above so many kWh a month; None for all.
        file_name, file_digest: the list it was made from, and its SHA-256.
        cancelled_s, cancelled_by, cancelled_why: when it was given up, by whom and why; None while it goes on.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("name <> ''", "name_is_given"),
        CheckConstraint("octet_length(file_digest) = 32", "file_digest_is_32_bytes"),
        CheckConstraint("num_nonnulls(cancelled_s, cancelled_by, cancelled_why) IN (0, 3)", "cancelled_by_somebody_and_why"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    utility_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"))
    valid_from: Mapped[UtcSeconds]
    deadline: Mapped[UtcSeconds]
    over_kwh: Mapped[int | None] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(Text)
    file_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_s: Mapped[UtcSeconds] = mapped_column(server_default=text("extract(epoch FROM now())::bigint"))
    cancelled_s: Mapped[UtcSeconds | None]
    cancelled_by: Mapped[str | None] = mapped_column(Text)
    cancelled_why: Mapped[str | None] = mapped_column(Text)
    utility: Mapped[Party] = relationship()


class CampaignMember(Base):
    """A customer of a campaign; the pair of campaign and label is there once, so nobody gets two documents.

    Attributes:
        label: customer code. `kwh_per_month`: what the segment was chosen by; the largest come first.
        given: facts and contacts until the document is drafted, personal data; None afterwards: the document has them. Empty where the
            campaign was cancelled before.
        agreement_id: its document, once drafted.
        invitation: key of the message that carries the link to sign, once it is queued.
        problem: why it is stuck and what to do; None when it is not.
    """

    __tablename__ = "campaign_member"
    __table_args__ = (
        UniqueConstraint("campaign_id", "label"),
        CheckConstraint("(given IS NULL) = (agreement_id IS NOT NULL)", "facts_are_kept_until_drafted"),
        CheckConstraint("kwh_per_month >= 0", "consumption_is_not_negative"),
        Index("ix_campaign_member_undrafted", "campaign_id", "place", postgresql_where=text("agreement_id IS NULL")),
    )

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    kwh_per_month: Mapped[int] = mapped_column(BigInteger)
    given: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    agreement_id: Mapped[bytes | None] = mapped_column(ForeignKey("agreement.id"), unique=True)
    invitation: Mapped[str | None] = mapped_column(Text)
    problem: Mapped[str | None] = mapped_column(Text)
    agreement: Mapped[AgreementRow | None] = relationship()
