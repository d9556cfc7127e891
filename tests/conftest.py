"""What tests stand on: a real PostgreSQL server and a real chain, one of each a test process, fresh for every test at little cost."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain import anvil
from ledger.chain.devchain import Devchain, running_anvil
from ledger.db import connect, create_schema, open_sessions
from ledger.embedded import EmbeddedPostgres

TEMPLATE = "sonang_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server whose database `sonang_template` holds the schema; it trades durability for speed, as tests may."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("pg") / "postgres")
    try:
        administer(server, *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")))
        administer(server, "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        with disposing(connect(server.url(TEMPLATE))) as template:
            create_schema(template)
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    """An engine whose connections are closed at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def administer(server: EmbeddedPostgres, *statements: str) -> None:
    """Runs statements that must stand outside a transaction."""
    with disposing(connect(server.url())) as admin, admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def engine(postgres: EmbeddedPostgres) -> Iterator[Engine]:
    """A database of this test's own, with the schema and no rows."""
    name = f"test_{next(_numbers)}"
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    with disposing(connect(postgres.url(name))) as fresh:
        yield fresh
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions on this test's database."""
    return open_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session; nothing is committed unless the test does."""
    with sessions() as opened:
        yield opened


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Devchain]:
    """A devchain of this test process; tests share it through `devchain`, which puts it back as it was."""
    with running_anvil(directory=tmp_path_factory.mktemp("chain")) as running:
        yield running


@pytest.fixture
def devchain(chain: Devchain) -> Iterator[Devchain]:
    """The running devchain; whatever this test does to it is undone afterwards."""
    assert chain.url is not None
    snapshot = anvil.ask(chain.url, "evm_snapshot")
    yield chain
    if chain.url is not None:
        anvil.ask(chain.url, "evm_revert", snapshot)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parents[1]
