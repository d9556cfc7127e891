"""Facts of supply contracts as tests fill them in."""

from __future__ import annotations

from ledger.agreements.kinds import Frame, Named
from ledger.agreements.rules import lookup_code

START = 1_782_838_800
"""1 July 2026, 00:00 in Vietnam."""
CUSTOMER, UTILITY = Named(b"\xaa" * 32, "Nguyễn Thị Hoà"), Named(b"\xbb" * 32, "Công ty Điện lực Tân Thuận")
_COMMON: dict[str, object] = {
    "contract_number": "26/015432/PE1500",
    "customer_code": "PE15000123456",
    "address": "12/5 đường số 7, phường Tân Thuận, Thành phố Hồ Chí Minh",
    "identity_number": "079 185 012 345",
    "phone": "0903 000 111",
    "email": "hoa@example.vn",
    "capacity_w": 9_900,
    "phases": 1,
    "voltage_v": 220,
    "supply_point": "Cột 12, lộ 2 trạm biến áp Tân Thuận 15",
    "boundary": "Đầu ra của áptômát sau công tơ",
    "meter_place": "Hộp công tơ trên cột 12",
    "meter_serial": "2600847112",
    "meter_rating": "DT01P-RF 220 V, 10(80) A",
    "utility_address": "35 Tân Thuận Tây, Thành phố Hồ Chí Minh",
    "utility_tax_code": "0300951119-012",
    "utility_phone": "1900 1006",
    "utility_representative": "Ông Lê Văn Phước, Giám đốc",
}
GIVEN: dict[str, dict[str, object]] = {
    "supply-residential": _COMMON,
    "supply-non-residential": {
        **_COMMON,
        "customer_code": "PE15000654321",
        "phases": 3,
        "voltage_v": 22_000,
        "capacity_w": 1_250_000,
        "metering": "ct-vt",
        "multiplier": 12_000,
        "purpose": "production",
        "business": "Sản xuất bao bì giấy",
        "load_list": "02 máy xeo 400 kW, 01 nồi hơi, chiếu sáng",
        "tax_code": "0312345678",
        "representative": "Bà Trần Thị Bích Hợp",
        "representative_title": "Giám đốc",
        "account": "1234567890, Ngân hàng Ngoại thương, chi nhánh Nam Sài Gòn",
        "shifts": 3,
        "transformer_va": 1_600_000,
        "line_investor": "customer",
        "reserve": "Máy phát 500 kVA, khoá liên động",
        "meter_transformers": "TU 22000/100 V, TI 50/5 A",
        "losses_basis_points": 125,
        "transformer_investor": "customer",
        "next_verification": "2030-06-30",
        "monthly_kwh": [412_000, 380_000, 455_000, 450_000, 460_000, 462_000, 470_000, 468_000, 455_000, 460_000, 458_000, 440_000],
        "load_normal_w": 1_100_000,
        "load_peak_w": 850_000,
        "load_off_peak_w": 1_200_000,
        "load_shed_w": 200_000,
        "payment_periods": 3,
        "guarantee_vnd": 450_000_000,
        "contact_utility": "Trực vận hành 028 2220 1177",
        "contact_operation": "Anh Dũng, 0909 222 333",
        "contact_accounts": "Chị Lan, 0909 444 555",
    },
}


def supply_frame(agreement: bytes = b"\xcc" * 32, name: str = CUSTOMER.name, supersedes: bytes | None = None) -> Frame:
    """The frame of a contract between a customer of that name and the utility."""
    customer = Named(CUSTOMER.id, name)
    return Frame(agreement, lookup_code(bytes(range(32)), agreement), (customer, UTILITY), START, START, supersedes, "Asia/Ho_Chi_Minh")
