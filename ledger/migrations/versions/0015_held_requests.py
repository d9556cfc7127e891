"""Legal holds on service requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    op.add_column("legal_hold", sa.Column("request", sa.LargeBinary(length=32), nullable=True))
    op.drop_constraint(op.f("ck_legal_hold_holds_one_thing"), "legal_hold")
    op.create_check_constraint(op.f("ck_legal_hold_holds_one_thing"), "legal_hold", "num_nonnulls(family, party_id, request) = 1")
    op.create_check_constraint(op.f("ck_legal_hold_request_is_32_bytes"), "legal_hold", "octet_length(request) = 32")
    op.create_index(op.f("ix_legal_hold_request"), "legal_hold", ["request"])
