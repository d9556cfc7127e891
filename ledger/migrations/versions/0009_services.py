"""Service requests and reviews."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: the way back is a backup."""
    _places()
    _requests()
    _given_and_gone_through()
    _pauses()
    _acts()
    _documents()
    _indexes()


def _places() -> None:
    op.create_table(
        "served_place",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("since_s", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_served_place_unit_id_unit")),
        sa.PrimaryKeyConstraint("place", "since_s", name=op.f("pk_served_place")),
    )
    op.create_table(
        "unit_desk",
        sa.Column("unit_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'sms', 'zalo')", name=op.f("ck_unit_desk_channel_is_known")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_desk_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_unit_desk")),
    )


def _requests() -> None:
    op.create_table(
        "service_request",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("party_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("contract_id", sa.LargeBinary(length=32), nullable=True),
        sa.Column("metering_point", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_s", sa.BigInteger(), nullable=False),
        sa.Column("clock_s", sa.BigInteger(), nullable=False),
        sa.Column("deadline_days", sa.Integer(), nullable=False),
        sa.Column("due_s", sa.BigInteger(), nullable=False),
        sa.Column("step_due_s", sa.BigInteger(), nullable=False),
        sa.Column("paused_s", sa.BigInteger(), nullable=True),
        sa.Column("closed_s", sa.BigInteger(), nullable=True),
        sa.Column("changed_s", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(step IS NOT NULL) = (state IN ('open', 'returned'))", name=op.f("ck_service_request_running_has_a_step")),
        sa.CheckConstraint(
            "channel IN ('web', 'app', 'api', 'agent-phone', 'counter', 'portal', 'internal')",
            name=op.f("ck_service_request_channel_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'returned', 'closed', 'rejected', 'withdrawn')", name=op.f("ck_service_request_state_is_known")
        ),
        sa.CheckConstraint("deadline_days > 0 AND version > 0", name=op.f("ck_service_request_counts_are_above_0")),
        sa.CheckConstraint("octet_length(id) = 32", name=op.f("ck_service_request_id_is_32_bytes")),
        sa.ForeignKeyConstraint(["contract_id"], ["agreement.id"], name=op.f("fk_service_request_contract_id_agreement")),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name=op.f("fk_service_request_party_id_party")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_service_request_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_request")),
        sa.UniqueConstraint("number", name=op.f("uq_service_request_number")),
    )


def _given_and_gone_through() -> None:
    op.create_table(
        "service_input",
        sa.Column("request_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name=op.f("fk_service_input_request_id_service_request")),
        sa.PrimaryKeyConstraint("request_id", "name", name=op.f("pk_service_input")),
    )
    op.create_table(
        "service_step",
        sa.Column("request_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("began_s", sa.BigInteger(), nullable=False),
        sa.Column("allowance_s", sa.BigInteger(), nullable=False),
        sa.Column("ended_s", sa.BigInteger(), nullable=True),
        sa.Column("ended_as", sa.Text(), nullable=True),
        sa.CheckConstraint("(ended_s IS NULL) = (ended_as IS NULL)", name=op.f("ck_service_step_ended_by_something")),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name=op.f("fk_service_step_request_id_service_request")),
        sa.PrimaryKeyConstraint("request_id", "place", name=op.f("pk_service_step")),
    )


def _pauses() -> None:
    op.create_table(
        "service_pause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("began_s", sa.BigInteger(), nullable=False),
        sa.Column("ended_s", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("why IN ('returned', 'customer-signs', 'customer-step')", name=op.f("ck_service_pause_why_is_known")),
        sa.CheckConstraint("ended_s >= began_s", name=op.f("ck_service_pause_pauses_run_forward")),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name=op.f("fk_service_pause_request_id_service_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_pause")),
    )


def _acts() -> None:
    op.create_table(
        "service_act",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("request_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at_s", sa.BigInteger(), nullable=False),
        sa.Column("written_s", sa.BigInteger(), server_default=sa.text("extract(epoch FROM clock_timestamp())::bigint"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('web', 'app', 'api', 'agent-phone', 'counter', 'portal', 'internal')", name=op.f("ck_service_act_channel_is_known")
        ),
        sa.CheckConstraint("who IN ('customer', 'staff', 'system')", name=op.f("ck_service_act_who_is_known")),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name=op.f("fk_service_act_request_id_service_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_act")),
        sa.UniqueConstraint("request_id", "version", name=op.f("uq_service_act_request_id")),
    )
    op.create_table(
        "service_reminder",
        sa.Column("request_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name=op.f("fk_service_reminder_request_id_service_request")),
        sa.PrimaryKeyConstraint("request_id", "place", "day", "whom", name=op.f("pk_service_reminder")),
    )


def _documents() -> None:
    op.create_table(
        "service_document",
        sa.Column("agreement_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("request_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("dropped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_service_document_agreement_id_agreement")),
        sa.ForeignKeyConstraint(["request_id"], ["service_request.id"], name=op.f("fk_service_document_request_id_service_request")),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_service_document")),
    )


def _indexes() -> None:
    op.create_index("ix_service_request_due", "service_request", ["due_s"], unique=False, postgresql_where=sa.text("step IS NOT NULL"))
    op.create_index(op.f("ix_service_request_party_id"), "service_request", ["party_id"], unique=False)
    op.create_index("ix_service_request_unit", "service_request", ["unit_id", "number"], unique=False)
    op.create_index(op.f("ix_service_pause_request_id"), "service_pause", ["request_id"], unique=False)
    op.create_index("uq_service_pause_open", "service_pause", ["request_id"], unique=True, postgresql_where=sa.text("ended_s IS NULL"))
    op.create_index(op.f("ix_service_document_request_id"), "service_document", ["request_id"], unique=False)
