"""The schema's history leads exactly to what the models say, from nothing, once, whoever runs it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, text

from ledger.db import connect, upgrade
from ledger.embedded import EmbeddedPostgres
from ledger.errors import UnavailableError
from ledger.models import metadata
from tests.conftest import administer, disposing

_numbers = itertools.count(1)

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
)
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[Callable[[], Engine]]:
    """Makes databases with nothing in them."""
    made: list[tuple[str, Engine]] = []

    def make() -> Engine:
        name = f"empty_{next(_numbers)}"
        administer(postgres, f"CREATE DATABASE {name}")
        made.append((name, connect(postgres.url(name))))
        return made[-1][1]

    yield make
    for name, engine in made:
        engine.dispose()
        administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def catalog(engine: Engine) -> dict[str, set[tuple[object, ...]]]:
    """Everything the server knows of our tables, in its own words."""
    with engine.connect() as connection:
        found = {
            name: {tuple(row) for row in connection.execute(text(asked))}
            for name, asked in (("c", COLUMNS), ("k", CONSTRAINTS), ("i", INDEXES))
        }
    return {name: {row for row in rows if "alembic_version" not in str(row)} for name, rows in found.items()}


def test_autogenerate_finds_nothing_to_add(empty: Callable[[], Engine]) -> None:
    engine = empty()
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []


def test_history_and_models_make_the_same_columns_constraints_and_indexes(empty: Callable[[], Engine]) -> None:
    by_history, by_models = empty(), empty()
    upgrade(by_history)
    metadata.create_all(by_models)
    assert catalog(by_history) == catalog(by_models)
    assert any("CHECK" in str(row) for row in catalog(by_history)["k"])


def test_upgrading_again_changes_nothing_and_keeps_the_rows(empty: Callable[[], Engine]) -> None:
    engine = empty()
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO indexed_block VALUES (1, '\\x01', '\\x02', 3)"))
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM indexed_block")) == 1


def test_two_programs_that_start_at_once_upgrade_once(empty: Callable[[], Engine]) -> None:
    engine = empty()
    with disposing(connect(engine.url)) as other, ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(upgrade, each) for each in (engine, other)]:
            done.result(60)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_database_of_a_newer_program_is_left_alone(empty: Callable[[], Engine]) -> None:
    engine = empty()
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnavailableError, match="unknown to this program") as refused:
        upgrade(engine)
    assert "newest version" in refused.value.fix


def test_a_database_of_an_unreleased_version_ends_in_one_line_that_says_what_to_do(empty: Callable[[], Engine]) -> None:
    engine = empty()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE agreement (id bigint)"))  # a table of ours, made by nobody our history knows
    with pytest.raises(UnavailableError, match="made by another version") as refused:
        upgrade(engine)
    assert "\n" not in str(refused.value)
    assert "open it with the version that made it" in refused.value.fix
    assert "make clean" not in refused.value.fix, "its contracts would be gone with it"
    assert "SONANG_STATE_DIR" in refused.value.fix
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 1, "and nothing was changed"
