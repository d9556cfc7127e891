"""Approvals the utility attests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHECKS = {
    "evidence_is_32_bytes": "octet_length(evidence) = 32",
    "attested_by_a_signature": "evidence IS NULL OR signature IS NOT NULL",
}


def upgrade() -> None:
    """Forward only: the way back is a backup. Everybody signed for itself before."""
    op.add_column("agreement_signatory", sa.Column("evidence", sa.LargeBinary(length=32), nullable=True))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_agreement_signatory_{name}"), "agreement_signatory", condition)
