"""The two prices a new zone begins with: dated configuration (`prices.toml`) with its legal reference, never numbers in code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ledger.errors import RuleError, SettingsError

PRICES_FILE = Path(__file__).with_name("prices.toml")
EVERYWHERE = "all"


@dataclass(frozen=True)
class LawfulPrice:
    """One dated price; it holds from `valid_from` on and no longer on `valid_to`, None until replaced."""

    kind: str
    region: str
    vnd_per_kwh: Decimal
    valid_from: date
    valid_to: date | None
    reference: str
    verify_by: date

    def in_force(self, kind: str, region: str, on: date) -> bool:
        """Whether it is that price, there, on that day."""
        named = self.kind == kind and self.region in (region, EVERYWHERE)
        return named and self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class ZonePrices:
    """Whole đồng per kWh, where they come from, and whether a person should have looked them up again by now."""

    published: int
    retail: int
    reference: str
    overdue: bool


def whole_dong(vnd_per_kwh: Decimal) -> int:
    """Whole đồng per kWh: the fraction is dropped, so that a ceiling is never exceeded and nobody pays more than is published."""
    return int(vnd_per_kwh.to_integral_value(ROUND_FLOOR))


def prices_in_force(region: str, on: date, path: Path = PRICES_FILE) -> ZonePrices:
    """The prices of a region on a day.

    Raises:
        RuleError: the region is unknown or nothing is in force there on that day.
        SettingsError: the file cannot be used.
    """
    known = load_prices(path)
    surplus, retail = (_one(known, kind, region, on) for kind in ("surplus", "retail"))
    return ZonePrices(
        published=whole_dong(surplus.vnd_per_kwh),
        retail=whole_dong(retail.vnd_per_kwh),
        reference=f"surplus: {surplus.reference}; retail: {retail.reference}",
        overdue=min(surplus.verify_by, retail.verify_by) < on,
    )


def load_prices(path: Path = PRICES_FILE) -> list[LawfulPrice]:
    """Every dated price of the file.

    Raises:
        SettingsError: unreadable, or an entry lacks a field; names the entry.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["price"]
    except (OSError, tomllib.TOMLDecodeError, KeyError, UnicodeDecodeError) as wrong:
        raise SettingsError(f"{path.name} cannot be used: {wrong}", field="prices", fix="restore the file") from None
    return [_price(entry, f"prices[{place}]") for place, entry in enumerate(entries)]


def _price(entry: dict[str, Any], field: str) -> LawfulPrice:
    try:
        price = LawfulPrice(
            kind=str(entry["kind"]),
            region=str(entry["region"]),
            vnd_per_kwh=Decimal(entry["vnd_per_kwh"]) if isinstance(entry["vnd_per_kwh"], str) else Decimal(-1),
            valid_from=_day(entry["valid_from"]),
            valid_to=_day(entry["valid_to"]) if "valid_to" in entry else None,
            reference=str(entry["reference"]),
            verify_by=_day(entry["verify_by"]),
        )
    except (KeyError, TypeError, InvalidOperation) as wrong:
        raise SettingsError(
            f"not a dated price: {type(wrong).__name__} {wrong}", field=field, fix="see the first lines of prices.toml"
        ) from None
    if not price.vnd_per_kwh.is_finite() or not 0 <= price.vnd_per_kwh < 2**32:
        raise SettingsError("vnd_per_kwh is not a price", field=field, fix='write it as text in quotes, for example "1382.7"')
    return price


def _day(value: object) -> date:
    if type(value) is not date:
        raise TypeError(f"{value!r} is not a day")
    return value


def _one(known: list[LawfulPrice], kind: str, region: str, on: date) -> LawfulPrice:
    there = [price for price in known if price.in_force(kind, region, on)]
    if not there:
        regions = sorted({price.region for price in known} - {EVERYWHERE})
        raise RuleError(
            f"no {kind} price is in force in {region!r} on {on}",
            field="region",
            fix=f"use one of {', '.join(regions)}, give both prices, or add an entry to ledger/metering/prices.toml",
        )
    return max(there, key=lambda price: price.valid_from)
