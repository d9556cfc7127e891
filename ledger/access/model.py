"""Rows of the access room: sign-ins under way, sessions, staff, and how often somebody asked. Tokens and codes are kept hashed only."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.db import Base, Bytes32, UtcSeconds
from ledger.parties.model import Party, Unit

StaffRole = Literal["agent", "counter", "inspector", "admin"]
STAFF_ROLES: tuple[str, ...] = get_args(StaffRole)


class SignIn(Base):
    """Somebody asked to sign in as a customer. There is a row, and it looks the same, whether or not the customer exists.

    Attributes:
        ticket_hash: SHA-256 of the ticket the asker holds; the ticket is also the key of the code's hash, so these rows alone
            are no help in guessing the code.
        code_hash, party_id, contact_id: of the code that was sent, to whom and where; None when none was.
        tries: wrong codes so far.
        ended_s: when it was used or used up.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        CheckConstraint("octet_length(ticket_hash) = 32 AND octet_length(code_hash) = 32", "hashes_are_32_bytes"),
        CheckConstraint("(code_hash IS NULL) = (party_id IS NULL)", "code_is_somebodys"),
        CheckConstraint("tries >= 0", "tries_count_up"),
    )

    ticket_hash: Mapped[Bytes32] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    party_id: Mapped[bytes | None] = mapped_column(ForeignKey("party.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    tries: Mapped[int] = mapped_column(BigInteger)
    expires_s: Mapped[UtcSeconds] = mapped_column(index=True)
    ended_s: Mapped[UtcSeconds | None]


class Staff(Base):
    """A member of staff, who signs in by a token.

    Attributes:
        name: unique; it stands beside what they did.
        role: agent, counter, inspector or admin.
        unit_id: the unit whose documents and requests they see; None sees every unit's, which only an admin may.
        token_hash: SHA-256 of the token, shown once when it was made.
        removed_s: when it stopped; the row stays, since acts name it.
    """

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(f"role IN ({', '.join(repr(one) for one in STAFF_ROLES)})", "role_is_known"),
        CheckConstraint("unit_id IS NOT NULL OR role = 'admin'", "only_an_admin_has_no_unit"),
        CheckConstraint("octet_length(token_hash) = 32", "token_hash_is_32_bytes"),
        CheckConstraint("name <> ''", "name_is_given"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[StaffRole] = mapped_column(Text)
    unit_id: Mapped[bytes | None] = mapped_column(ForeignKey("unit.id"))
    token_hash: Mapped[Bytes32] = mapped_column(unique=True)
    created_s: Mapped[UtcSeconds]
    removed_s: Mapped[UtcSeconds | None]
    unit: Mapped[Unit | None] = relationship()

    def sees(self, unit: bytes | None) -> bool:
        """Whether something of a unit, by id, is theirs to see."""
        return self.unit_id is None or self.unit_id == unit


class AccessSession(Base):
    """A browser that signed in, as a customer or as staff.

    Attributes:
        token_hash: SHA-256 of the cookie.
        expires_s: nothing prolongs it.
    """

    __tablename__ = "access_session"
    __table_args__ = (
        CheckConstraint("(party_id IS NULL) <> (staff_id IS NULL)", "is_of_one"),
        CheckConstraint("octet_length(token_hash) = 32", "token_hash_is_32_bytes"),
    )

    token_hash: Mapped[Bytes32] = mapped_column(primary_key=True)
    party_id: Mapped[bytes | None] = mapped_column(ForeignKey("party.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    created_s: Mapped[UtcSeconds]
    expires_s: Mapped[UtcSeconds] = mapped_column(index=True)
    party: Mapped[Party | None] = relationship()
    staff: Mapped[Staff | None] = relationship()


class AskedOften(Base):
    """How often something was asked in one window of time.

    Attributes:
        bucket: SHA-256 of what is limited and for whom, so that neither addresses nor labels are kept.
        ends_s: when the window ends, after which the row is worth nothing.
    """

    __tablename__ = "asked_often"
    __table_args__ = (CheckConstraint("octet_length(bucket) = 32", "bucket_is_32_bytes"), Index("ix_asked_often_ends_s", "ends_s"))

    bucket: Mapped[Bytes32] = mapped_column(primary_key=True)
    ends_s: Mapped[UtcSeconds] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
