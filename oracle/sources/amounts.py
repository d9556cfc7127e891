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
    """

    def __init__(self, unit: Unit, interval_s: int) -> None:
        self._unit = unit
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
        if len(text) > TEXT_LIMIT or not NUMBER.fullmatch(text):
            raise self._not_a_number(text)
        number = Decimal(text)
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
        fix = "use a decimal point, not a comma" if "," in shown else "use plain decimal digits"
        return SourceError(f"{shown!r} is not a number", fix=fix)
