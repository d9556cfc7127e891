"""`rooftop-surplus-sale`: a roof's owner sells to the electricity company what the roof exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.wording import thousandths_en, thousandths_vi
from ledger.agreements.rules import years_later
from ledger.errors import InputError, RuleError
from ledger.law.entries import REGIONS, Region, law_on
from ledger.protocol.quantities import check_price, check_uint

NAME = "rooftop-surplus-sale"
CapBase = Literal["inverter-metered", "irradiation-based"]
CAP_BASES: dict[str, tuple[str, str]] = {
    "inverter-metered": ("sản lượng phát đo tại bộ nghịch lưu", "the output metered at the inverter"),
    "irradiation-based": (
        "sản lượng tính theo công suất lắp đặt và số giờ nắng của địa phương",
        "the output computed from installed capacity and local irradiation",
    ),
}


@dataclass(frozen=True)
class SaleFacts:
    """What is particular to one roof.

    Attributes:
        metering_point: the operator's name of the metering point; stays in the document.
        zone: name of the zone it trades in.
        capacity_w: installed capacity, W.
        price_vnd_per_kwh: what the buyer pays for surplus, đ/kWh before tax.
        region: whose price frame limits that price.
        cap_base: what the share of output that may be sold is counted on; the law leaves it open.
    """

    metering_point: str
    zone: str
    capacity_w: int
    price_vnd_per_kwh: int
    region: Region = "south"
    cap_base: CapBase = "inverter-metered"


def _valid_to(frame: Frame, _facts: SaleFacts) -> int:
    return years_later(frame.valid_from, law_on("surplus-sale", frame.date()).number("term_years"), frame.time_zone)


def _check(facts: SaleFacts, ceiling_mvnd: int) -> None:
    if facts.region not in REGIONS:
        raise InputError(f"no region {facts.region!r}", field="region", fix=f"give one of {', '.join(REGIONS)}")
    if facts.cap_base not in CAP_BASES:
        raise InputError(f"no base {facts.cap_base!r}", field="cap_base", fix=f"give one of {', '.join(CAP_BASES)}")
    if not facts.metering_point.strip() or not facts.zone.strip():
        raise InputError("empty", field="metering_point" if facts.zone.strip() else "zone", fix="name the metering point and its zone")
    if check_uint(facts.capacity_w, 32, "capacity_w") == 0:
        raise InputError("no capacity", field="capacity_w", fix="give the installed capacity in W")
    if check_price(facts.price_vnd_per_kwh, "price_vnd_per_kwh") * 1000 > ceiling_mvnd:
        raise RuleError(
            f"{facts.price_vnd_per_kwh} đ/kWh is above the ceiling of {thousandths_en(ceiling_mvnd)} đ/kWh for {REGIONS[facts.region][1]}",
            field="price_vnd_per_kwh",
            fix="lower the published price or name the roof's region",
        )


def _own_terms(frame: Frame, facts: SaleFacts) -> dict[str, object]:
    date = frame.date()
    cap, sale, prices = law_on("surplus-cap", date), law_on("surplus-sale", date), law_on("price-frame", date)
    ceiling = prices.number(f"{facts.region}_mvnd_per_kwh") if facts.region in REGIONS else 0
    _check(facts, ceiling)
    return {
        "plant.capacity_w": facts.capacity_w,
        "plant.metering_point": facts.metering_point,
        "plant.region": facts.region,
        "plant.zone": facts.zone,
        "price.basis": sale.word("price_basis"),
        "price.ceiling_mvnd_per_kwh": ceiling,
        "price.vnd_per_kwh": facts.price_vnd_per_kwh,
        "settlement.period": sale.word("settlement"),
        "surplus.cap_base": facts.cap_base,
        "surplus.cap_percent": cap.number("percent"),
        "validity.years": sale.number("term_years"),
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    amounts = {
        "capacity_kw": cast(int, terms["plant.capacity_w"]),
        "price": 1000 * cast(int, terms["price.vnd_per_kwh"]),
        "ceiling": cast(int, terms["price.ceiling_mvnd_per_kwh"]),
    }
    return {name: (thousandths_vi(value), thousandths_en(value)) for name, value in amounts.items()} | {
        "region": REGIONS[str(terms["plant.region"])],
        "cap_base": CAP_BASES[str(terms["surplus.cap_base"])],
    }


KIND = Kind[SaleFacts](
    name=NAME,
    version=2,
    title_vi="Hợp đồng mua bán điện mặt trời mái nhà",
    title_en="Agreement on the sale of rooftop solar surplus",
    signs=("owner", "utility"),
    named=("seller", "buyer"),
    laws={"cap": "surplus-cap", "price": "price-frame", "sale": "surplus-sale"},
    facts=SaleFacts,
    valid_to=_valid_to,
    own_terms=_own_terms,
    pairs=_pairs,
)
