"""Dataclasses as canonical JSON values and back, by their type hints: bytes as 0x…, integers beyond 2^53−1 as decimal text.

One value has one form: what is read is written again and compared, so a number as text, a capital hexadecimal digit or a member nobody
reads is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from ledger.protocol.canonical import INTEGER_LIMIT
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import hex0x, unhex

T = TypeVar("T")
_DIGITS_LIMIT = 80
_FIX = "obtain the bundle again from where it was issued"


def to_json(value: Any) -> Any:
    """The JSON form of a dataclass, or of a part of one."""
    if isinstance(value, bytes):
        return hex0x(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) <= INTEGER_LIMIT else str(value)
    if isinstance(value, tuple):
        return [to_json(entry) for entry in value]
    if isinstance(value, Mapping):
        return {hex0x(key) if isinstance(key, bytes) else key: to_json(entry) for key, entry in value.items()}
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    return value


def from_json(cls: type[T], value: object, field: str) -> T:
    """The dataclass behind its JSON form. Lengths and ranges are checked where the values are hashed.

    Raises:
        ProtocolError: `field` is the path of the entry that is malformed.
    """
    read: T = _read(cls, value, field)
    written = to_json(read)
    if written != value:
        raise ProtocolError("written in another form than this program writes", field=_difference(written, value, field), fix=_FIX)
    return read


def _read(hint: Any, value: object, field: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _read(arguments[0], value, field)
    if origin is UnionType:
        return None if value is None else _read(next(one for one in arguments if one is not NoneType), value, field)
    if origin is tuple:
        return tuple(_read(arguments[0], entry, f"{field}[{place}]") for place, entry in enumerate(_typed(list, value, field)))
    if origin is not None and issubclass(origin, Mapping):
        given = _typed(dict, value, field)
        return {_key(arguments[0], key, field): _read(arguments[1], entry, f"{field}.{key[:20]}") for key, entry in given.items()}
    return _plain(hint, value, field)


def _plain(hint: Any, value: object, field: str) -> Any:
    if hint is bytes:
        return unhex(value, field)
    if hint is int:
        return _integer(value, field)
    if hint is str:
        return _typed(str, value, field)
    hints = _hints(hint)
    given = _typed(dict, value, field)
    if given.keys() != hints.keys():
        raise ProtocolError(f"must have exactly {', '.join(sorted(hints))}", field=field, fix=_FIX)
    return hint(**{name: _read(of, given[name], f"{field}.{name}") for name, of in hints.items()})


@lru_cache(maxsize=64)
def _hints(cls: type) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cls)}


def _key(hint: Any, key: str, field: str) -> Any:
    return unhex(key, field) if hint is bytes else key


def _integer(value: object, field: str) -> int:
    if isinstance(value, str) and len(value) <= _DIGITS_LIMIT and value.removeprefix("-").isdecimal() and value.isascii():
        return int(value)
    return int(_typed(int, value, field))


def _typed(cls: type, value: object, field: str) -> Any:
    if type(value) is not cls:
        name = {dict: "an object", list: "a list", str: "text", int: "a whole number"}[cls]
        raise ProtocolError(f"must be {name}", field=field, fix=_FIX)
    return value


def _difference(written: Any, value: Any, field: str) -> str:
    """The path of the first entry that differs."""
    if isinstance(written, dict) and isinstance(value, dict) and written.keys() == value.keys():
        return next(_difference(written[key], value[key], f"{field}.{key[:20]}") for key in written if written[key] != value[key])
    if isinstance(written, list) and isinstance(value, list):
        pairs = enumerate(zip(written, value, strict=True))
        return next(_difference(one, other, f"{field}[{place}]") for place, (one, other) in pairs if one != other)
    return field
