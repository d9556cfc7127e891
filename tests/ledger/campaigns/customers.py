"""A list of customers as a utility would export it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO

KIND = "supply-residential"
COMMON: Mapping[str, object] = {
    "phases": 1,
    "voltage_v": 220,
    "boundary": "đầu ra công tơ",
    "meter_rating": "5(80) A",
    "utility_address": "1 đường Nguyễn Văn Linh, Thành phố Hồ Chí Minh",
    "utility_tax_code": "0300951119",
    "utility_phone": "19001006",
    "utility_representative": "Trần Thị Bình",
}
NAMES = ("Nguyễn Thị Hoà", "Trần Văn An", "Lê Thị Bích", "Phạm Quốc Cường", "Hoàng Thị Dung", "Vũ Đình Đạt")


def customer(number: int, **other: str) -> dict[str, str]:
    """One row; every customer uses 100 kWh a month more than the one before."""
    code = f"PE15000{number:06d}"
    return {
        "customer_code": code,
        "name": NAMES[number % len(NAMES)],
        "kwh_per_month": str(2_900 + 100 * number),
        "email": f"khach{number}@example.vn",
        "phone": f"+8491{number:07d}",
        "contract_number": f"26/{number:06d}/PE1500",
        "address": f"{number + 1} đường số 7, phường Tân Thuận",
        "identity_number": f"0791850{number:05d}",
        "capacity_w": "5000",
        "supply_point": f"trụ T15/{number}",
        "meter_place": f"trụ T15/{number}",
        "meter_serial": f"26{number:08d}",
        **other,
    }


def listed(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    """The rows as CSV."""
    out = StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
