"""Lists in pages: a page says where the next one begins, so nothing is skipped or doubled when rows are added in between."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.errors import InputError
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_int, hex0x, unhex

__all__ = ["PageAsked", "Paging", "page_of", "part_of"]

LONGEST = 500


class Paging:
    """Which part of a list is asked for."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=LONGEST, description="At most so many items.", examples=[50])] = 50,
        cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before; the first page without it.")] = None,
    ) -> None:
        self.limit = limit
        self.cursor = cursor


PageAsked = Annotated[Paging, Depends()]
Item = TypeVar("Item")
Key = InstrumentedAttribute[Any]


def page_of(
    session: Session, wanted: Select[Any], keys: Sequence[Key], paging: Paging, *, newest_first: bool = False
) -> tuple[list[Any], str | None]:
    """The rows of a page and the cursor of the next one.

    Args:
        wanted: selects one mapped class, without an order.
        keys: columns of that class, unique together, of bytes or of whole numbers: the order of the list.

    Raises:
        InputError: the cursor is none of this list's.
    """
    if paging.cursor is not None:
        place, at = tuple_(*keys), tuple_(*_read(paging.cursor, keys))
        wanted = wanted.where(place < at if newest_first else place > at)
    order = [key.desc() if newest_first else key.asc() for key in keys]
    rows = list(session.scalars(wanted.order_by(*order).limit(paging.limit + 1)))
    shown = rows[: paging.limit]
    return shown, _write([getattr(shown[-1], key.key) for key in keys]) if len(rows) > len(shown) else None


def part_of(items: Sequence[Item], key: Callable[[Item], int], paging: Paging) -> tuple[list[Item], str | None]:
    """As `page_of` for a list already made, in the rising order of `key`."""
    after = -(2**63) if paging.cursor is None else _read_number(paging.cursor)
    rest = [item for item in items if key(item) > after]
    shown = rest[: paging.limit]
    return shown, _write([key(shown[-1])]) if len(rest) > len(shown) else None


def _write(values: Sequence[int | bytes]) -> str:
    plain = [hex0x(value) if isinstance(value, bytes) else value for value in values]
    return urlsafe_b64encode(orjson.dumps(plain)).decode().rstrip("=")


def _read(cursor: str, keys: Sequence[Key]) -> list[int | bytes]:
    with _only_ours():
        return [
            unhex(value, "cursor") if key.type.python_type is bytes else check_int(value, 64, "cursor")
            for value, key in zip(_plain(cursor), keys, strict=True)
        ]


def _read_number(cursor: str) -> int:
    with _only_ours():
        (value,) = _plain(cursor)
        return check_int(value, 64, "cursor")


def _plain(cursor: str) -> Any:
    return orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


@contextmanager
def _only_ours() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, ProtocolError):
        raise InputError("not a cursor of this list", field="cursor", fix="give `next` of the page before, or leave it out") from None
