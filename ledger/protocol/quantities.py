"""Numbers, identifiers and hexadecimal text: the checks every value passes before it is hashed, signed or sent.

Energy is in Wh, prices in whole đồng per kWh, so Wh × đ/kWh is exactly milli-đồng; nothing here knows a fraction.
"""

from __future__ import annotations

import secrets
from binascii import Error as BinasciiError
from binascii import unhexlify

from ledger.protocol.errors import ProtocolError


def check_uint(value: object, bits: int, field: str) -> int:
    """The value, when it is an integer of 0 to 2^bits−1.

    Raises:
        ProtocolError: another type (a bool too) or out of range.
    """
    if not isinstance(value, int) or value.__class__ is bool:
        raise ProtocolError(f"not an integer: {_show(value)}", field=field, fix="give a whole number")
    if value < 0 or value >> bits:
        raise ProtocolError(f"{_show(value)} does not fit uint{bits}", field=field, fix=f"give a whole number from 0 to 2^{bits}-1")
    return value


def uint_word(value: object, bits: int, field: str) -> bytes:
    """An unsigned integer as the 32-byte word it is in ABI encoding; errors as `check_uint`."""
    return check_uint(value, bits, field).to_bytes(32, "big")


def check_int(value: object, bits: int, field: str) -> int:
    """The value, when it is an integer of −2^(bits−1) to 2^(bits−1)−1.

    Raises:
        ProtocolError: another type (a bool too) or out of range.
    """
    if not isinstance(value, int) or value.__class__ is bool:
        raise ProtocolError(f"not an integer: {_show(value)}", field=field, fix="give a whole number")
    limit = 1 << (bits - 1)
    if not -limit <= value < limit:
        raise ProtocolError(f"{_show(value)} does not fit int{bits}", field=field, fix=f"give a whole number within ±2^{bits - 1}")
    return value


def check_time(value: object, field: str) -> int:
    """A moment in whole Unix seconds, UTC, up to 2^63−1.

    Raises:
        ProtocolError: not an integer or out of range.
    """
    return check_uint(value, 63, field)


def check_wh(value: object, field: str) -> int:
    """Energy in watt-hours, uint64.

    Raises:
        ProtocolError: not an integer or out of range.
    """
    return check_uint(value, 64, field)


def check_price(value: object, field: str) -> int:
    """A price in whole đồng per kWh, uint32.

    Raises:
        ProtocolError: not an integer or out of range.
    """
    return check_uint(value, 32, field)


def check_bytes(value: object, field: str, length: int | None = None) -> bytes:
    """The value, when it is bytes (of that length, when one is given).

    Raises:
        ProtocolError: another type or length.
    """
    if not isinstance(value, bytes):
        raise ProtocolError(f"not bytes: {_show(value)}", field=field, fix="give bytes" if length is None else f"give {length} bytes")
    if length is not None and len(value) != length:
        raise ProtocolError(f"{len(value)} bytes instead of {length}", field=field, fix=f"give exactly {length} bytes")
    return value


def check_bytes32(value: object, field: str) -> bytes:
    """An identifier, hash or salt of 32 bytes.

    Raises:
        ProtocolError: another type or length.
    """
    if isinstance(value, bytes) and len(value) == 32:
        return value
    return check_bytes(value, field, 32)


def check_text(value: object, field: str) -> bytes:
    """The UTF-8 bytes of a string.

    Raises:
        ProtocolError: another type, or a string UTF-8 cannot hold (a lone surrogate).
    """
    if not isinstance(value, str):
        raise ProtocolError(f"not text: {_show(value)}", field=field, fix="give a string")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        raise ProtocolError("text that UTF-8 cannot hold", field=field, fix="remove lone surrogates") from None


def hex0x(data: bytes) -> str:
    """`0x` and lower-case hexadecimal digits."""
    return "0x" + data.hex()


def unhex(text: object, field: str, length: int | None = None) -> bytes:
    """The bytes behind `0x` and hexadecimal digits, of that length when one is given.

    Raises:
        ProtocolError: another type, no `0x`, other characters, half a byte, another length.
    """
    if not isinstance(text, str) or not text.startswith("0x"):
        raise ProtocolError(f"not hexadecimal: {_show(text)}", field=field, fix="give 0x and hexadecimal digits")
    try:
        data = unhexlify(text[2:])
    except (BinasciiError, ValueError):
        raise ProtocolError(f"not hexadecimal: {_show(text)}", field=field, fix="give 0x and pairs of hexadecimal digits") from None
    return check_bytes(data, field, length)


def mvnd(wh: int, price: int) -> int:
    """Money in milli-đồng of so many Wh at so many đồng per kWh: exact, nothing is rounded.

    Raises:
        ProtocolError: an argument is out of range.
    """
    return check_wh(wh, "wh") * check_price(price, "price_vnd_per_kwh")


def new_id() -> bytes:
    """A new random identifier of a party, meter, zone or agreement: 32 bytes that say nothing about whom they name."""
    return secrets.token_bytes(32)


def _show(value: object) -> str:
    """A value as it may stand in an error: never more than a few words, whatever was given."""
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    try:
        shown = repr(value)
    except Exception:
        shown = f"a {type(value).__name__}"
    return shown if len(shown) <= 80 else shown[:77] + "..."
