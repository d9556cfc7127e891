"""What electricity is used for, which chooses its price, and the words for how it is supplied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ledger.errors import RuleError

PURPOSES: Final[Mapping[str, tuple[str, str]]] = {
    "residential": ("sinh hoạt", "residential"),
    "production": ("sản xuất", "production"),
    "business": ("kinh doanh, dịch vụ", "business and services"),
    "administrative": ("hành chính, sự nghiệp", "administration and public service"),
}
"""Purposes of use, each with a price of its own."""

INVESTORS: Final[Mapping[str, tuple[str, str]]] = {
    "utility": ("Bên A", "Party A"),
    "customer": ("Bên B", "Party B"),
}
"""Who pays for works and owns them afterwards."""

METERINGS: Final[Mapping[str, tuple[str, str]]] = {
    "direct": ("đo trực tiếp", "direct metering"),
    "ct": ("đo gián tiếp qua máy biến dòng (TI)", "metering through current transformers (CT)"),
    "ct-vt": ("đo gián tiếp qua máy biến dòng và máy biến điện áp (TI, TU)", "metering through current and voltage transformers (CT, VT)"),
}
"""How a meter is connected."""

MEDIUM_VOLTAGES_V: Final = (6_000, 10_000, 15_000, 22_000, 35_000)
"""Nominal voltages of medium-voltage grids, V."""

SUPPLIES: Final = ("supply-residential", "supply-non-residential", "amendment-annex")
"""Kinds by which a place is supplied: a contract, or the annex that is its version in force."""


def check_metering_at(voltage_v: int, metering: str) -> None:
    """No meter hangs directly on a medium-voltage line.

    Raises:
        RuleError: it does.
    """
    if voltage_v in MEDIUM_VOLTAGES_V and metering == "direct":
        raise RuleError("a medium-voltage supply cannot be metered directly", field="metering", fix="give ct-vt or ct")
