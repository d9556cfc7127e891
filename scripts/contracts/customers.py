"""Who signs in the demo, how, and what each contract says: invented people at invented addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Party, Unit
from ledger.parties.queries import party_by_label
from ledger.test_authority.hierarchy import LEAVES

__all__ = ["CERTIFICATE", "CUSTOMERS", "Customer", "contract_facts", "party_of", "unit_of"]

Way = Literal["otp", "passkey", "wallet", "certificate"]
CERTIFICATE = "company"
"""Which of the test authority's certificates is the company's."""
UNIT = ("PA01SN", "Đội Quản lý điện Sổ Nắng 1 (mô phỏng)")
STREET = "đường Nắng Mới, phường Sổ Nắng (mô phỏng)"


@dataclass(frozen=True)
class Customer:
    """One customer.

    Attributes:
        number: the last digits of the customer code and of the telephone number.
        way: how it signs.
        kind: of its contract.
    """

    number: int
    name: str
    way: Way
    kind: str = "supply-residential"

    @property
    def code(self) -> str:
        """The customer code, by which the operator knows the party."""
        return f"{UNIT[0]}{self.number:07}"

    @property
    def contract_number(self) -> str:
        """The utility's number of the contract."""
        return f"26/{self.number:06}/{UNIT[0]}"

    @property
    def phone(self) -> str:
        """Where codes go."""
        return f"+849000000{self.number:02}"

    @property
    def address(self) -> str:
        """Where electricity is used."""
        return f"{self.number} {STREET}"


CUSTOMERS = (
    Customer(1, "Nguyễn Thị Hoà (mô phỏng)", "otp"),
    Customer(2, "Trần Văn Bình (mô phỏng)", "passkey"),
    Customer(3, "Lê Thị An (mô phỏng)", "wallet"),
    Customer(4, LEAVES[CERTIFICATE], "certificate", "supply-non-residential"),
)

_UTILITY: dict[str, object] = {
    "utility_address": f"100 {STREET}",
    "utility_tax_code": "0000000000",
    "utility_phone": "1900 0000",
    "utility_representative": "Giám đốc (mô phỏng)",
}
_HOUSEHOLD: dict[str, object] = {
    "capacity_w": 7_700,
    "phases": 1,
    "voltage_v": 220,
    "supply_point": "Cột 12, lộ 2 trạm biến áp Sổ Nắng 1",
    "boundary": "Đầu ra của áptômát sau công tơ",
    "meter_place": "Hộp công tơ trên cột 12",
    "meter_rating": "220 V, 10(80) A",
    "term_years": 20,
}
_BUSINESS: dict[str, object] = {
    **_HOUSEHOLD,
    "capacity_w": 250_000,
    "phases": 3,
    "voltage_v": 22_000,
    "metering": "ct-vt",
    "multiplier": 2_400,
    "meter_rating": "3x57,7/100 V, 5(10) A",
    "meter_transformers": "TU 22000/100 V, TI 10/5 A",
    "purpose": "production",
    "business": "Sản xuất bao bì giấy",
    "load_list": "02 máy xeo 80 kW, chiếu sáng",
    "tax_code": "0000000004",
    "representative": "Bà Phạm Thị Dung (mô phỏng)",
    "representative_title": "Giám đốc",
    "shifts": 2,
    "transformer_va": 400_000,
    "line_investor": "customer",
    "transformer_investor": "customer",
    "next_verification": "2032-06-30",
    "monthly_kwh": [41_000, 38_000, 45_500, 45_000, 46_000, 46_200, 47_000, 46_800, 45_500, 46_000, 45_800, 44_000],
    "load_normal_w": 200_000,
    "load_peak_w": 150_000,
    "load_off_peak_w": 240_000,
    "load_shed_w": 40_000,
    "payment_periods": 3,
    "contact_utility": "Trực vận hành 1900 0000",
    "contact_operation": "Trực cơ điện 1900 0004",
    "contact_accounts": "Phòng kế toán 1900 0004",
}


def contract_facts(customer: Customer) -> dict[str, object]:
    """What a customer's contract says, as plain values."""
    own = {
        "contract_number": customer.contract_number,
        "customer_code": customer.code,
        "address": customer.address,
        "identity_number": f"{customer.number:012}",
        "phone": customer.phone,
        "meter_serial": f"26{customer.number:08}",
    }
    return {**(_HOUSEHOLD if customer.kind == "supply-residential" else _BUSINESS), **_UTILITY, **own}


def party_of(session: Session, customer: Customer, *, now_s: int) -> Party:
    """A customer's party, with a telephone number and no key yet; drafted when it is new."""
    try:
        return party_by_label(session, customer.code)
    except NotFoundError:
        party = draft_party(session, label=customer.code, role="customer", name=customer.name, signer=None)
        give_contacts(session, party, {"sms": customer.phone}, by="demo", now_s=now_s)
        return party


def unit_of(session: Session) -> Unit:
    """The unit whose documents these are; drafted when it is new."""
    known = session.scalars(select(Unit).where(Unit.code == UNIT[0])).one_or_none()
    return known or draft_unit(session, code=UNIT[0], name=UNIT[1])
