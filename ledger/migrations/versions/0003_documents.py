"""Documents of many kinds: customers, families, units, templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FAMILIES = """
WITH RECURSIVE line AS (
    SELECT id, id AS first FROM agreement WHERE supersedes IS NULL
    UNION ALL SELECT later.id, line.first FROM agreement later JOIN line ON later.supersedes = line.id
)
UPDATE agreement SET family = line.first, kind_version = 1 FROM line WHERE line.id = agreement.id
"""


def upgrade() -> None:
    """Forward only: the way back is a backup. Documents drafted before are version 1 of their kind; their template was not recorded."""
    op.create_table(
        "unit",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("octet_length(id) = 32", name=op.f("ck_unit_id_is_32_bytes")),
        sa.CheckConstraint("code <> '' AND name <> ''", name=op.f("ck_unit_code_and_name_are_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.alter_column("party", "signer", nullable=True)
    op.drop_constraint(op.f("ck_party_role_is_known"), "party")
    op.create_check_constraint(op.f("ck_party_role_is_known"), "party", "role IN ('owner', 'customer', 'utility', 'oracle')")
    op.add_column("agreement", sa.Column("kind_version", sa.Integer(), nullable=True))
    for name in ("template_digest", "predecessor", "family", "unit_id"):
        op.add_column("agreement", sa.Column(name, sa.LargeBinary(length=32), nullable=True))
    op.execute(FAMILIES)
    op.alter_column("agreement", "kind_version", nullable=False)
    op.alter_column("agreement", "family", nullable=False)
    op.create_check_constraint(op.f("ck_agreement_template_digest_is_32_bytes"), "agreement", "octet_length(template_digest) = 32")
    op.create_check_constraint(op.f("ck_agreement_kind_version_counts_from_1"), "agreement", "kind_version > 0")
    for name, table in (("predecessor", "agreement"), ("family", "agreement"), ("unit_id", "unit")):
        op.create_foreign_key(op.f(f"fk_agreement_{name}_{table}"), "agreement", table, [name], ["id"])
        op.create_index(op.f(f"ix_agreement_{name}"), "agreement", [name])
