"""Decimal text to whole watt-hours, exactly.

The rule: each value is converted on its own, from its decimal digits and never through binary floating point, to Wh with
round-half-even (banker's rounding: 0.5 Wh → 0, 1.5 Wh → 2), so a long column is not biased upwards. Values in W are the average power
of their interval: Wh = W × interval seconds ÷ 3600.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from fractions import Fraction

from oracle.errors import SourceError

NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
WITH_UNIT = re.compile(r"[+-]?[\d.,eE+-]+\s*(kWh|MWh|Wh|kW|W)", re.IGNORECASE | re.ASCII)
NAMED_UNIT = re.compile(r"(?:^|[\s_.(\[-])(MWh|kWh|Wh|kW|W)[)\]]?$", re.IGNORECASE | re.ASCII)
TEXT_LIMIT = 40
WH_LIMIT = 2**63 - 1
"""The database's signed 64 bits; the protocol's unsigned range is wider."""
EXACT = Context(prec=160, rounding=ROUND_HALF_EVEN)
REMEMBERED = 100_000
DECIMALS = (".", ",")
PLAIN = "write digits, as in 1234.5"


class Unit(StrEnum):
    """What a column of a file counts."""

    WH = "Wh"
    KWH = "kWh"
    W = "W"


def parse_unit(text: str) -> Unit:
    """The unit of that name, case ignored.

    Raises:
        SourceError: not Wh, kWh or W.
    """
    for unit in Unit:
        if unit.value.lower() == text.strip().lower():
            return unit
    raise SourceError(f"unit {text!r} is not known", fix="use Wh, kWh or W")


def unit_named_by(column: str) -> str | None:
    """The unit a column's own name ends in, such as kWh in `grid_import_kwh`, or None."""
    found = NAMED_UNIT.search(column.strip())
    return found.group(1) if found else None


class Converter:
    """Turns the decimal text of one file into Wh; remembers what it has seen, within a bound.

    Args:
        unit: what the text counts.
        interval_s: length of an interval; matters for W only.
        decimal: the mark before the decimals, a point or a comma; the other one is refused, for it may part thousands.
    """

    def __init__(self, unit: Unit, interval_s: int, decimal: str = ".") -> None:
        self._unit = unit
        self._decimal = decimal
        self._interval_s = interval_s
        self._seen: dict[str, int] = {}

    def wh(self, text: str) -> int:
        """The value in whole Wh, rounded half to even.

        Raises:
            SourceError: empty, not a decimal number, negative, or too large; without a place, which the caller knows.
        """
        known = self._seen.get(text)
        if known is not None:
            return known
        value = self._convert(text.strip())
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[text] = value
        return value

    def _convert(self, text: str) -> int:
        if not text:
            raise SourceError("the energy is empty", fix="leave out nothing: a missing interval must be repaired at its source")
        pointed = text if self._decimal == "." else with_point(text)
        if len(text) > TEXT_LIMIT or not NUMBER.fullmatch(pointed):
            raise self._not_a_number(text)
        number = Decimal(pointed)
        if number < 0:
            raise SourceError(f"negative energy {text}", fix="import and export are two columns, each zero or more")
        value = self._rounded(number)
        if value > WH_LIMIT:
            raise SourceError(f"{text} {self._unit} is too large for one interval", fix="check the unit")
        return value

    def _rounded(self, number: Decimal) -> int:
        if self._unit is Unit.W:
            return round(Fraction(number) * self._interval_s / 3600)
        factor = 1000 if self._unit is Unit.KWH else 1
        return int(EXACT.to_integral_value(EXACT.multiply(number, Decimal(factor))))

    def _not_a_number(self, text: str) -> SourceError:
        shown = text[:TEXT_LIMIT]
        if WITH_UNIT.fullmatch(shown):
            return SourceError(f"{shown!r} carries a unit of its own (mixed units)", fix=f"give plain numbers, all in {self._unit}")
        return SourceError(f"{shown!r} is not a number", fix=self._mark_fix(shown))

    def _mark_fix(self, shown: str) -> str:
        if self._decimal == "." and "," in shown:
            return "if the file writes decimals with a comma, give --decimal , – else leave the commas out"
        if self._decimal == "," and "." in shown:
            return "if the file writes decimals with a point, leave --decimal out – else leave the points out"
        return PLAIN


def with_point(text: str) -> str:
    """A number written with a decimal comma, with a point; one that has a point already is none."""
    return "" if "." in text else text.replace(",", ".")
