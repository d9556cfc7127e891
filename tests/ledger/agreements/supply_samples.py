"""Facts of supply contracts as tests fill them in."""

from __future__ import annotations

from scripts.sample import FACTS

GIVEN: dict[str, dict[str, object]] = {
    "supply-residential": dict(FACTS),
    "supply-non-residential": {
        **FACTS,
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
