"""The queue of files to issue: one row a sealed agreement, kept when it is done as the record of what was issued."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.agreements.model import AgreementRow
from ledger.db import Base, Bytes32, UtcSeconds

IssueState = Literal["waiting", "issued"]
STATES: tuple[str, ...] = get_args(IssueState)


class IssueJob(Base):
    """An agreement whose issued file is asked for.

    Attributes:
        asked_s: since when it waits.
        state: waiting until the file has its full level, then issued; there is nothing in between and nothing lower.
        tries, next_try_s: how often it was tried, and when it is due again.
        reason: why the last try did not succeed and what to do, None before the first and once issued.
        issued_s, issued_digest, level: when the file was stored, its SHA-256, and the level read back from it.
        good_until_s: until when the file's last archive time stamp can be checked by itself; 0 means that nobody looked yet. None while
            there is no file to renew: it waits, or was erased.
        stored_length: bytes of the file that `good_until_s` is about; None where nobody looked yet. A renewal only makes a file longer, so
            its length tells one that a backup put back.
    """

    __tablename__ = "issue_job"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", "state_is_known"),
        CheckConstraint("octet_length(issued_digest) = 32", "issued_digest_is_32_bytes"),
        CheckConstraint(
            "(state = 'issued') = (issued_digest IS NOT NULL) AND (issued_digest IS NULL) = (issued_s IS NULL)"
            " AND (issued_digest IS NULL) = (level IS NULL)",
            "issued_says_what",
        ),
        CheckConstraint("tries >= 0", "tries_count_up"),
        CheckConstraint("good_until_s IS NULL OR state = 'issued'", "stamps_are_of_issued_files"),
        CheckConstraint("stored_length IS NULL OR state = 'issued'", "stored_files_are_issued"),
        Index("ix_issue_job_due", "next_try_s", "asked_s", "agreement_id", postgresql_where=text("state = 'waiting'")),
        Index("ix_issue_job_good_until", "good_until_s", postgresql_where=text("state = 'issued'")),
    )

    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    asked_s: Mapped[UtcSeconds]
    state: Mapped[str] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(BigInteger)
    next_try_s: Mapped[UtcSeconds]
    reason: Mapped[str | None] = mapped_column(Text)
    issued_s: Mapped[UtcSeconds | None]
    issued_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    level: Mapped[str | None] = mapped_column(Text)
    good_until_s: Mapped[UtcSeconds | None]
    stored_length: Mapped[int | None] = mapped_column(BigInteger)
    agreement: Mapped[AgreementRow] = relationship()
