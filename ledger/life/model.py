"""Rows about keeping and erasing: legal holds, erased documents and erased parties. None is ever removed: they say what was done, and why.

What they hold themselves is no personal data: pseudonyms, codes, times, digests, and the names of the staff who acted.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.agreements.model import AgreementRow
from ledger.db import Base, Bytes32, UtcSeconds
from ledger.life.rules import REASONS


class LegalHold(Base):
    """Something that forbids erasing: a lawsuit, an inspection, an order; on one family of documents, everything of a party, or a request.

    Attributes:
        family, party_id, request: what is held; exactly one of them. The last is a service request's id, of a room above this one.
        reason: which case or order, in the words of who placed it, without personal data.
        placed_by, placed_s: who placed it and when, Unix seconds.
        lifted_by, lifted_s, lift_reason: who lifted it, when and why; None while it stands.
    """

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint("num_nonnulls(family, party_id, request) = 1", "holds_one_thing"),
        CheckConstraint("octet_length(request) = 32", "request_is_32_bytes"),
        CheckConstraint("reason <> '' AND placed_by <> ''", "says_who_and_why"),
        CheckConstraint(
            "(lifted_s IS NULL) = (lifted_by IS NULL) AND (lifted_s IS NULL) = (lift_reason IS NULL)",
            "lifting_says_who_and_why",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    family: Mapped[bytes | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    party_id: Mapped[bytes | None] = mapped_column(ForeignKey("party.id"), index=True)
    request: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[str] = mapped_column(Text)
    placed_s: Mapped[UtcSeconds]
    lifted_by: Mapped[str | None] = mapped_column(Text)
    lifted_s: Mapped[UtcSeconds | None]
    lift_reason: Mapped[str | None] = mapped_column(Text)


class Erasure(Base):
    """A document that was erased: its rows when this row came, its files by `destroyed_s`.

    Attributes:
        reason: one of `rules.REASONS`.
        record: what the log's entry is the SHA-256 of (`rules.ErasureRecord`); public.
        by: who decided it.
        decided_s, destroyed_s: when its rows were emptied; when its files were gone as well, None until then.
        lookup_digest: SHA-256 of its look-up code, so that who holds the code is told of the erasure; nobody gets the code from it.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint(f"reason IN ({', '.join(repr(one) for one in REASONS)})", "reason_is_known"),
        CheckConstraint("octet_length(lookup_digest) = 32", "lookup_digest_is_32_bytes"),
        CheckConstraint("by <> ''", "says_who"),
    )

    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    record: Mapped[bytes] = mapped_column(LargeBinary)
    by: Mapped[str] = mapped_column(Text)
    decided_s: Mapped[UtcSeconds]
    destroyed_s: Mapped[UtcSeconds | None] = mapped_column(index=True)
    lookup_digest: Mapped[Bytes32] = mapped_column(unique=True)
    agreement: Mapped[AgreementRow] = relationship()


class ErasedParty(Base):
    """A party whose key, name and contacts were destroyed, with the last of its documents.

    Attributes:
        reason: one of `rules.REASONS`.
        by: who decided it; `erased_s` when, Unix seconds.
    """

    __tablename__ = "erased_party"
    __table_args__ = (CheckConstraint(f"reason IN ({', '.join(repr(one) for one in REASONS)})", "reason_is_known"),)

    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    erased_s: Mapped[UtcSeconds]
