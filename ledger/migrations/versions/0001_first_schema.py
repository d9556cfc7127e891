"""The first schema, as SQL beside this file."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates every table; the driver is asked directly, since SQLAlchemy would look for parameters in the text."""
    driver = op.get_bind().connection.cursor()
    driver.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    driver.close()
