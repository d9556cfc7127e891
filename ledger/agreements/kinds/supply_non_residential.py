"""`supply-non-residential`: a business or an office buys electricity. Fourteen pages: six of particulars and eight of general terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_choice, check_count, check_tax_code, check_texts, check_whole
from ledger.agreements.kinds.days import check_day
from ledger.agreements.kinds.figures import day_pair, hundredths_pair, thousandths_pair, whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import INVESTORS
from ledger.agreements.kinds.supply import LAWS, SupplyFacts, supply_ends, supply_pairs, supply_terms

NAME: Final = "supply-non-residential"
PURPOSES: Final[Mapping[str, tuple[str, str]]] = {
    "production": ("giá bán lẻ điện cho các ngành sản xuất", "retail price for production"),
    "business": ("giá bán lẻ điện cho kinh doanh", "retail price for business"),
    "administrative": ("giá bán lẻ điện cho khối hành chính sự nghiệp", "retail price for administration"),
}
"""What it may be for, and the price that follows."""
NONE: Final = ("không có", "none")


@dataclass(frozen=True, kw_only=True)
class NonResidentialFacts(SupplyFacts):
    """The supply of a business or an office.

    Attributes:
        purpose: one of `PURPOSES`. `business`, `load_list`: what it does; its main equipment with its load.
        tax_code, account: the customer's tax code; the customer's bank account, may be empty.
        representative, representative_title: who signs for the customer; the office of who signs for the customer, such as `Giám đốc`.
        shifts, working_days: shifts a day; working days a month.
        transformer_va: installed capacity of its own transformers, VA; 0 for none.
        line_investor: who pays for the line, one of `INVESTORS`.
        reserve, priority: its reserve source of supply; its place in the order of supply.
        meter_transformers, meter_accuracy, meter_backup: the metering transformers with their ratios; accuracy class; the back-up meter.
        losses_basis_points: losses added to what is metered, hundredths of a per cent.
        meter_investor: who provides the meter, one of `INVESTORS`. `next_verification`: day before which the meter is verified again.
        transformer_investor: who provides the current and voltage transformers, one of `INVESTORS`.
        monthly_kwh: registered energy of January to December, kWh.
        load_normal_w, load_peak_w, load_off_peak_w: load in normal hours, W; load in peak hours, W; load in off-peak hours, W.
        load_shed_w: what of it can be shed when supply is short, W.
        power_factor_percent: hundredths; the average power factor is at least this.
        three_prices: whether time-of-use prices apply. `payment_periods`: payments a month, 1 to 3. `guarantee_vnd`: đồng; 0 for none.
        contact_utility: whom to call at the utility for operation and faults.
        contact_operation, contact_accounts: whom to call at the customer's for operation; whom to call at the customer's for bills.
    """

    purpose: str
    business: str
    load_list: str
    tax_code: str
    representative: str
    representative_title: str
    monthly_kwh: tuple[int, ...]
    next_verification: str
    contact_utility: str
    contact_operation: str
    contact_accounts: str
    load_normal_w: int
    load_peak_w: int
    load_off_peak_w: int
    load_shed_w: int = 0
    account: str = ""
    shifts: int = 1
    working_days: int = 26
    transformer_va: int = 0
    line_investor: str = "utility"
    reserve: str = "không / none"
    priority: str = "thông thường / ordinary"
    meter_transformers: str = "không / none"
    meter_accuracy: str = "0,5S"
    meter_backup: str = "không / none"
    losses_basis_points: int = 0
    meter_investor: str = "utility"
    transformer_investor: str = "utility"
    power_factor_percent: int = 90
    three_prices: bool = True
    payment_periods: int = 1
    guarantee_vnd: int = 0


_TEXTS: Final = {
    "contact.accounts": "contact_accounts",
    "contact.operation": "contact_operation",
    "contact.utility": "contact_utility",
    "customer.representative": "representative",
    "customer.representative_title": "representative_title",
    "customer.tax_code": "tax_code",
    "meter.accuracy": "meter_accuracy",
    "meter.backup": "meter_backup",
    "meter.transformers": "meter_transformers",
    "supply.business": "business",
    "supply.load_list": "load_list",
    "supply.priority": "priority",
    "supply.reserve": "reserve",
}
_WHOLES: Final[Mapping[str, tuple[str, int, int]]] = {
    "load.normal_w": ("load_normal_w", 0, 10**9),
    "load.off_peak_w": ("load_off_peak_w", 0, 10**9),
    "load.peak_w": ("load_peak_w", 0, 10**9),
    "load.power_factor_percent": ("power_factor_percent", 50, 100),
    "load.shed_w": ("load_shed_w", 0, 10**9),
    "meter.losses_basis_points": ("losses_basis_points", 0, 10_000),
    "payment.guarantee_vnd": ("guarantee_vnd", 0, 10**12),
    "payment.periods": ("payment_periods", 1, 3),
    "supply.shifts": ("shifts", 1, 4),
    "supply.transformer_va": ("transformer_va", 0, 10**9),
    "supply.working_days": ("working_days", 1, 31),
}
"""By path: the fact, its least and its greatest value."""


def _own_terms(frame: Frame, facts: NonResidentialFacts) -> dict[str, object]:
    check_texts(**{name: getattr(facts, name) for name in _TEXTS.values()})
    check_tax_code(facts.tax_code, "tax_code")
    if facts.account:
        check_texts(account=facts.account)
    for name in ("line_investor", "meter_investor", "transformer_investor"):
        check_choice(getattr(facts, name), INVESTORS, name)
    check_count(facts.monthly_kwh, "monthly_kwh", least=12, most=12)
    check_day(facts.next_verification, "next_verification", not_before=frame.date())
    terms = supply_terms(facts, check_choice(facts.purpose, PURPOSES, "purpose"))
    terms |= {path: getattr(facts, name) for path, name in _TEXTS.items()}
    terms |= {path: check_whole(getattr(facts, name), name, least=least, most=most) for path, (name, least, most) in _WHOLES.items()}
    terms |= {
        f"load.month.{month:02d}_kwh": check_whole(kwh, f"monthly_kwh[{month - 1}]", most=10**9)
        for month, kwh in enumerate(facts.monthly_kwh, start=1)
    }
    return terms | {
        "customer.account": facts.account,
        "meter.investor": facts.meter_investor,
        "meter.next_verification": facts.next_verification,
        "meter.transformer_investor": facts.transformer_investor,
        "payment.three_prices": 1 if facts.three_prices else 0,
        "supply.line_investor": facts.line_investor,
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    whole = {path: value for path, value in terms.items() if isinstance(value, int)}
    months = [whole[f"load.month.{month:02d}_kwh"] for month in range(1, 13)]
    guarantee, capacity = whole["payment.guarantee_vnd"], whole["supply.transformer_va"]
    shifts, days = whole["supply.shifts"], whole["supply.working_days"]
    return {
        **supply_pairs(terms),
        **{f"month.{month}": whole_pair(kwh) for month, kwh in enumerate(months, start=1)},
        **{f"load_{name}": _with(thousandths_pair(whole[f"load.{name}_w"]), " kW") for name in ("normal", "off_peak", "peak", "shed")},
        "guarantee": _with(whole_pair(guarantee), " đ") if guarantee else NONE,
        "line_investor": word_pair(INVESTORS, terms["supply.line_investor"]),
        "losses": _with(hundredths_pair(whole["meter.losses_basis_points"]), " %"),
        "meter_investor": word_pair(INVESTORS, terms["meter.investor"]),
        "next_verification": day_pair(terms["meter.next_verification"]),
        "power_factor": hundredths_pair(whole["load.power_factor_percent"]),
        "shifts": (f"{shifts} ca, {days} ngày", f"{shifts} a day, {days} days"),
        "tariff": word_pair(PURPOSES, terms["supply.purpose"]),
        "three_prices": ("có áp dụng", "apply") if whole["payment.three_prices"] else ("không áp dụng", "do not apply"),
        "transformer_investor": word_pair(INVESTORS, terms["meter.transformer_investor"]),
        "transformers": _with(thousandths_pair(capacity), " kVA") if capacity else NONE,
        "year_kwh": whole_pair(sum(months)),
    }


def _with(pair: tuple[str, str], unit: str) -> tuple[str, str]:
    return pair[0] + unit, pair[1] + unit


KIND = Kind[NonResidentialFacts](
    name=NAME,
    version=1,
    title_vi="Hợp đồng mua bán điện phục vụ mục đích ngoài sinh hoạt",
    title_en="Contract for the supply of electricity for non-residential purposes",
    laws={**LAWS, "measurement": "measurement"},
    facts=NonResidentialFacts,
    valid_to=supply_ends,
    own_terms=_own_terms,
    pairs=_pairs,
    replaces=("amendment-annex",),
    fixed_pages=8,
)
