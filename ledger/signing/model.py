"""Rows of the signing room: what was shown to whom, the codes, keys and certificates people sign with, how each signed, and every try."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.agreements.model import AgreementRow
from ledger.db import Base, Bytes32, UtcSeconds, one_of
from ledger.parties.model import Contact, Party

Way = Literal["otp", "wallet", "smart-account", "passkey", "certificate", "utility"]
WAYS: tuple[str, ...] = get_args(Way)
Purpose = Literal["approve", "vouch", "verify", "enrol"]
PURPOSES: tuple[str, ...] = get_args(Purpose)
Closing = Literal["used", "replaced", "exhausted"]
CLOSINGS: tuple[str, ...] = get_args(Closing)


class Presentation(Base):
    """A document as it was first shown to a party. What is signed later must be exactly this.

    Attributes:
        place, role: the party's place in the order of signing, and the role it signs in.
        base_length, base_digest, lookup_code: the bytes that were shown, and the code printed on them.
        struct_hash: the EIP-712 hashStruct of the agreement, chain and contract aside.
        presented_s, fetched_s: when it was first offered; when its bytes were first handed out here, None before.
    """

    __tablename__ = "presentation"
    __table_args__ = (
        UniqueConstraint("agreement_id", "party_id"),
        CheckConstraint("octet_length(base_digest) = 32 AND octet_length(struct_hash) = 32", "digests_are_32_bytes"),
        CheckConstraint("base_length > 0", "base_is_not_empty"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"))
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), index=True)
    place: Mapped[int]
    role: Mapped[str] = mapped_column(Text)
    base_length: Mapped[int] = mapped_column(BigInteger)
    base_digest: Mapped[Bytes32]
    lookup_code: Mapped[str] = mapped_column(Text)
    struct_hash: Mapped[Bytes32]
    presented_s: Mapped[UtcSeconds]
    fetched_s: Mapped[UtcSeconds | None]
    agreement: Mapped[AgreementRow] = relationship()
    party: Mapped[Party] = relationship()


class OneTimeCode(Base):
    """A code that was sent to a contact. Only a keyed hash of it is here; tries are counted before they are looked at.

    Attributes:
        purpose: approve a document, vouch for a changed contact, verify a contact, or enrol a passkey.
        contact_id: where it was sent.
        presentation_id: what it approves; None for the other purposes.
        bound: 32 bytes it is good for: the EIP-712 digest of the agreement, or what the other purposes name.
        address_tag: keyed hash of the address, by which requests are counted whoever asks.
        code_hash: HMAC of the code and of everything it is bound to.
        attempts: tries so far.
        closed_s, closed_how: when it stopped being good, and why; expiry needs no closing.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (
        CheckConstraint(one_of("purpose", PURPOSES), "purpose_is_known"),
        CheckConstraint(one_of("closed_how", CLOSINGS), "closing_is_known"),
        CheckConstraint("(closed_s IS NULL) = (closed_how IS NULL)", "closing_has_its_time"),
        CheckConstraint("(purpose = 'approve') = (presentation_id IS NOT NULL)", "approvals_are_of_something_shown"),
        CheckConstraint("octet_length(bound) = 32 AND octet_length(code_hash) = 32", "hashes_are_32_bytes"),
        CheckConstraint("octet_length(address_tag) = 32", "address_tag_is_32_bytes"),
        CheckConstraint("attempts >= 0", "attempts_count_up"),
        Index("ix_one_time_code_party", "party_id", "requested_s"),
        Index("ix_one_time_code_address", "address_tag", "requested_s"),
        Index("ix_one_time_code_open", "party_id", "purpose", "bound", unique=True, postgresql_where="closed_s IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    presentation_id: Mapped[int | None] = mapped_column(ForeignKey("presentation.id"))
    bound: Mapped[Bytes32]
    address_tag: Mapped[Bytes32]
    code_hash: Mapped[Bytes32]
    requested_s: Mapped[UtcSeconds]
    expires_s: Mapped[UtcSeconds]
    attempts: Mapped[int]
    closed_s: Mapped[UtcSeconds | None]
    closed_how: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[Contact] = relationship()


class CompanyCertificate(Base):
    """A certificate a company signs with, as it was when it was checked.

    Attributes:
        fingerprint: SHA-256 of the certificate.
        chain: the certificate and what leads to a trusted root, PEM.
        subject, tax_code: whose it is, as it says; some name no tax code.
        not_before_s, not_after_s: its validity.
        signer: ERC-7913 bytes of its key.
        checked_s, revocation: when it was checked, and whether its authority said it is `good` or was `not-checked`.
    """

    __tablename__ = "company_certificate"
    __table_args__ = (
        UniqueConstraint("party_id", "fingerprint"),
        CheckConstraint("revocation IN ('good', 'not-checked')", "revocation_is_known"),
        CheckConstraint("octet_length(fingerprint) = 32", "fingerprint_is_32_bytes"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"))
    fingerprint: Mapped[Bytes32]
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    subject: Mapped[str] = mapped_column(Text)
    tax_code: Mapped[str | None] = mapped_column(Text)
    not_before_s: Mapped[UtcSeconds]
    not_after_s: Mapped[UtcSeconds]
    signer: Mapped[bytes] = mapped_column(LargeBinary)
    checked_s: Mapped[UtcSeconds]
    revocation: Mapped[str] = mapped_column(Text)


class Passkey(Base):
    """A passkey on a party's device.

    Attributes:
        credential_id: the authenticator's name for it.
        public_key: as the authenticator gave it (COSE).
        signer: ERC-7913 bytes of its key.
        sign_count: the authenticator's counter at its last use; 0 for authenticators that have none.
        enrolled_s: when it became the party's signer; None while only made.
    """

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    signer: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_s: Mapped[UtcSeconds]
    enrolled_s: Mapped[UtcSeconds | None]


class PasskeyChallenge(Base):
    """Bytes an authenticator is to answer once, before a moment.

    Attributes:
        purpose: create a passkey, or register its key for the party.
        deadline: of the registration it stands for, None for a creation.
    """

    __tablename__ = "passkey_challenge"
    __table_args__ = (
        CheckConstraint("purpose IN ('create', 'register')", "purpose_is_known"),
        CheckConstraint("octet_length(challenge) = 32", "challenge_is_32_bytes"),
    )

    challenge: Mapped[Bytes32] = mapped_column(primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    deadline: Mapped[UtcSeconds | None]
    expires_s: Mapped[UtcSeconds]
    used_s: Mapped[UtcSeconds | None]


class SigningLink(Base):
    """A link sent to one party for one document; only the hash of its token is here."""

    __tablename__ = "signing_link"
    __table_args__ = (CheckConstraint("octet_length(token_digest) = 32", "token_digest_is_32_bytes"),)

    token_digest: Mapped[Bytes32] = mapped_column(primary_key=True)
    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), index=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), index=True)
    created_s: Mapped[UtcSeconds]
    expires_s: Mapped[UtcSeconds]
    revoked_s: Mapped[UtcSeconds | None]


class Approval(Base):
    """How a party signed a document.

    Attributes:
        way: by what.
        evidence, evidence_json: of a code: the SHA-256 the chain holds, and the object behind it (None once erased).
        block_number, block_hash: of a smart account: where its contract said yes, since it may say otherwise later.
    """

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint(one_of("way", WAYS), "way_is_known"),
        CheckConstraint("(way = 'otp') = (evidence IS NOT NULL)", "codes_leave_evidence"),
        CheckConstraint("(way = 'smart-account') = (block_hash IS NOT NULL)", "smart_accounts_are_asked_at_a_block"),
        CheckConstraint("octet_length(evidence) = 32", "evidence_is_32_bytes"),
    )

    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), primary_key=True)
    way: Mapped[str] = mapped_column(Text)
    signed_s: Mapped[UtcSeconds]
    evidence: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    evidence_json: Mapped[bytes | None] = mapped_column(LargeBinary)
    block_number: Mapped[int | None] = mapped_column(BigInteger)
    block_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    passkey_id: Mapped[int | None] = mapped_column(ForeignKey("passkey.id"))
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("company_certificate.id"))


class SigningEvent(Base):
    """Something tried, and whether it was done or refused; nothing secret, no address, no code.

    Attributes:
        act: present, request-code, confirm-code, sign, decline, expire, enrol, vouch, link, …
        way: the way of signing or the channel, if any.
        reason: why it was refused, in our words.
    """

    __tablename__ = "signing_event"
    __table_args__ = (
        CheckConstraint("outcome IN ('done', 'refused')", "outcome_is_known"),
        Index("ix_signing_event_agreement", "agreement_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at_s: Mapped[UtcSeconds]
    agreement_id: Mapped[bytes | None] = mapped_column(ForeignKey("agreement.id"))
    party_id: Mapped[bytes | None] = mapped_column(ForeignKey("party.id"), index=True)
    act: Mapped[str] = mapped_column(Text)
    way: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
