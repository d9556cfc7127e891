"""Agreements: the document, its fields, who signed it, and the acts on it that were sent to the chain.

No row copies the chain's state: what was recorded, superseded, terminated or revoked, and when, is read from the indexed events; what is
under way is read from the outbox intents the acts point to (`ledger.agreements.queries`).
"""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.agreements.rules import kind_id
from ledger.chain.model import ChainEvent, OutboxIntent
from ledger.db import Base, Bytes32, UtcSeconds
from ledger.parties.model import Party, Unit
from ledger.protocol.typed_data import Agreement

Act = Literal["record", "terminate"]
ACTS: tuple[str, ...] = get_args(Act)
ERASED_CODE = "erased-"
"""Begins what stands in the place of the look-up code of an erased document."""


class AgreementRow(Base):
    """A drafted, signed or sealed agreement; its PDF is `DocumentStore.path(id)`.

    Attributes:
        kind: the name of the kind of document; the chain knows its keccak (`rules.kind_id`).
        kind_version, template_digest: version of the kind and SHA-256 of the template that made it; the digest is None for documents
            drafted before templates were recorded.
        base_length, base_digest: length and SHA-256 of the unsigned PDF, a byte prefix of the sealed one.
        terms_root: root of the salted tree of its fields.
        lookup_code: what is printed on every page; finds the document without revealing it, and is unknown to who does not hold it.
        supersedes: the agreement it replaces, if any.
        predecessor: the document it follows and stands beside, if any.
        family: the first document of the chain of documents it belongs to; its own id when it is the first.
        unit_id: the unit of the utility whose document it is; None means the utility itself.
        deadline: until when the chain accepts the record.
        sealed_digest: SHA-256 of the sealed PDF; None until every party has signed.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        CheckConstraint("octet_length(id) = 32", "id_is_32_bytes"),
        CheckConstraint("octet_length(base_digest) = 32 AND octet_length(terms_root) = 32", "digests_are_32_bytes"),
        CheckConstraint("octet_length(sealed_digest) = 32", "sealed_digest_is_32_bytes"),
        CheckConstraint("octet_length(template_digest) = 32", "template_digest_is_32_bytes"),
        CheckConstraint("kind_version > 0", "kind_version_counts_from_1"),
        CheckConstraint("base_length > 0", "base_is_not_empty"),
        CheckConstraint("valid_from < valid_to", "validity_runs_forward"),
    )

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    kind_version: Mapped[int]
    template_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    base_length: Mapped[int] = mapped_column(BigInteger)
    base_digest: Mapped[Bytes32]
    terms_root: Mapped[Bytes32]
    valid_from: Mapped[UtcSeconds]
    valid_to: Mapped[UtcSeconds]
    supersedes: Mapped[bytes | None] = mapped_column(ForeignKey("agreement.id"))
    predecessor: Mapped[bytes | None] = mapped_column(ForeignKey("agreement.id"), index=True)
    family: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), index=True)
    unit_id: Mapped[bytes | None] = mapped_column(ForeignKey("unit.id"), index=True)
    deadline: Mapped[UtcSeconds]
    lookup_code: Mapped[str] = mapped_column(Text, unique=True)
    sealed_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    created_s: Mapped[UtcSeconds] = mapped_column(server_default=text("extract(epoch FROM now())::bigint"))
    signatories: Mapped[list[Signatory]] = relationship(order_by="Signatory.place", back_populates="agreement")
    terms: Mapped[list[AgreementTerm]] = relationship(order_by="AgreementTerm.path", back_populates="agreement")
    acts: Mapped[list[AgreementAct]] = relationship(order_by="AgreementAct.id", back_populates="agreement")
    unit: Mapped[Unit | None] = relationship()

    def typed(self) -> Agreement:
        """The struct its parties sign."""
        return Agreement(
            id=self.id,
            kind=kind_id(self.kind),
            base_length=self.base_length,
            base_digest=self.base_digest,
            terms_root=self.terms_root,
            parties=tuple(one.party_id for one in self.signatories),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            supersedes=self.supersedes or bytes(32),
            deadline=self.deadline,
        )

    @property
    def code(self) -> str | None:
        """Its look-up code; None once it was erased."""
        return None if self.lookup_code.startswith(ERASED_CODE) else self.lookup_code

    @property
    def owner(self) -> Party:
        """The party whose key salts the terms: the first signatory."""
        return self.signatories[0].party


class Signatory(Base):
    """A party to an agreement, in the order of signing; signer and signature are None until it signs.

    Attributes:
        evidence: SHA-256 of what shows that a party without a key approved; signer and signature are then the last party's, over
            `AttestedApproval`. None for a party that signed itself.
    """

    __tablename__ = "agreement_signatory"
    __table_args__ = (
        UniqueConstraint("agreement_id", "party_id"),
        CheckConstraint("(signer IS NULL) = (signature IS NULL)", "signed_by_a_signer"),
        CheckConstraint("octet_length(evidence) = 32", "evidence_is_32_bytes"),
        CheckConstraint("evidence IS NULL OR signature IS NOT NULL", "attested_by_a_signature"),
    )

    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey("party.id"), index=True)
    signer: Mapped[bytes | None] = mapped_column(LargeBinary)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    evidence: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    agreement: Mapped[AgreementRow] = relationship(back_populates="signatories")
    party: Mapped[Party] = relationship()


class AgreementTerm(Base):
    """One field of an agreement: its path and its canonical JSON value. The salt is not stored: it derives from the owner's key."""

    __tablename__ = "agreement_term"

    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    path: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    agreement: Mapped[AgreementRow] = relationship(back_populates="terms")


class AgreementAct(Base):
    """Something asked of the AgreementRegistry, with what allows it. A revocation is the guardian's own transaction and has no row.

    Attributes:
        act: record or terminate; a record with `supersedes` also ends the agreement it replaces.
        party_id, signer, signature, effective_at, deadline: of a termination, None for a record.
        intent_id: the transaction that carries it.
    """

    __tablename__ = "agreement_act"
    __table_args__ = (
        CheckConstraint(f"act IN ({', '.join(repr(act) for act in ACTS)})", "act_is_known"),
        CheckConstraint("(act = 'terminate') = (signature IS NOT NULL)", "termination_is_signed"),
        UniqueConstraint("intent_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), index=True)
    act: Mapped[str] = mapped_column(Text)
    party_id: Mapped[bytes | None] = mapped_column(ForeignKey("party.id"))
    effective_at: Mapped[UtcSeconds | None]
    deadline: Mapped[UtcSeconds | None]
    signer: Mapped[bytes | None] = mapped_column(LargeBinary)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    intent_id: Mapped[int] = mapped_column(ForeignKey("outbox_intent.id"))
    agreement: Mapped[AgreementRow] = relationship(back_populates="acts")
    intent: Mapped[OutboxIntent] = relationship()


Index(
    "ix_chain_event_agreement",
    ChainEvent.args["id"].astext,
    postgresql_where=ChainEvent.contract == "AgreementRegistry",
)
"""Finds what the chain said about an agreement; belongs to the table of events, which knows no agreements."""
