"""What is personal or a key is not sampled for the planner: an erasure empties rows, and would not reach `pg_statistic`."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PERSONAL = {
    "agreement": ("lookup_code",),
    "agreement_signatory": ("signer", "signature", "evidence"),
    "agreement_term": ("value",),
    "approval": ("evidence", "evidence_json"),
    "campaign_member": ("label", "given", "kwh_per_month", "problem"),
    "company_certificate": ("fingerprint", "chain", "subject", "tax_code", "signer", "revocation"),
    "contact": ("address",),
    "draft_ending": ("reason",),
    "imported_home": ("label",),
    "message": ("address", "subject", "body", "reason", "reference"),
    "meter": ("label",),
    "one_time_code": ("bound", "address_tag", "code_hash"),
    "party": ("label", "name", "signer", "salt_key"),
    "passkey": ("credential_id", "public_key", "signer"),
    "presentation": ("lookup_code",),
    "profile": ("signature",),
    "service_act": ("note",),
    "service_attachment": ("name", "digest", "key"),
    "service_input": ("value",),
    "service_request": ("metering_point",),
    "signing_event": ("reason",),
}


def upgrade() -> None:
    """Forward only: the way back is a backup. Naming a column's type again, which rewrites nothing, drops the samples taken so far.

    The planner then takes its defaults for these columns; they are looked for by unique or other indexes only, which it uses all the same.
    """
    kinds: dict[str, str] = {row[0]: row[1] for row in op.get_bind().exec_driver_sql(TYPES)}
    for table, columns in PERSONAL.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kinds[f'{table}.{column}']}")
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")


TYPES = """
SELECT attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')) AND attnum > 0
"""
