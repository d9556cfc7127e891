"""More events of a document in the log."""

from __future__ import annotations

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    op.drop_constraint(op.f("ck_log_entry_event_is_known"), "log_entry", type_="check")
    known = "event IN ('sealed', 'issued', 'superseded', 'terminated', 'revoked', 'erased')"
    op.create_check_constraint(op.f("ck_log_entry_event_is_known"), "log_entry", known)
    op.create_table(
        "log_node",
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("level > 0 AND index >= 0", name=op.f("ck_log_node_places_count_from_0")),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_log_node_hash_is_32_bytes")),
        sa.PrimaryKeyConstraint("level", "index", name=op.f("pk_log_node")),
    )
    _keep_nodes()


def _keep_nodes() -> None:
    """The complete inner nodes over the entries that are there already."""
    bind = op.get_bind()
    level = [bytes(row[0]) for row in bind.execute(sa.text("SELECT leaf_hash FROM log_entry ORDER BY index"))]
    insert = sa.text("INSERT INTO log_node (level, index, hash) VALUES (:level, :index, :hash)")
    height = 1
    while len(level) > 1:
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        bind.execute(insert, [{"level": height, "index": index, "hash": node} for index, node in enumerate(level)])
        height += 1
