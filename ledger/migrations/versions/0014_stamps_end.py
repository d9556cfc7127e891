"""Until when the last archive time stamp of each issued file can be checked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup. Files issued before are read once, by the first renewal."""
    op.add_column("issue_job", sa.Column("good_until_s", sa.BigInteger(), nullable=True))
    op.execute("UPDATE issue_job SET good_until_s = 0 WHERE state = 'issued' AND agreement_id NOT IN (SELECT agreement_id FROM erasure)")
    op.create_check_constraint(op.f("ck_issue_job_stamps_are_of_issued_files"), "issue_job", "good_until_s IS NULL OR state = 'issued'")
    op.create_index("ix_issue_job_good_until", "issue_job", ["good_until_s"], postgresql_where=sa.text("state = 'issued'"))
