"""Many rows at once: PostgreSQL's COPY inside the session's own transaction, at a bounded size in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import psycopg
from psycopg import sql
from sqlalchemy.orm import Session


def copy_rows(session: Session, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Appends rows given in COPY's text form: values parted by tabs, one line a row, bytes in hexadecimal.

    Args:
        lines: one or more whole lines each; the server works on what it has while the next are made.

    Raises:
        psycopg.Error: the database refused a row; the transaction can then only be rolled back.
    """
    session.flush()
    connection = cast(psycopg.Connection, session.connection().connection.driver_connection)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for some in lines:
            copy.write(some)
