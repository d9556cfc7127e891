"""Campaigns that were given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    op.add_column("campaign", sa.Column("cancelled_s", sa.BigInteger(), nullable=True))
    op.add_column("campaign", sa.Column("cancelled_by", sa.Text(), nullable=True))
    op.add_column("campaign", sa.Column("cancelled_why", sa.Text(), nullable=True))
    told = "num_nonnulls(cancelled_s, cancelled_by, cancelled_why) IN (0, 3)"
    op.create_check_constraint(op.f("ck_campaign_cancelled_by_somebody_and_why"), "campaign", told)
