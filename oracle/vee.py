"""Validation of load profiles: pure rules, each with a reason code; no clock, no network, no state.

Refused (the profile is not used, the reason is kept): another interval or period than the zone's, missing intervals, a meter not in
service, a period that has not ended, export above what the plant can make, import above what the connection can carry. Flagged (used as
signed, a person looks): a spike, a high load.
Kept but without energy: an interval the meter says it did not record; its reading is zero with quality 3. Nothing is ever estimated here:
what a node states is what a meter signed, and a correction is the meter's own next version (docs/decisions/validation-of-readings.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from statistics import median_low

from ledger.protocol.typed_data import LoadProfile
from oracle.errors import Reason, RefusedError
from oracle.profiles import UNRECORDED_WH

DAY_S = 86_400
CAPACITY_PERMILLE = 1200
"""Panels exceed their rating under cold sun and cloud edges; 120 % of it over a whole interval they do not."""
CONNECTION_W = 100_000
"""What a low-voltage connection carries over a whole interval at most: three phases of 380 V behind a main fuse of 160 A are 105 kVA.

A connection that takes a larger plant's output carries as much the other way. Every node must hold the same limit, or their roots differ:
docs/decisions/validation-of-readings.md says how it is raised.
"""
HIGH_LOAD_W = 40_000
"""Three phases of 380 V at 63 A: more than a home's usual main switch lets through."""
SPIKE_RATIO = 10
SPIKE_FLOOR_W = 5_000
SPIKE_SAMPLES = 8


class Quality(IntEnum):
    """Quality codes of a reading, as docs/protocol.md numbers them."""

    MEASURED = 0
    ESTIMATED = 1
    CALCULATED = 2
    MISSING = 3
    MANUAL = 4


class FlagCode(StrEnum):
    """What a node points out without refusing it."""

    SPIKE = "spike"
    HIGH_LOAD = "high-load"
    UNRECORDED = "unrecorded"


@dataclass(frozen=True)
class Flag:
    """Something odd at one interval of a profile, by its index."""

    code: FlagCode
    interval: int
    register: str


@dataclass(frozen=True)
class ZoneTerms:
    """What the Exchange says about a zone: its interval and its fixed offset east of UTC, both in seconds."""

    interval_s: int
    utc_offset_s: int


@dataclass(frozen=True)
class RegisteredMeter:
    """What the MeterRegistry says about a meter; capacity in W, times in Unix seconds."""

    meter: bytes
    party: bytes
    zone: bytes
    signer: bytes
    capacity_w: int
    valid_from: int
    valid_to: int

    def in_service(self, period_start: int, period_end: int) -> bool:
        """Whether the meter counts for the whole period; a meter begins with its first whole day."""
        return self.valid_from <= period_start and period_end <= self.valid_to


def check_profile(profile: LoadProfile, meter: RegisteredMeter, zone: ZoneTerms, now: int) -> None:
    """Applies every refusing rule, in a fixed order.

    Args:
        now: time of the chain's latest block, Unix seconds.

    Raises:
        RefusedError: the first rule broken.
    """
    check_period(profile.period_start, zone)
    if profile.interval_s != zone.interval_s:
        raise RefusedError(
            Reason.WRONG_INTERVAL, f"interval of {profile.interval_s} s, the zone's is {zone.interval_s} s", field="interval_s"
        )
    for field, energies in (("import_wh", profile.import_wh), ("export_wh", profile.export_wh)):
        check_count(energies, zone.interval_s, field)
    end = profile.period_start + DAY_S
    if end > now:
        raise RefusedError(Reason.FUTURE_DATED, f"the period ends at {end}, the chain's latest block is of {now}", field="period_start")
    if not meter.in_service(profile.period_start, end):
        raise RefusedError(
            Reason.NOT_IN_SERVICE,
            f"the meter is valid from {meter.valid_from} to {meter.valid_to}, not for the whole period",
            field="meter",
        )
    check_capacity(profile.export_wh, meter.capacity_w, zone.interval_s)
    check_connection(profile.import_wh, meter.capacity_w, zone.interval_s)


def check_period(period_start: int, zone: ZoneTerms) -> None:
    """A period is a local day of the zone at its fixed offset.

    Raises:
        RefusedError: `wrong-period`.
    """
    if (period_start + zone.utc_offset_s) % DAY_S:
        raise RefusedError(
            Reason.WRONG_PERIOD,
            f"{period_start} is not midnight at offset {zone.utc_offset_s} s",
            field="period_start",
            fix="send local days",
        )


def check_count(energies: Sequence[int], interval_s: int, field: str) -> None:
    """A profile holds every interval of its day.

    Raises:
        RefusedError: `missing-intervals`.
    """
    expected = DAY_S // interval_s
    if len(energies) != expected:
        fix = "mark intervals that were not recorded with 2^64-1"
        raise RefusedError(Reason.MISSING_INTERVALS, f"{len(energies)} intervals, the day has {expected}", field=field, fix=fix)


def capacity_limit_wh(capacity_w: int, interval_s: int) -> int:
    """The most a plant of that rating can export in one interval, Wh, with its tolerance."""
    return capacity_w * CAPACITY_PERMILLE * interval_s // (3600 * 1000)


def check_capacity(export_wh: Sequence[int], capacity_w: int, interval_s: int) -> None:
    """No interval exports more than the registered plant can make.

    Raises:
        RefusedError: `above-capacity`, at the first such interval.
    """
    limit = capacity_limit_wh(capacity_w, interval_s)
    for place, wh in enumerate(export_wh):
        if wh != UNRECORDED_WH and wh > limit:
            raise RefusedError(
                Reason.ABOVE_CAPACITY, f"{wh} Wh where {capacity_w} W of plant can make {limit} Wh", field=f"export_wh[{place}]"
            )


def connection_limit_wh(capacity_w: int, interval_s: int) -> int:
    """The most a meter beside a plant of that rating can import in one interval, Wh."""
    return max(CONNECTION_W * interval_s // 3600, capacity_limit_wh(capacity_w, interval_s))


def check_connection(import_wh: Sequence[int], capacity_w: int, interval_s: int) -> None:
    """No interval imports more than the connection can carry; else one meter's nonsense would be every neighbour's demand.

    Raises:
        RefusedError: `above-connection`, at the first such interval.
    """
    limit = connection_limit_wh(capacity_w, interval_s)
    for place, wh in enumerate(import_wh):
        if wh != UNRECORDED_WH and wh > limit:
            raise RefusedError(
                Reason.ABOVE_CONNECTION,
                f"{wh} Wh where the connection can carry {limit} Wh",
                field=f"import_wh[{place}]",
                fix="look at the meter; a correction is its own next version",
            )


def flags(profile: LoadProfile) -> tuple[Flag, ...]:
    """What is odd about a profile that is accepted as it is."""
    found = [
        Flag(FlagCode.SPIKE, place, register)
        for register, energies in (("import_wh", profile.import_wh), ("export_wh", profile.export_wh))
        for place in spikes(energies, profile.interval_s)
    ]
    found += [Flag(FlagCode.HIGH_LOAD, place, "import_wh") for place in high_loads(profile.import_wh, profile.interval_s)]
    unrecorded = (Flag(FlagCode.UNRECORDED, place, "") for place, entry in enumerate(readings(profile)) if entry[2] is Quality.MISSING)
    return (*found, *unrecorded)


def spikes(energies: Sequence[int], interval_s: int) -> list[int]:
    """Indices of intervals above ten times the day's median non-zero interval and above 5 kW; needs eight non-zero intervals to judge."""
    running = [wh for wh in energies if 0 < wh != UNRECORDED_WH]
    if len(running) < SPIKE_SAMPLES:
        return []
    limit = max(SPIKE_RATIO * median_low(running), SPIKE_FLOOR_W * interval_s // 3600)
    return [place for place, wh in enumerate(energies) if wh != UNRECORDED_WH and wh > limit]


def high_loads(import_wh: Sequence[int], interval_s: int) -> list[int]:
    """Indices of intervals above 40 kW, however few intervals ran."""
    return [place for place, wh in enumerate(import_wh) if wh != UNRECORDED_WH and wh * 3600 > HIGH_LOAD_W * interval_s]


def readings(profile: LoadProfile) -> Iterator[tuple[int, int, Quality]]:
    """Import Wh, export Wh and quality of every interval, in order."""
    for import_wh, export_wh in zip(profile.import_wh, profile.export_wh, strict=True):
        if UNRECORDED_WH in (import_wh, export_wh):
            yield 0, 0, Quality.MISSING
        else:
            yield import_wh, export_wh, Quality.MEASURED
