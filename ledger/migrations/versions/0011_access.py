"""Who may see what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    _sign_in()
    _staff()
    _access_session()
    _asked_often()


def _sign_in() -> None:
    op.create_table(
        "sign_in",
        sa.Column("ticket_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("party_id", sa.LargeBinary(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.Column("ended_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("octet_length(ticket_hash) = 32 AND octet_length(code_hash) = 32", name=op.f("ck_sign_in_hashes_are_32_bytes")),
        sa.CheckConstraint("(code_hash IS NULL) = (party_id IS NULL)", name=op.f("ck_sign_in_code_is_somebodys")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_sign_in_tries_count_up")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_sign_in_party_id_party")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_sign_in_contact_id_contact")),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_expires_s"), "sign_in", ["expires_s"])


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.LargeBinary(), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("removed_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("role IN ('agent', 'counter', 'inspector', 'admin')", name=op.f("ck_staff_role_is_known")),
        sa.CheckConstraint("unit_id IS NOT NULL OR role = 'admin'", name=op.f("ck_staff_only_an_admin_has_no_unit")),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_staff_token_hash_is_32_bytes")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_staff_name_is_given")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_staff_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_name")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_token_hash")),
    )


def _access_session() -> None:
    op.create_table(
        "access_session",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party_id", sa.LargeBinary(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("created_s", sa.BigInteger(), nullable=False),
        sa.Column("expires_s", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(party_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_access_session_is_of_one")),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_access_session_token_hash_is_32_bytes")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_access_session_party_id_party")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_access_session_staff_id_staff")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_access_session")),
    )
    for column in ("party_id", "staff_id", "expires_s"):
        op.create_index(op.f(f"ix_access_session_{column}"), "access_session", [column])


def _asked_often() -> None:
    op.create_table(
        "asked_often",
        sa.Column("bucket", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ends_s", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(bucket) = 32", name=op.f("ck_asked_often_bucket_is_32_bytes")),
        sa.PrimaryKeyConstraint("bucket", "ends_s", name=op.f("pk_asked_often")),
    )
    op.create_index("ix_asked_often_ends_s", "asked_often", ["ends_s"])
