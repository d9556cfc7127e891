"""JSON with one byte form (RFC 8785), strings in Unicode NFC, and no fractions: what is hashed as JSON is written and read only here."""

from __future__ import annotations

from typing import Any
from unicodedata import is_normalized, normalize

import orjson
import rfc8785

from ledger.protocol.errors import ProtocolError

INTEGER_LIMIT = 2**53 - 1
"""Beyond it JSON numbers lose digits in other languages; write such integers as decimal text."""
DEPTH_LIMIT = 64


def canonical_json(value: object) -> bytes:
    """The canonical bytes of objects (dict), lists (list, tuple), text, integers within ±(2^53−1), true, false and null.

    Raises:
        ProtocolError: a float, a large integer, another type, a key that is no text, two keys that become one, lone surrogates, or nesting
            deeper than 64; the field names the place.
    """
    return rfc8785.dumps(_plain(value, "$", DEPTH_LIMIT))


def parse_canonical(data: bytes) -> Any:
    """The value behind canonical bytes.

    The parser is one whose nesting is limited by itself; what it lets through (fractions, a member given twice) is not canonical.

    Raises:
        ProtocolError: not JSON, or any other byte form than `canonical_json` gives that value.
    """
    if not isinstance(data, bytes):
        raise ProtocolError("not bytes", field="json", fix="give the bytes of the file")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as wrong:
        raise ProtocolError(f"not JSON: {str(wrong)[:120]}", field="json", fix="give canonical JSON (RFC 8785) in UTF-8") from None
    if canonical_json(value) != data:
        raise ProtocolError("JSON, but not in its canonical bytes", field="json", fix="write it by RFC 8785 with strings in NFC")
    return value


def _plain(value: object, place: str, depth: int) -> Any:
    if depth == 0:
        raise ProtocolError("nested too deeply", field="json", fix=f"nest at most {DEPTH_LIMIT} levels")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, place)
    if isinstance(value, int):
        return _integer(value, place)
    if isinstance(value, dict):
        return _object(value, place, depth)
    if isinstance(value, list | tuple):
        return [_plain(entry, f"{place}[{index}]", depth - 1) for index, entry in enumerate(value)]
    raise ProtocolError(f"a {type(value).__name__} has no canonical form", field=place[:120], fix="write fractions as integers or as text")


def _object(value: dict[Any, Any], place: str, depth: int) -> dict[str, Any]:
    plain = {_text(key, place): _plain(entry, f"{place}.{key}", depth - 1) for key, entry in value.items()}
    if len(plain) != len(value):
        raise ProtocolError("two keys that are one after normalisation", field=place[:120], fix="name the members differently")
    return plain


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise ProtocolError(f"a key that is a {type(value).__name__}", field=place[:120], fix="use text as keys")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise ProtocolError("text that UTF-8 cannot hold", field=place[:120], fix="remove lone surrogates") from None
        if not is_normalized("NFC", value):
            return normalize("NFC", value)
    return str(value)


def _integer(value: int, place: str) -> int:
    if abs(value) > INTEGER_LIMIT:
        raise ProtocolError("an integer beyond ±(2^53−1)", field=place[:120], fix="write it as decimal text")
    return int(value)
