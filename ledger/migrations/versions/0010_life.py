"""Retention, legal holds and erasures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REASON = "reason IN ('retention-ended', 'data-subject-request')"


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    _holds()
    op.create_table(
        "erasure",
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("decided_s", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_s", sa.BigInteger(), nullable=True),
        sa.Column("lookup_digest", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(REASON, name=op.f("ck_erasure_reason_is_known")),
        sa.CheckConstraint("octet_length(lookup_digest) = 32", name=op.f("ck_erasure_lookup_digest_is_32_bytes")),
        sa.CheckConstraint("by <> ''", name=op.f("ck_erasure_says_who")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_erasure_agreement_id_agreement")),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("lookup_digest", name=op.f("uq_erasure_lookup_digest")),
    )
    op.create_index(op.f("ix_erasure_destroyed_s"), "erasure", ["destroyed_s"])
    op.create_table(
        "erased_party",
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("erased_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(REASON, name=op.f("ck_erased_party_reason_is_known")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_erased_party_party_id_party")),
        sa.PrimaryKeyConstraint("party_id", name=op.f("pk_erased_party")),
    )


def _holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("family", sa.LargeBinary(), nullable=True),
        sa.Column("party_id", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_s", sa.BigInteger(), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_s", sa.BigInteger(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(family IS NULL) <> (party_id IS NULL)", name=op.f("ck_legal_hold_holds_one_thing")),
        sa.CheckConstraint("reason <> '' AND placed_by <> ''", name=op.f("ck_legal_hold_says_who_and_why")),
        sa.CheckConstraint(
            "(lifted_s IS NULL) = (lifted_by IS NULL) AND (lifted_s IS NULL) = (lift_reason IS NULL)",
            name=op.f("ck_legal_hold_lifting_says_who_and_why"),
        ),
        sa.ForeignKeyConstraint(["family"], ["agreement.id"], name=op.f("fk_legal_hold_family_agreement")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_legal_hold_party_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index(op.f("ix_legal_hold_family"), "legal_hold", ["family"])
    op.create_index(op.f("ix_legal_hold_party_id"), "legal_hold", ["party_id"])
