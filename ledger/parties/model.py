"""Parties: who owns a roof, buys, sells or watches, and how to reach them; and the utility's units.

Names stay in this table; the chain knows the random id and the signer only.
"""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.chain.model import OutboxIntent
from ledger.db import Base, Bytes32, UtcSeconds, one_of
from ledger.errors import RuleError

Role = Literal["owner", "customer", "utility", "oracle"]
ROLES: tuple[str, ...] = get_args(Role)
Change = Literal["register", "rotate", "revoke"]
CHANGES: tuple[str, ...] = get_args(Change)
ContactChannel = Literal["email", "sms", "zalo"]
CHANNELS: tuple[str, ...] = get_args(ContactChannel)
Vouch = Literal["previous-contact", "staff", "key"]
VOUCHES: tuple[str, ...] = get_args(Vouch)
"""What can vouch for a change of contact: a code to the contact before, an identity check by staff, a signature by the party's key."""


class Party(Base):
    """A party to agreements and trades.

    Attributes:
        id: the random 32-byte pseudonym the chain knows.
        label: the operator's own short name for it, unique, for example a customer code; never on chain.
        name: the person or company as written in documents; personal data, None once erased.
        signer: ERC-7913 bytes of the key that signs for it now; None for a party without a key, which approves by one-time codes.
        salt_key: 32 random bytes every salt of this party derives from; None once destroyed.
        created_s: when it was drafted.
    """

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint("octet_length(id) = 32", "id_is_32_bytes"),
        CheckConstraint("octet_length(salt_key) = 32", "salt_key_is_32_bytes"),
        CheckConstraint("octet_length(signer) >= 20", "signer_is_erc7913"),
        CheckConstraint("label <> ''", "label_is_given"),
        CheckConstraint(one_of("role", ROLES), "role_is_known"),
    )

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    signer: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt_key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    created_s: Mapped[UtcSeconds] = mapped_column(server_default=text("extract(epoch FROM now())::bigint"))
    changes: Mapped[list[SignerChange]] = relationship(order_by="SignerChange.id", back_populates="party")

    def key(self) -> bytes:
        """The key salts derive from.

        Raises:
            RuleError: it was destroyed on request; nothing salted with it can be opened or made any more.
        """
        if self.salt_key is None:
            raise RuleError(
                f"the key of {self.label} was destroyed", field="party", fix="its salted records cannot be opened; this is final"
            )
        return self.salt_key

    def signing_key(self) -> bytes:
        """The signer that stands for it now.

        Raises:
            RuleError: it was revoked, so nobody signs for this party any more; or it never had one.
        """
        if self.signer is None:
            raise RuleError(f"{self.label} has no key of its own", field="signer", fix="let it approve by a one-time code, or enrol a key")
        standing = [one for one in self.changes if one.intent.state != "failed"]
        if standing and standing[-1].change == "revoke":
            raise RuleError(f"the signer of {self.label} was revoked", field="signer", fix="draft a new party; this one stays without")
        return self.signer

    def next_nonce(self) -> int:
        """The PartyRegistry's `nonceOf` once every change under way is mined."""
        return sum(one.intent.state != "failed" for one in self.changes)


class Unit(Base):
    """A unit of the utility, such as a power company's branch, with a sequence of its own in the log of documents.

    Attributes:
        id: the random 32-byte pseudonym the log knows.
        code: the utility's code for it, unique, such as `PA01HH`.
        name: what it is called in documents.
    """

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("octet_length(id) = 32", "id_is_32_bytes"),
        CheckConstraint("code <> '' AND name <> ''", "code_and_name_are_given"),
    )

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)


class SignerChange(Base):
    """One message to the PartyRegistry: a signer registered, rotated or revoked, with what allows it.

    Attributes:
        nonce: the party's `nonceOf` the message was signed for.
        deadline: until when the chain takes it; 0 for a revocation, which nothing but the registrar's word allows.
        signer: the new signer; for a revocation the one that ends.
        old_signer: the signer a rotation replaces.
        intent_id: the transaction that carries it; its state is the state of this change.
    """

    __tablename__ = "signer_change"
    __table_args__ = (
        CheckConstraint(one_of("change", CHANGES), "change_is_known"),
        CheckConstraint("nonce >= 0", "nonce_counts_up"),
        UniqueConstraint("intent_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), index=True)
    change: Mapped[str] = mapped_column(Text)
    nonce: Mapped[int] = mapped_column(BigInteger)
    deadline: Mapped[UtcSeconds]
    signer: Mapped[bytes] = mapped_column(LargeBinary)
    old_signer: Mapped[bytes | None] = mapped_column(LargeBinary)
    intent_id: Mapped[int] = mapped_column(ForeignKey("outbox_intent.id"))
    party: Mapped[Party] = relationship(back_populates="changes")
    intent: Mapped[OutboxIntent] = relationship()


class Contact(Base):
    """An address of a party on one channel, from when to when; a change is a new row, and the rows together are the history.

    Attributes:
        channel: email, sms or zalo.
        address: in one form (`contacts.normalised`); personal data, None once erased.
        given_by: who recorded it, such as `staff:an.nguyen`, `party` or `import`.
        original: whether it is of the party's first contacts; any other one is a change.
        replaces_id: the contact on this channel whose place it took, if any.
        since_s: when it was recorded.
        verified_s: when a code sent there came back; None before.
        ended_s: when another took its place or it was withdrawn; None while it stands.
        vouched_how, vouched_by, vouched_s: the second factor that vouched for the change, by whom (a member of staff), when; None without.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint(one_of("channel", CHANNELS), "channel_is_known"),
        CheckConstraint(one_of("vouched_how", VOUCHES), "vouch_is_known"),
        CheckConstraint("(vouched_how IS NULL) = (vouched_s IS NULL)", "vouch_has_its_time"),
        CheckConstraint("vouched_how <> 'staff' OR vouched_by IS NOT NULL", "staff_who_vouch_are_named"),
        CheckConstraint("ended_s IS NOT NULL OR address IS NOT NULL", "standing_contact_has_address"),
        Index("ix_contact_standing", "party_id", "channel", unique=True, postgresql_where="ended_s IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), index=True)
    channel: Mapped[ContactChannel] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(Text)
    original: Mapped[bool]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    since_s: Mapped[UtcSeconds]
    verified_s: Mapped[UtcSeconds | None]
    ended_s: Mapped[UtcSeconds | None]
    vouched_how: Mapped[str | None] = mapped_column(Text)
    vouched_by: Mapped[str | None] = mapped_column(Text)
    vouched_s: Mapped[UtcSeconds | None]
    party: Mapped[Party] = relationship()
