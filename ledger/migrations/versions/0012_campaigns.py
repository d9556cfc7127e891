"""Campaigns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    _campaigns()
    _members()


def _campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("utility_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("deadline", sa.BigInteger(), nullable=False),
        sa.Column("over_kwh", sa.BigInteger(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_s", sa.BigInteger(), server_default=sa.text("extract(epoch FROM now())::bigint"), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_campaign_name_is_given")),
        sa.CheckConstraint("octet_length(file_digest) = 32", name=op.f("ck_campaign_file_digest_is_32_bytes")),
        sa.ForeignKeyConstraint(["utility_id"], ["party.id"], name=op.f("fk_campaign_utility_id_party")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("name", name=op.f("uq_campaign_name")),
    )


def _members() -> None:
    op.create_table(
        "campaign_member",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kwh_per_month", sa.BigInteger(), nullable=False),
        sa.Column("given", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("invitation", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint("(given IS NULL) = (agreement_id IS NOT NULL)", name=op.f("ck_campaign_member_facts_are_kept_until_drafted")),
        sa.CheckConstraint("kwh_per_month >= 0", name=op.f("ck_campaign_member_consumption_is_not_negative")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_campaign_member_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_member_campaign_id_campaign")),
        sa.PrimaryKeyConstraint("campaign_id", "place", name=op.f("pk_campaign_member")),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_campaign_member_agreement_id")),
        sa.UniqueConstraint("campaign_id", "label", name=op.f("uq_campaign_member_campaign_id")),
    )
    op.create_index(
        "ix_campaign_member_undrafted",
        "campaign_member",
        ["campaign_id", "place"],
        postgresql_where=sa.text("agreement_id IS NULL"),
    )
