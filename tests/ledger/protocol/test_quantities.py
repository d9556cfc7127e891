"""Quantities: the right ones pass unchanged, all others are refused by our own error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import (
    check_bytes,
    check_bytes32,
    check_int,
    check_price,
    check_text,
    check_time,
    check_uint,
    check_wh,
    hex0x,
    mvnd,
    new_id,
    unhex,
)
from tests.ledger.protocol.vectors import fault, junk


class Unprintable(int):
    def __repr__(self) -> str:
        raise RuntimeError


@given(st.integers(1, 256), st.integers(-(2**300), 2**300))
def test_an_unsigned_integer_passes_exactly_when_it_fits(bits: int, value: int) -> None:
    if 0 <= value < 2**bits:
        assert check_uint(value, bits, "x") == value
    else:
        with pytest.raises(ProtocolError) as caught:
            check_uint(value, bits, "x")
        assert caught.value.field == "x"


@given(st.integers(1, 256), st.integers(-(2**300), 2**300))
def test_a_signed_integer_passes_exactly_when_it_fits(bits: int, value: int) -> None:
    if -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        assert check_int(value, bits, "x") == value
    else:
        with pytest.raises(ProtocolError):
            check_int(value, bits, "x")


@pytest.mark.parametrize("value", [True, False, 1.0, "1", None, b"1", 1j, [1]])
def test_what_is_no_integer_is_no_quantity(value: object) -> None:
    for check in (check_time, check_wh, check_price):
        with pytest.raises(ProtocolError):
            check(value, "x")
    for check_width in (check_uint, check_int):
        with pytest.raises(ProtocolError):
            check_width(value, 64, "x")


def test_the_limits_of_times_energies_and_prices() -> None:
    assert check_time(2**63 - 1, "t") == 2**63 - 1
    assert check_wh(2**64 - 1, "e") == 2**64 - 1
    assert check_price(2**32 - 1, "p") == 2**32 - 1
    for check, value in ((check_time, 2**63), (check_wh, 2**64), (check_price, 2**32), (check_time, -1)):
        with pytest.raises(ProtocolError):
            check(value, "x")


def test_an_error_stays_short_whatever_it_shows() -> None:
    for value in (10**5000, -(10**5000), "x" * 10_000, Unprintable(-1)):
        with pytest.raises(ProtocolError) as caught:
            check_uint(value, 64, "x")
        assert len(str(caught.value)) < 300


@given(st.binary(max_size=100))
def test_hexadecimal_text_reads_back(data: bytes) -> None:
    assert unhex(hex0x(data), "x") == data
    assert unhex("0x" + data.hex().upper(), "x", len(data)) == data


@pytest.mark.parametrize(
    "text", ["", "0", "0x0", "0xzz", "00", "0X00", "0x 0", "0x00 ", " 0x00", "0x0\n0", "0x００", "0xé", None, 0, b"0x00", "0x\ud800"]
)
def test_other_text_is_not_hexadecimal(text: object) -> None:
    with pytest.raises(ProtocolError):
        unhex(text, "x")


def test_a_length_is_kept_to() -> None:
    for text in ("0x", "0x" + "00" * 31, "0x" + "00" * 33):
        with pytest.raises(ProtocolError):
            unhex(text, "x", 32)


@given(junk)
def test_bytes_and_text_are_checked_for_what_they_are(value: Any) -> None:
    assert (fault(lambda: check_bytes(value, "x")) is None) == isinstance(value, bytes)
    assert (fault(lambda: check_bytes32(value, "x")) is None) == (isinstance(value, bytes) and len(value) == 32)
    assert isinstance(value, str) or fault(lambda: check_text(value, "x")) is not None


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_money_is_the_exact_product_in_milli_dong(wh: int, price: int) -> None:
    assert mvnd(wh, price) == wh * price
    assert mvnd(1000, price) == price * 1000


def test_money_of_impossible_quantities_is_refused() -> None:
    for wh, price in ((-1, 1), (1, -1), (2**64, 1), (1, 2**32), (True, 1), (1.5, 2)):
        with pytest.raises(ProtocolError):
            mvnd(wh, price)  # type: ignore[arg-type]


def test_new_identifiers_are_random_and_32_bytes() -> None:
    made = {new_id() for _ in range(100)}
    assert len(made) == 100
    assert {len(one) for one in made} == {32}
