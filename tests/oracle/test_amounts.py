"""Amounts in files: whole watt-hours, exact, rounded once, in the unit that was named."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle.errors import SourceError
from oracle.sources.amounts import Converter, Unit, parse_unit, unit_named_by


@pytest.mark.parametrize(
    ("name", "unit"),
    [("grid_import_kwh", "kwh"), ("Import (Wh)", "Wh"), ("power_w", "w"), ("P.kW", "kW"), ("window", None), ("load", None), ("wh", "wh")],
)
def test_the_unit_in_a_columns_name_is_recognised(name: str, unit: str | None) -> None:
    assert unit_named_by(name) == unit


@given(
    st.decimals(min_value=0, max_value=10**12, places=6, allow_nan=False), st.sampled_from(list(Unit)), st.sampled_from([900, 1800, 3600])
)
def test_every_amount_is_exact_and_rounded_half_to_even_once(amount: Any, unit: Unit, interval_s: int) -> None:
    exact = Fraction(amount) * {Unit.WH: Fraction(1), Unit.KWH: Fraction(1000), Unit.W: Fraction(interval_s, 3600)}[unit]
    assert Converter(unit, interval_s).wh(str(amount)) == round(exact)


@pytest.mark.parametrize(
    ("text", "unit", "wh"),
    [
        ("0.0005", Unit.KWH, 0),
        ("0.0015", Unit.KWH, 2),
        ("0.0025", Unit.KWH, 2),
        ("2.2758", Unit.KWH, 2276),
        ("1.005", Unit.KWH, 1005),
        ("0.1", Unit.KWH, 100),
        (".5", Unit.WH, 0),
        ("1", Unit.W, 0),
        ("3", Unit.W, 2),
        ("9007199254740.993", Unit.KWH, 9007199254740993),
        ("1e3", Unit.WH, 1000),
    ],
)
def test_decimal_text_never_passes_through_binary_floating_point(text: str, unit: Unit, wh: int) -> None:
    assert Converter(unit, 1800).wh(text) == wh


def test_a_unit_is_known_by_name_in_any_case() -> None:
    assert parse_unit(" KWH ") is Unit.KWH
    with pytest.raises(SourceError, match="use Wh, kWh or W"):
        parse_unit("J")
