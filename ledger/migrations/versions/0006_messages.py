"""Messages on their way to people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    _message_key()
    op.create_table("message", *_columns(), *_rules())
    op.create_index("ix_message_due", "message", ["next_try_s", "id"], postgresql_where=sa.text("state = 'queued'"))
    op.create_index("ix_message_about", "message", ["about"], postgresql_where=sa.text("about IS NOT NULL"))
    op.create_index("ix_message_reference", "message", ["channel", "reference"], postgresql_where=sa.text("reference IS NOT NULL"))


def _message_key() -> None:
    op.create_table(
        "message_key",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(id) = 32", name=op.f("ck_message_key_id_is_32_bytes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_key")),
        sa.UniqueConstraint("number", name=op.f("uq_message_key_number")),
    )


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_to", sa.LargeBinary(length=32), nullable=False),
        sa.Column("about", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_s", sa.BigInteger(), nullable=False),
        sa.Column("until_s", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("queued_s", sa.BigInteger(), nullable=False),
        sa.Column("sent_s", sa.BigInteger(), nullable=True),
        sa.Column("ended_s", sa.BigInteger(), nullable=True),
    ]


def _rules() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("channel IN ('email', 'sms', 'zalo')", name=op.f("ck_message_channel_is_known")),
        sa.CheckConstraint("state IN ('queued', 'sent', 'delivered', 'failed', 'expired')", name=op.f("ck_message_state_is_known")),
        sa.CheckConstraint("(state = 'queued') = (body IS NOT NULL)", name=op.f("ck_message_text_is_kept_while_queued")),
        sa.CheckConstraint(
            "(state IN ('delivered', 'failed', 'expired')) = (ended_s IS NOT NULL)", name=op.f("ck_message_end_has_its_time")
        ),
        sa.CheckConstraint("state NOT IN ('failed', 'expired') OR reason IS NOT NULL", name=op.f("ck_message_failure_says_why")),
        sa.CheckConstraint("state <> 'queued' OR address IS NOT NULL", name=op.f("ck_message_queued_has_address")),
        sa.CheckConstraint("handle ~ '^[0-9a-f]{32}$'", name=op.f("ck_message_handle_is_hexadecimal")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_message_tries_count_up")),
        sa.ForeignKeyConstraint(["sealed_to"], ["message_key.id"], name=op.f("fk_message_sealed_to_message_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
        sa.UniqueConstraint("handle", name=op.f("uq_message_handle")),
    ]
