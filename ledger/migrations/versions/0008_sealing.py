"""The queue of the utility's seal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    op.create_table(
        "issue_job",
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("asked_s", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_s", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("issued_s", sa.BigInteger(), nullable=True),
        sa.Column("issued_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'issued')", name=op.f("ck_issue_job_state_is_known")),
        sa.CheckConstraint("octet_length(issued_digest) = 32", name=op.f("ck_issue_job_issued_digest_is_32_bytes")),
        sa.CheckConstraint(
            "(state = 'issued') = (issued_digest IS NOT NULL) AND (issued_digest IS NULL) = (issued_s IS NULL)"
            " AND (issued_digest IS NULL) = (level IS NULL)",
            name=op.f("ck_issue_job_issued_says_what"),
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_issue_job_tries_count_up")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_issue_job_agreement_id_agreement")),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_issue_job")),
        sa.UniqueConstraint("issued_digest", name=op.f("uq_issue_job_issued_digest")),
    )
    op.create_index("ix_issue_job_due", "issue_job", ["next_try_s"], postgresql_where=sa.text("state = 'waiting'"))
