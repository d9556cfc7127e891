"""Files given with requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    op.create_table(
        "service_attachment",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "octet_length(digest) = 32 AND octet_length(key) = 32", name=op.f("ck_service_attachment_digest_and_key_are_32_bytes")
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_service_attachment_size_is_above_0")),
        sa.CheckConstraint("who IN ('customer', 'staff', 'system')", name=op.f("ck_service_attachment_who_is_known")),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name=op.f("fk_service_attachment_request_id_service_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_attachment")),
        sa.UniqueConstraint("request_id", "digest", name=op.f("uq_service_attachment_request_id")),
    )
