"""Which column of a file is which: as the caller says, else by its obvious name; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledger.errors import InputError
from oracle.sources.amounts import NAMED_UNIT, Unit, parse_unit, unit_named_by

OBVIOUS = {
    "meter": ("home", "meter", "meter_id", "meter_no", "household", "metering_point", "nmi", "cong_to"),
    "start": ("interval_start", "start", "start_time", "timestamp", "datetime", "time", "thoi_gian"),
    "import": ("grid_import", "import", "import_energy", "energy_import", "consumption", "1.8.0", "nhan"),
    "export": ("grid_export", "export", "export_energy", "energy_export", "surplus", "2.8.0", "giao"),
}
"""Names, without a unit at their end, that leave no doubt; any case."""
ROLES = tuple(OBVIOUS)
EXAMPLE = "for example --map meter=home,start=interval_start,import=grid_import_kwh,export=grid_export_kwh"


@dataclass(frozen=True)
class Columns:
    """The file's columns by role and the unit of its energies; `export` is None for a file of consumption only."""

    meter: str
    start: str
    imported: str
    exported: str | None
    unit: Unit

    def __str__(self) -> str:
        exported = f"export={self.exported}" if self.exported else "no export column"
        return f"meter={self.meter}, start={self.start}, import={self.imported}, {exported}; unit {self.unit.value}"


def parse_map(text: str) -> dict[str, str]:
    """`meter=home,start=time` as a mapping from role to column name.

    Raises:
        InputError: not pairs, an unknown role, or a role twice.
    """
    chosen: dict[str, str] = {}
    for pair in text.split(",") if text else ():
        role, equals, column = (part.strip() for part in pair.partition("="))
        if not equals or not column or role not in ROLES or role in chosen:
            raise InputError(f"{pair!r} does not say which column is meter, start, import or export", field="--map", fix=EXAMPLE)
        chosen[role] = column
    return chosen


def choose_columns(header: Sequence[str], given: Mapping[str, str], unit: str | None) -> Columns:
    """The columns named, and for roles not named those whose name leaves no doubt.

    Args:
        given: from role to column name (`parse_map`).
        unit: of the energies; None when the column's own name says it, as in `grid_import_kwh`.

    Raises:
        InputError: a column or the unit is not clear; says what to give.
    """
    names = [name.strip() for name in header]
    meter, start, imported = (given.get(role) or _needed(names, role) for role in ("meter", "start", "import"))
    exported = given.get("export") or _obvious(names, "export")
    return Columns(meter, start, imported, exported, parse_unit(unit or _unit_of(imported)))


def _needed(names: Sequence[str], role: str) -> str:
    found = _obvious(names, role)
    if found is None:
        raise InputError(f"which column is the {role}? the file has {', '.join(names)[:300]}", field="--map", fix=EXAMPLE)
    return found


def _obvious(names: Sequence[str], role: str) -> str | None:
    found = [name for name in names if _bare(name) in OBVIOUS[role]]
    if len(found) > 1:
        raise InputError(
            f"{' and '.join(found)} could both be the {role}", field="--map", fix=f"say {role}={found[0]} or {role}={found[1]}"
        )
    return found[0] if found else None


def _bare(name: str) -> str:
    """A column's name in lower case without the unit at its end."""
    return NAMED_UNIT.sub("", name).lower().replace(" ", "_").rstrip("_([.")


def _unit_of(column: str) -> str:
    named = unit_named_by(column)
    if named is None:
        raise InputError(f"column {column!r} does not name its unit", field="--unit", fix="give --unit Wh, kWh or W")
    return named
