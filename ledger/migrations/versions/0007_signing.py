"""Contacts, and how a party signs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    _company_certificate()
    _contact()
    _passkey()
    _passkey_challenge()
    _approval()
    _draft_ending()
    _presentation()
    _signing_event()
    _signing_link()
    _one_time_code()


def _company_certificate() -> None:
    op.create_table(
        "company_certificate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("tax_code", sa.Text(), nullable=True),
        sa.Column("not_before_s", sa.BigInteger(), nullable=False),
        sa.Column("not_after_s", sa.BigInteger(), nullable=False),
        sa.Column("signer", sa.LargeBinary(), nullable=False),
        sa.Column("checked_s", sa.BigInteger(), nullable=False),
        sa.Column("revocation", sa.Text(), nullable=False),
        sa.CheckConstraint("revocation IN ('good', 'not-checked')", name=op.f("ck_company_certificate_revocation_is_known")),
        sa.CheckConstraint("octet_length(fingerprint) = 32", name=op.f("ck_company_certificate_fingerprint_is_32_bytes")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_company_certificate_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_certificate")),
        sa.UniqueConstraint("party_id", "fingerprint", name=op.f("uq_company_certificate_party_id")),
    )


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("original", sa.Boolean(), nullable=False),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("since_s", sa.BigInteger(), nullable=False),
        sa.Column("verified_s", sa.BigInteger(), nullable=True),
        sa.Column("ended_s", sa.BigInteger(), nullable=True),
        sa.Column("vouched_how", sa.Text(), nullable=True),
        sa.Column("vouched_by", sa.Text(), nullable=True),
        sa.Column("vouched_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'sms', 'zalo')", name=op.f("ck_contact_channel_is_known")),
        sa.CheckConstraint("vouched_how <> 'staff' OR vouched_by IS NOT NULL", name=op.f("ck_contact_staff_who_vouch_are_named")),
        sa.CheckConstraint("vouched_how IN ('previous-contact', 'staff', 'key')", name=op.f("ck_contact_vouch_is_known")),
        sa.CheckConstraint("(vouched_how IS NULL) = (vouched_s IS NULL)", name=op.f("ck_contact_vouch_has_its_time")),
        sa.CheckConstraint("ended_s IS NOT NULL OR address IS NOT NULL", name=op.f("ck_contact_standing_contact_has_address")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_contact_party_id_party")),
        sa.ForeignKeyConstraint(["replaces_id"], ["contact.id"], name=op.f("fk_contact_replaces_id_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_party_id"), "contact", ["party_id"], unique=False)
    op.create_index("ix_contact_standing", "contact", ["party_id", "channel"], unique=True, postgresql_where="ended_s IS NULL")


def _passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_s", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_passkey_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_party_id"), "passkey", ["party_id"], unique=False)


def _passkey_challenge() -> None:
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=True),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.Column("used_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("purpose IN ('create', 'register')", name=op.f("ck_passkey_challenge_purpose_is_known")),
        sa.CheckConstraint("octet_length(challenge) = 32", name=op.f("ck_passkey_challenge_challenge_is_32_bytes")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_passkey_challenge_party_id_party")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_party_id"), "passkey_challenge", ["party_id"], unique=False)


def _approval() -> None:
    op.create_table(
        "approval",
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("signed_s", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(length=32), nullable=True),
        sa.Column("evidence_json", sa.LargeBinary(), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("passkey_id", sa.BigInteger(), nullable=True),
        sa.Column("certificate_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(way = 'otp') = (evidence IS NOT NULL)", name=op.f("ck_approval_codes_leave_evidence")),
        sa.CheckConstraint(
            "(way = 'smart-account') = (block_hash IS NOT NULL)", name=op.f("ck_approval_smart_accounts_are_asked_at_a_block")
        ),
        sa.CheckConstraint(
            "way IN ('otp', 'wallet', 'smart-account', 'passkey', 'certificate', 'utility')", name=op.f("ck_approval_way_is_known")
        ),
        sa.CheckConstraint("octet_length(evidence) = 32", name=op.f("ck_approval_evidence_is_32_bytes")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_approval_agreement_id_agreement")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["company_certificate.id"], name=op.f("fk_approval_certificate_id_company_certificate")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_approval_party_id_party")),
        sa.ForeignKeyConstraint(["passkey_id"], ["passkey.id"], name=op.f("fk_approval_passkey_id_passkey")),
        sa.PrimaryKeyConstraint("agreement_id", "party_id", name=op.f("pk_approval")),
    )


def _draft_ending() -> None:
    op.create_table(
        "draft_ending",
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(how = 'declined') = (party_id IS NOT NULL)", name=op.f("ck_draft_ending_somebody_declines")),
        sa.CheckConstraint("how IN ('declined', 'expired')", name=op.f("ck_draft_ending_how_is_known")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_draft_ending_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_draft_ending_party_id_party")),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_draft_ending")),
    )


def _presentation() -> None:
    op.create_table(
        "presentation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("base_length", sa.BigInteger(), nullable=False),
        sa.Column("base_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("lookup_code", sa.Text(), nullable=False),
        sa.Column("struct_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("presented_s", sa.BigInteger(), nullable=False),
        sa.Column("fetched_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("base_length > 0", name=op.f("ck_presentation_base_is_not_empty")),
        sa.CheckConstraint(
            "octet_length(base_digest) = 32 AND octet_length(struct_hash) = 32", name=op.f("ck_presentation_digests_are_32_bytes")
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_presentation_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_presentation_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presentation")),
        sa.UniqueConstraint("agreement_id", "party_id", name=op.f("uq_presentation_agreement_id")),
    )
    op.create_index(op.f("ix_presentation_party_id"), "presentation", ["party_id"], unique=False)


def _signing_event() -> None:
    op.create_table(
        "signing_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("outcome IN ('done', 'refused')", name=op.f("ck_signing_event_outcome_is_known")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_signing_event_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_signing_event_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_event")),
    )
    op.create_index("ix_signing_event_agreement", "signing_event", ["agreement_id", "id"], unique=False)
    op.create_index(op.f("ix_signing_event_party_id"), "signing_event", ["party_id"], unique=False)


def _signing_link() -> None:
    op.create_table(
        "signing_link",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.Column("revoked_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("octet_length(token_digest) = 32", name=op.f("ck_signing_link_token_digest_is_32_bytes")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_signing_link_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_signing_link_party_id_party")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_signing_link")),
    )
    op.create_index(op.f("ix_signing_link_agreement_id"), "signing_link", ["agreement_id"], unique=False)
    op.create_index(op.f("ix_signing_link_party_id"), "signing_link", ["party_id"], unique=False)


def _one_time_code() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("presentation_id", sa.BigInteger(), nullable=True),
        sa.Column("bound", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("requested_s", sa.BigInteger(), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("closed_s", sa.BigInteger(), nullable=True),
        sa.Column("closed_how", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(purpose = 'approve') = (presentation_id IS NOT NULL)", name=op.f("ck_one_time_code_approvals_are_of_something_shown")
        ),
        sa.CheckConstraint("closed_how IN ('used', 'replaced', 'exhausted')", name=op.f("ck_one_time_code_closing_is_known")),
        sa.CheckConstraint("purpose IN ('approve', 'vouch', 'verify', 'enrol')", name=op.f("ck_one_time_code_purpose_is_known")),
        sa.CheckConstraint("(closed_s IS NULL) = (closed_how IS NULL)", name=op.f("ck_one_time_code_closing_has_its_time")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_one_time_code_attempts_count_up")),
        sa.CheckConstraint("octet_length(address_tag) = 32", name=op.f("ck_one_time_code_address_tag_is_32_bytes")),
        sa.CheckConstraint("octet_length(bound) = 32 AND octet_length(code_hash) = 32", name=op.f("ck_one_time_code_hashes_are_32_bytes")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_one_time_code_contact_id_contact")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_one_time_code_party_id_party")),
        sa.ForeignKeyConstraint(["presentation_id"], ["presentation.id"], name=op.f("fk_one_time_code_presentation_id_presentation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index("ix_one_time_code_address", "one_time_code", ["address_tag", "requested_s"], unique=False)
    op.create_index(
        "ix_one_time_code_open", "one_time_code", ["party_id", "purpose", "bound"], unique=True, postgresql_where="closed_s IS NULL"
    )
    op.create_index("ix_one_time_code_party", "one_time_code", ["party_id", "requested_s"], unique=False)
