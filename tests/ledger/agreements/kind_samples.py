"""Facts of the nine kinds beside the contracts, as tests and demonstrations fill them in: plain values, the way a request gives them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from ledger.agreements.kinds import Frame, Named, facts_from, kind_named
from scripts.sample import CUSTOMER, START, UTILITY, frame

NEIGHBOUR = Named(b"\xab" * 32, "Trần Văn Bình")
CONTRACT = b"\xdd" * 32
ADDRESS = "12/5 đường số 7, phường Tân Thuận, Thành phố Hồ Chí Minh"
POINT = "PE15000123456001"
NUMBER = "26/015432/PE1500"

_REMOVED = {
    "serial": "1504021187",
    "model": "CV140",
    "rating": "220 V, 10(40) A",
    "multiplier": 1,
    "verified_until": "2026-09-30",
    "registers": [{"obis": "1.8.0", "reading_wh": 18_432_000}],
    "seals": [
        {"place": "nắp công tơ", "code": "HCM 2015-0412", "state": "intact"},
        {"place": "nắp boóc", "code": "TT 118-2290", "state": "intact"},
    ],
}
_INSTALLED = {
    "serial": "2600847112",
    "model": "DTS27",
    "rating": "3x220/380 V, 3x10(100) A",
    "multiplier": 1,
    "verified_until": "2032-06-30",
    "registers": [
        {"obis": "1.8.0", "reading_wh": 1_000},
        {"obis": "1.8.1", "reading_wh": 1_000},
        {"obis": "1.8.2", "reading_wh": 0},
        {"obis": "1.8.3", "reading_wh": 0},
        {"obis": "2.8.0", "reading_wh": 0},
    ],
    "seals": [
        {"place": "nắp công tơ", "code": "HCM 2026-1881", "state": "fitted"},
        {"place": "nắp boóc", "code": "TT 126-0031", "state": "fitted"},
    ],
}
_ITEMS = [
    {"name": "Cáp ngầm 24 kV Cu/XLPE 3x50 mm²", "unit": "m", "quantity": 120, "unit_price_vnd": 1_850_000},
    {"name": "Máy biến áp 22/0,4 kV 250 kVA, lắp đặt hoàn chỉnh", "unit": "máy", "quantity": 1, "unit_price_vnd": 395_000_000},
    {"name": "Thí nghiệm, hiệu chỉnh, nghiệm thu", "unit": "gói", "quantity": 1, "unit_price_vnd": 28_000_000},
]
_WIRING = [
    {"name": "Tủ điện tổng 12 đường có chống rò 30 mA", "unit": "tủ", "quantity": 1, "unit_price_vnd": 4_250_000},
    {"name": "Dây Cu/PVC 2,5 mm² luồn ống", "unit": "m", "quantity": 180, "unit_price_vnd": 24_500},
    {"name": "Ổ cắm đôi có cực nối đất", "unit": "cái", "quantity": 14, "unit_price_vnd": 135_000},
    {"name": "Nhân công lắp đặt, đo kiểm", "unit": "gói", "quantity": 1, "unit_price_vnd": 6_000_000},
]

GIVEN: dict[str, dict[str, object]] = {
    "connection-plan": {
        "request_code": "YC-2026-0701-0042",
        "address": ADDRESS,
        "purpose": "residential",
        "capacity_w": 9_900,
        "phases": 3,
        "voltage_v": 380,
        "supply_point": "Cột 12, lộ 2 trạm biến áp Tân Thuận 15",
        "boundary": "Đầu ra của áptômát sau công tơ",
        "service_line": "Cáp Muller 4x16 mm²",
        "service_length_m": 28,
        "metering": "direct",
        "meter_place": "Hộp công tơ trên cột 12",
        "line_investor": "utility",
        "supply_by": "2026-07-10",
        "lapses_on": "2026-10-01",
    },
    "meter-minutes": {
        "contract_number": NUMBER,
        "metering_point": POINT,
        "address": ADDRESS,
        "act": "replace",
        "reason": "two-way-metering",
        "metering": "direct",
        "crew": "Đội Quản lý đo đếm 2",
        "removed": _REMOVED,
        "installed": _INSTALLED,
    },
    "connection-agreement": {
        "request_code": "YC-2026-0701-0077",
        "installation": "Trạm biến áp Xưởng may Bình Minh",
        "address": "Lô C7, khu chế xuất Tân Thuận, Thành phố Hồ Chí Minh",
        "purpose": "production",
        "voltage_v": 22_000,
        "feeder": "471 trạm 110 kV Khu chế xuất",
        "connection_point": "Cột 471/38",
        "boundary": "Đầu cực phía lưới của LBFCO cột 471/38",
        "transformer_va": 1_250_000,
        "capacity_w": 980_500,
        "power_factor_hundredths": 90,
        "switching": "LBFCO 24 kV 100 A; máy cắt tổng 0,4 kV 2.000 A",
        "protection": "Cầu chì FCO 40K; rơle quá dòng 50/51, 50N/51N",
        "metering": "ct-vt",
        "meter_place": "Tủ đo đếm trung áp tại cột 471/38",
        "line_investor": "customer",
        "energise_by": "2026-08-12",
    },
    "works-investment": {
        "request_code": "YC-2026-0701-0077",
        "works": "Nhánh rẽ 22 kV và trạm biến áp 250 kVA Xưởng may Bình Minh",
        "place": "Lô C7, khu chế xuất Tân Thuận, Thành phố Hồ Chí Minh",
        "items": _ITEMS,
        "utility_vnd": 222_000_000,
        "customer_vnd": 423_000_000,
        "instalments": [
            {"milestone": "hợp đồng có hiệu lực", "percent": 30},
            {"milestone": "lắp xong máy biến áp", "percent": 50},
            {"milestone": "nghiệm thu đóng điện", "percent": 20},
        ],
        "start_on": "2026-07-06",
        "finish_by": "2026-08-31",
        "warranty_months": 24,
        "owner": "customer",
    },
    "amendment-annex": {
        "contract_number": NUMBER,
        "contract_date": "2024-03-14",
        "annex_number": 2,
        "reason": "capacity-change",
        "changes": [
            {"path": "supply.capacity_w", "old": "5200", "new": "9900"},
            {"path": "supply.phases", "old": "1", "new": "3"},
            {"path": "supply.voltage_v", "old": "220", "new": "380"},
        ],
        "until": START + 86_400 * 1_000,
        "carried": [{"path": "supply.meter_place", "value": "Hộp công tơ trên cột 12"}],
    },
    "purpose-share-minutes": {
        "contract_number": NUMBER,
        "metering_point": POINT,
        "address": ADDRESS,
        "shares": [{"purpose": "residential", "percent": 65}, {"purpose": "business", "percent": 35}],
        "basis": "equipment-survey",
        "findings": "Tầng trệt dùng làm quán cà phê, các tầng trên để ở",
    },
    "shared-meter-minutes": {
        "contract_number": NUMBER,
        "metering_point": POINT,
        "address": ADDRESS,
        "households": [
            {"name": CUSTOMER.name, "kind": "resident", "people": 4},
            {"name": NEIGHBOUR.name, "kind": "resident", "people": 3},
            {"name": "Phòng trọ 1 – Lê Thị Mai", "kind": "tenants", "people": 3},
            {"name": "Phòng trọ 2 – Phạm Quốc Huy", "kind": "tenants", "people": 2},
        ],
    },
    "termination-minutes": {
        "contract_number": NUMBER,
        "contract_date": "2024-03-14",
        "metering_point": POINT,
        "address": ADDRESS,
        "reason": "customer-request",
        "meter_serial": "1504021187",
        "registers": [{"obis": "1.8.0", "reading_wh": 18_432_000}],
        "read_at": START - 3_600,
        "final_bill_vnd": 684_180,
        "paid_vnd": 500_000,
        "settle_by": "2026-07-08",
    },
    "after-meter-wiring": {
        "request_code": "YC-2026-0701-0105",
        "address": ADDRESS,
        "scope": "Thay mới tủ điện tổng và đường dây tầng trệt",
        "items": _WIRING,
        "materials_by": "utility",
        "instalments": [{"milestone": "ký hợp đồng", "percent": 30}, {"milestone": "nghiệm thu, bàn giao", "percent": 70}],
        "start_on": "2026-07-06",
        "finish_by": "2026-07-09",
        "warranty_months": 12,
    },
}
"""By name of the kind."""
BESIDE = ("meter-minutes", "purpose-share-minutes", "shared-meter-minutes", "termination-minutes")
"""Kinds that stand beside a contract and name it as their predecessor."""


def given(kind: str, **other: object) -> dict[str, object]:
    """A copy of a kind's facts, with other values for some."""
    return deepcopy(GIVEN[kind]) | other


def frame_of(kind: str, *customers: Named, dated_s: int = START) -> Frame:
    """The frame of a document of that kind between the customers (one, when none are named) and the utility."""
    beside = CONTRACT if kind in BESIDE else None
    one = frame(dated_s=dated_s, supersedes=CONTRACT if kind == "amendment-annex" else None, predecessor=beside)
    return replace(one, parties=(*(customers or (CUSTOMER,)), UTILITY))


def terms_of(kind: str, **other: object) -> dict[str, object]:
    """The terms of a document of that kind, from its facts as a request gives them."""
    return kind_named(kind).terms(frame_of(kind), facts_from(kind, given(kind, **other)))
