"""What the number in a field of a service counts, in words: a customer thinks in kilowatts where the document has watts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["UNITS", "Unit", "unit_of"]


@dataclass(frozen=True)
class Unit:
    """A unit, Vietnamese and English.

    Attributes:
        names: as it stands behind a number.
        helped: the help below the field.
        marked: whether the name of the field needs it too: a number of households says by itself what it counts.
    """

    names: tuple[str, str]
    helped: tuple[str, str]
    marked: bool = False

    def after(self, number: object) -> str:
        """A number with it: `3000 W`, `3 hộ · households`."""
        return f"{number} {' · '.join(dict.fromkeys(self.names))}"


def _counted(vi: str, en: str) -> Unit:
    return Unit((vi, en), (f"đơn vị: {vi}", f"in {en}"))


UNITS: Mapping[str, Unit] = {
    "W": Unit(("W", "W"), ("đơn vị: W; 3 kW ghi là 3000", "in W; write 3000 for 3 kW"), marked=True),
    "kV": Unit(("kV", "kV"), ("đơn vị: kV; 22.000 V ghi là 22", "in kV; write 22 for 22,000 V"), marked=True),
    "hộ": _counted("hộ", "households"),
    "người": _counted("người", "people"),
    "hồ sơ": _counted("hồ sơ", "records"),
    "lỗi": _counted("lỗi", "faults"),
}
"""By what the catalogue of services calls it."""


def unit_of(name: str) -> Unit | None:
    """The unit of a field; None where it has none."""
    return UNITS[name] if name else None
