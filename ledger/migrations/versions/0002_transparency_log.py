"""The transparency log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    op.create_table(
        "log_entry",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("event IN ('sealed', 'superseded', 'terminated', 'revoked')", name=op.f("ck_log_entry_event_is_known")),
        sa.CheckConstraint("index >= 0 AND sequence >= 0", name=op.f("ck_log_entry_places_count_from_0")),
        sa.CheckConstraint(
            "octet_length(leaf_hash) = 32 AND octet_length(unit) = 32 AND octet_length(document) = 32",
            name=op.f("ck_log_entry_hashes_are_32_bytes"),
        ),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("document", "event", name=op.f("uq_log_entry_document")),
        sa.UniqueConstraint("unit", "sequence", name=op.f("uq_log_entry_unit")),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("signed_s", sa.BigInteger(), nullable=False),
        sa.Column("intent_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("octet_length(root) = 32", name=op.f("ck_log_checkpoint_root_is_32_bytes")),
        sa.CheckConstraint("size > 0", name=op.f("ck_log_checkpoint_size_is_not_none")),
        sa.ForeignKeyConstraint(["intent_id"], ["outbox_intent.id"], name=op.f("fk_log_checkpoint_intent_id_outbox_intent")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_checkpoint")),
    )
