"""Pure rules of metering: which days a zone has, and when two halves of a reading agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from ledger.errors import ConflictError, InputError
from ledger.protocol.leaves import ReadingLeaf, profile_salt, reading_salt

DAY_S = 86_400
NO_SALT = bytes(32)
"""Salt of the readings of a silent meter (docs/protocol.md)."""


def day_start(day: date, utc_offset_s: int) -> int:
    """Unix seconds at which a local day begins in a zone that counts its days at a fixed offset."""
    return (day - date(1970, 1, 1)).days * DAY_S - utc_offset_s


def local_day(moment: int, utc_offset_s: int) -> date:
    """The local day a moment falls in."""
    return date(1970, 1, 1) + timedelta(days=(moment + utc_offset_s) // DAY_S)


def unit_starts(period_start: int, interval_s: int) -> range:
    """Starts of the market time units of a day."""
    return range(period_start, period_start + DAY_S, interval_s)


def shown(moment: int, utc_offset_s: int) -> str:
    """A moment as local text with its offset, such as `2016-05-25 12:30 +01:00`."""
    local = datetime.fromtimestamp(moment, UTC) + timedelta(seconds=utc_offset_s)
    sign = "-" if utc_offset_s < 0 else "+"
    hours, minutes = divmod(abs(utc_offset_s) // 60, 60)
    return f"{local:%Y-%m-%d %H:%M} {sign}{hours:02}:{minutes:02}"


def check_period(period_start: int, utc_offset_s: int) -> None:
    """A period is a local day.

    Raises:
        InputError: it does not begin at local midnight.
    """
    if (period_start + utc_offset_s) % DAY_S:
        raise InputError(
            f"{period_start} is not midnight at offset {utc_offset_s} s",
            field="period_start",
            fix="give the start of one of the zone's days",
        )


def check_leaves(leaves: Sequence[ReadingLeaf], *, zone: bytes, version: int, starts: Collection[int], meters: Collection[bytes]) -> None:
    """The leaves are whole days of the zone's meters at that version.

    Args:
        starts: starts of the day's units.
        meters: the zone's meters.

    Raises:
        InputError: the first leaf that does not belong, or a meter that lacks a unit.
    """
    expected = set(starts)
    seen: dict[bytes, set[int]] = {}
    for place, leaf in enumerate(leaves):
        field = f"leaves[{place}]"
        if leaf.zone != zone or leaf.version != version:
            raise InputError("a reading of another zone or version", field=field, fix="record one version of one zone at a time")
        if leaf.meter not in meters:
            raise InputError("no such meter in the zone", field=field, fix="draft and install the meter first")
        if leaf.start not in expected or leaf.start in seen.setdefault(leaf.meter, set()):
            raise InputError(f"the unit {leaf.start} is outside the day or there twice", field=field, fix="give each unit of the day once")
        seen[leaf.meter].add(leaf.start)
    for meter, units in seen.items():
        if len(units) != len(expected):
            fix = "an unrecorded unit is a reading of quality 3"
            raise InputError(f"{len(units)} units of meter 0x{meter.hex()[:8]}…, the day has {len(expected)}", field="leaves", fix=fix)


def check_salts(leaves: Sequence[ReadingLeaf], period_start: int, keys: Mapping[bytes, bytes]) -> None:
    """Every salt can be made again from the party's key, so that none needs to be stored.

    Args:
        keys: by meter, the party's salt key; a party that was erased has none.

    Raises:
        InputError: a salt is neither the one that follows from the key nor zero.
    """
    by_meter = {meter: profile_salt(key, meter, period_start) for meter, key in keys.items()}
    for place, leaf in enumerate(leaves):
        if leaf.salt != NO_SALT and (leaf.meter not in by_meter or leaf.salt != reading_salt(by_meter[leaf.meter], leaf.start)):
            raise InputError(
                "the salt does not follow from the party's key", field=f"leaves[{place}]", fix="give oracles the profile's own salt"
            )


def check_next_version(version: int, latest: int) -> None:
    """Versions follow one another.

    Raises:
        ConflictError: a version is skipped or brought again.
    """
    if version != latest + 1:
        raise ConflictError(
            f"version {version} cannot follow version {latest}", field="version", fix=f"a correction of this period is version {latest + 1}"
        )
