"""What every contract that supplies electricity says: who, where, how much, metered how, paid how, for how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from ledger.agreements.kinds.checks import check_choice, check_tax_code, check_text, check_texts, check_whole
from ledger.agreements.kinds.figures import thousandths_pair, whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Pairs
from ledger.agreements.kinds.purposes import METERINGS, PURPOSES
from ledger.agreements.rules import years_later
from ledger.errors import InputError

LAWS: Final = {"civil": "civil-contract", "supply": "electricity-supply", "tariff": "retail-tariff"}
PAYMENT: Final = "chuyển khoản, ví điện tử, trích nợ tự động"
_CODE: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{11}")


@dataclass(frozen=True, kw_only=True)
class SupplyFacts:
    """What is particular to one supply.

    Attributes:
        contract_number, customer_code: the utility's own, such as `26/015432/PE1500`; 13 capital letters and digits, `PE15000123456`.
        address: where electricity is used. `customer_address`: where the customer is reached; the same when empty.
        identity_number: number of the identity card or of the business.
        phone, email: telephone the customer is reached at; e-mail address, may be empty.
        capacity_w: highest load, W. `phases`, `voltage_v`: 1 or 3; nominal voltage, V.
        supply_point, boundary: the pole, box or feeder it is connected to; where the utility's installation ends and the customer's begins.
        metering: how it is metered, one of `METERINGS`. `multiplier`: by how much transformers multiply a reading; 1 without any.
        meter_place, meter_serial, meter_rating: where the meter hangs; the number on its plate; its rated current, such as `5(80) A`.
        reading_day: day of the month the meter is read, 1 to 28. `payment_days`: days to pay in. `payment_method`: the ways to pay.
        term_years: for how long, from the document's first second in force.
        utility_address, utility_tax_code, utility_phone: the supplier's address; the supplier's tax code; the supplier's telephone.
        utility_representative: who signs for the supplier, as the contract names them.
    """

    contract_number: str
    customer_code: str
    address: str
    identity_number: str
    phone: str
    capacity_w: int
    phases: int
    voltage_v: int
    supply_point: str
    boundary: str
    meter_place: str
    meter_serial: str
    meter_rating: str
    utility_address: str
    utility_tax_code: str
    utility_phone: str
    utility_representative: str
    customer_address: str = ""
    email: str = ""
    metering: str = "direct"
    multiplier: int = 1
    payment_method: str = PAYMENT
    payment_days: int = 7
    reading_day: int = 10
    term_years: int = 5


def supply_ends(frame: Frame, facts: SupplyFacts) -> int:
    """The first second the contract is no longer in force."""
    return years_later(frame.valid_from, check_whole(facts.term_years, "term_years", least=1, most=50), frame.time_zone)


def check_supply(facts: SupplyFacts) -> None:
    """Passes when the facts make sense.

    Raises:
        InputError: one does not; names it.
    """
    texts = ("contract_number", "address", "identity_number", "phone", "supply_point", "boundary", "meter_place", "meter_serial")
    own = ("meter_rating", "payment_method", "utility_address", "utility_phone", "utility_representative")
    check_texts(**{name: getattr(facts, name) for name in (*texts, *own)})
    check_tax_code(facts.utility_tax_code, "utility_tax_code")
    for name in ("customer_address", "email"):
        if getattr(facts, name):
            check_text(getattr(facts, name), name)
    if not isinstance(facts.customer_code, str) or not _CODE.fullmatch(facts.customer_code):
        raise InputError(
            f"no customer code: {facts.customer_code!r}"[:120], field="customer_code", fix="give 13 capital letters and digits"
        )
    check_whole(facts.capacity_w, "capacity_w", least=1, most=10**9)
    check_choice(str(facts.phases), ("1", "3"), "phases")
    check_whole(facts.voltage_v, "voltage_v", least=100, most=500_000)
    check_choice(facts.metering, METERINGS, "metering")
    check_whole(facts.multiplier, "multiplier", least=1, most=10**6)
    check_whole(facts.reading_day, "reading_day", least=1, most=28)
    check_whole(facts.payment_days, "payment_days", least=1, most=60)


def supply_terms(facts: SupplyFacts, purpose: str) -> dict[str, object]:
    """The terms of the particulars, by path."""
    check_supply(facts)
    return {
        "contract.number": facts.contract_number,
        "customer.address": facts.customer_address or facts.address,
        "customer.code": facts.customer_code,
        "customer.email": facts.email,
        "customer.identity": facts.identity_number,
        "customer.phone": facts.phone,
        "meter.multiplier": facts.multiplier,
        "meter.point": f"{facts.customer_code}001",
        "meter.serial": f"{facts.meter_serial}, {facts.meter_rating}",
        "notices.address": ", ".join(one for one in (facts.phone, facts.email) if one),
        "payment.days": facts.payment_days,
        "payment.method": facts.payment_method,
        "payment.reading_day": facts.reading_day,
        "supply.address": facts.address,
        "supply.boundary": facts.boundary,
        "supply.capacity_w": facts.capacity_w,
        "supply.meter_place": facts.meter_place,
        "supply.metering": facts.metering,
        "supply.phases": facts.phases,
        "supply.point": facts.supply_point,
        "supply.purpose": purpose,
        "supply.voltage_v": facts.voltage_v,
        "utility.address": facts.utility_address,
        "utility.phone": facts.utility_phone,
        "utility.representative": facts.utility_representative,
        "utility.tax_code": facts.utility_tax_code,
    }


def supply_pairs(terms: Mapping[str, object]) -> Pairs:
    """What the particulars print differently in Vietnamese and English."""
    capacity, volts, days = thousandths_pair(terms["supply.capacity_w"]), whole_pair(terms["supply.voltage_v"]), terms["payment.days"]
    phases = cast(int, terms["supply.phases"])
    return {
        "capacity": (f"{capacity[0]} kW", f"{capacity[1]} kW"),
        "metering": word_pair(METERINGS, terms["supply.metering"]),
        "payment_days": (f"{days} ngày", f"{days} days"),
        "purpose": word_pair(PURPOSES, terms["supply.purpose"]),
        "voltage": (f"{phases} pha, {volts[0]} V", f"{phases}-phase, {volts[1]} V"),
    }
