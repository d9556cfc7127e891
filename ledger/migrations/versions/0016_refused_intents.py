"""What the chain refused is found without reading what it took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    op.drop_index("ix_outbox_intent_open", "outbox_intent")
    unsettled = sa.text("state IN ('queued', 'sent', 'mined', 'failed')")
    op.create_index("ix_outbox_intent_open", "outbox_intent", ["state", "id"], postgresql_where=unsettled)
