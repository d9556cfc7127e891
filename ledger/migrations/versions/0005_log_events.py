"""More events of a document in the log."""

from __future__ import annotations

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
