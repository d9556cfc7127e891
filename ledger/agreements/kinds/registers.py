"""The registers of a meter as minutes write them down: which ones a person reads, in Wh, and whether they agree with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_choice, check_count, check_whole
from ledger.agreements.kinds.figures import thousandths_pair
from ledger.agreements.kinds.frame import Pairs
from ledger.errors import RuleError

TOTAL: Final = "1.8.0"
TARIFFS: Final = ("1.8.1", "1.8.2", "1.8.3")
REGISTERS: Final[Mapping[str, tuple[str, str]]] = {
    "1.8.0": ("nhận – tổng", "import – total"),
    "1.8.1": ("nhận – giờ bình thường", "import – normal hours"),
    "1.8.2": ("nhận – giờ cao điểm", "import – peak hours"),
    "1.8.3": ("nhận – giờ thấp điểm", "import – off-peak hours"),
    "2.8.0": ("phát – tổng", "export – total"),
}
"""By OBIS code, in the order minutes list them."""
DISPLAY_WH: Final = 1000
"""What a display drops: registers are shown in whole kWh, so parts and total may differ by less than one kWh a part."""


@dataclass(frozen=True)
class RegisterReading:
    """What one register showed.

    Attributes:
        obis: which register, one of `REGISTERS`.
        reading_wh: the counter, Wh, before the multiplier of the transformers.
    """

    obis: str
    reading_wh: int


def check_registers(registers: Sequence[RegisterReading], field: str) -> None:
    """The total is read, each register once; tariff registers are read all or none and agree with the total.

    Raises:
        InputError: an unknown register, or a malformed reading.
        RuleError: the total is missing, a register is read twice, one tariff register is left out, or they contradict the total.
    """
    check_count(registers, field, least=1, most=len(REGISTERS))
    read: dict[str, int] = {}
    for place, one in enumerate(registers):
        check_choice(one.obis, REGISTERS, f"{field}[{place}].obis")
        check_whole(one.reading_wh, f"{field}[{place}].reading_wh")
        if one.obis in read:
            raise RuleError(f"{one.obis} is read twice", field=f"{field}[{place}].obis", fix="give each register once")
        read[one.obis] = one.reading_wh
    if TOTAL not in read:
        raise RuleError(f"{TOTAL} is not read", field=field, fix=f"read the total import register {TOTAL} too")
    tariffs = [read[obis] for obis in TARIFFS if obis in read]
    if tariffs and len(tariffs) < len(TARIFFS):
        raise RuleError("some tariff registers are left out", field=field, fix=f"read {', '.join(TARIFFS)}, or none of them")
    if tariffs and abs(sum(tariffs) - read[TOTAL]) >= DISPLAY_WH * len(TARIFFS):
        raise RuleError(
            f"{', '.join(TARIFFS)} sum to {sum(tariffs)} Wh, {TOTAL} shows {read[TOTAL]} Wh",
            field=field,
            fix="read the registers again; they agree but for what the display drops",
        )


def register_terms(prefix: str, registers: Sequence[RegisterReading]) -> dict[str, object]:
    """Terms of a meter's registers, such as `removed.register.1.8.0_wh`."""
    return {f"{prefix}.register.{one.obis}_wh": one.reading_wh for one in registers}


def register_pairs(prefix: str, terms: Mapping[str, object]) -> Pairs:
    """Name (under `….register.1.8.0`) and reading in kWh (under the term's path) of each register that was read, in both languages."""
    pairs: Pairs = {}
    for obis, names in REGISTERS.items():
        reading = terms.get(path := f"{prefix}.register.{obis}_wh")
        if reading is not None:
            pairs[path.removesuffix("_wh")] = names
            pairs[path] = thousandths_pair(reading)
    return pairs
