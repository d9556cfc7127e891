"""A database of before there were families: each contract joins the family of what it replaced."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from ledger.db import connect, migration_config, upgrade
from ledger.embedded import EmbeddedPostgres
from tests.conftest import administer, disposing

OLD = """
INSERT INTO agreement (id, kind, base_length, base_digest, terms_root, valid_from, valid_to, supersedes, deadline, lookup_code)
VALUES (:id, 'rooftop-surplus-sale', 1, :id, :id, 1, 2, :supersedes, 1, :code)
"""


def test_contracts_of_before_get_their_family_and_version_and_no_template(postgres: EmbeddedPostgres) -> None:
    administer(postgres, "CREATE DATABASE before_families")
    try:
        with disposing(connect(postgres.url("before_families"))) as engine:
            with engine.begin() as connection:
                command.upgrade(migration_config(connection), "0002")
                for number, earlier in ((1, None), (2, 1), (3, 2), (7, None)):
                    supersedes = None if earlier is None else bytes([earlier]) * 32
                    connection.execute(text(OLD), {"id": bytes([number]) * 32, "supersedes": supersedes, "code": str(number)})
            upgrade(engine)
            with engine.connect() as connection:
                rows = connection.execute(text("SELECT id, family, kind_version, template_digest, unit_id FROM agreement ORDER BY 1")).all()
    finally:
        administer(postgres, "DROP DATABASE before_families WITH (FORCE)")
    assert [(bytes(row.id)[0], bytes(row.family)[0]) for row in rows] == [(1, 1), (2, 1), (3, 1), (7, 7)]
    assert {tuple(row)[2:] for row in rows} == {(1, None, None)}
