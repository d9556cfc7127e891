"""The two prices a new zone begins with: the dated law's figures (`ledger.law`), never numbers in code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.errors import RuleError
from ledger.law.entries import REGIONS, law_on

_CEILING = "_mvnd_per_kwh"
_MVND, _UVND = 1_000, 1_000_000


@dataclass(frozen=True)
class ZonePrices:
    """Whole đồng per kWh, where they come from, and whether a person should have looked them up again by now."""

    published: int
    retail: int
    reference: str
    overdue: bool


def prices_in_force(region: str, on: date) -> ZonePrices:
    """The prices of a region on a day: what the law lets the utility pay at most for surplus, and the average retail price.

    A zone's prices are whole đồng per kWh, so the fraction is dropped: then no ceiling is exceeded and no customer pays more than is
    published.

    Raises:
        RuleError: the region is unknown or nothing is in force there on that day.
    """
    try:
        sale, frame, retail = (law_on(topic, on) for topic in ("surplus-sale", "price-frame", "average-retail-price"))
    except RuleError as none:
        raise RuleError(none.problem, field="prices", fix=f"give both prices, or {none.fix}") from None
    regions = sorted(name.removesuffix(_CEILING) for name in frame.figures if name.endswith(_CEILING))
    if region not in regions:
        fix = f"use one of {', '.join(regions)}, or give both prices"
        raise RuleError(f"no price frame for {region!r} is in force on {on}", field="region", fix=fix)
    in_vi, in_en = REGIONS[region]
    vi = f"Sản lượng dư: {sale.reference_vi}, không quá {frame.reference_vi}, {in_vi}; bán lẻ: {retail.reference_vi}"
    en = f"surplus: {sale.reference_en}, at most {frame.reference_en}, {in_en}; retail: {retail.reference_en}"
    return ZonePrices(
        published=frame.number(region + _CEILING) // _MVND,
        retail=retail.number("uvnd_per_kwh") // _UVND,
        reference=f"{vi} · {en}",
        overdue=any(entry.overdue(on) for entry in (sale, frame, retail)),
    )
