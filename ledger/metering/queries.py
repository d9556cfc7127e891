"""What others ask of metering: zones, meters, days that have data, load profiles, readings and their proofs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from ledger.metering.model import UNRECORDED_WH, Anchor, ImportedHome, ImportedInterval, MeterRow, Reading, Zone
from ledger.metering.rules import DAY_S, NO_SALT, local_day, shown, unit_starts
from ledger.parties.model import Party
from ledger.protocol.leaves import ReadingLeaf, profile_salt, reading_salt
from ledger.protocol.merkle import MerkleTree


@dataclass(frozen=True)
class HomeData:
    """A home of the imported files.

    Attributes:
        capacity_w: installed PV power, when a list of homes gave it.
        peak_export_wh: the most it ever exported in one interval.
    """

    label: str
    capacity_w: int | None
    peak_export_wh: int


@dataclass(frozen=True)
class DayOfData:
    """A local day on which files have data; a home is whole when no interval of it is missing."""

    day: date
    period_start: int
    homes: int
    whole_homes: int


@dataclass(frozen=True)
class DayProfile:
    """One home's day as imported: every interval in order, 2^64-1 where the files have none."""

    label: str
    period_start: int
    interval_s: int
    import_wh: tuple[int, ...]
    export_wh: tuple[int, ...]


@dataclass(frozen=True)
class ProvenReading:
    """A reading as the leaf it is in its day's tree, the proof to the root, and the anchor that holds the root."""

    leaf: ReadingLeaf
    proof: tuple[bytes, ...]
    anchor: Anchor


def zone_by_name(session: Session, name: str) -> Zone:
    """The zone of that name.

    Raises:
        NotFoundError: there is none; a similar name is suggested.
    """
    zone = find_zone(session, name)
    if zone is None:
        near = difflib.get_close_matches(name, [one.name for one in zones(session)], n=1)
        fix = f"did you mean {near[0]!r}?" if near else "`sonang import-readings --zone NAME` makes a zone with its data"
        raise NotFoundError(f"no zone {name!r}", field="zone", fix=fix)
    return zone


def find_zone(session: Session, name: str) -> Zone | None:
    """The zone of that name, or None."""
    return session.scalars(select(Zone).where(Zone.name == name)).one_or_none()


def zones(session: Session) -> Sequence[Zone]:
    """Every zone, by name."""
    return session.scalars(select(Zone).order_by(Zone.name)).all()


def meters_of_zone(session: Session, zone: Zone) -> Sequence[MeterRow]:
    """The zone's meters, by id: the order of their readings."""
    return session.scalars(select(MeterRow).where(MeterRow.zone_id == zone.id).order_by(MeterRow.id)).all()


def meter_by_label(session: Session, zone: Zone, label: str) -> MeterRow:
    """The meter of a home.

    Raises:
        NotFoundError: the zone has no meter of that label.
    """
    meter = session.scalars(select(MeterRow).where(MeterRow.zone_id == zone.id, MeterRow.label == label)).one_or_none()
    if meter is None:
        raise NotFoundError(f"no meter of {label!r} in zone {zone.name!r}", field="meter", fix="draft and install it first")
    return meter


def homes_of_zone(session: Session, zone: Zone) -> list[HomeData]:
    """Every home of the zone's imported files, by label."""
    peak = select(func.max(ImportedInterval.export_wh)).where(ImportedInterval.home_id == ImportedHome.id).scalar_subquery()
    found = session.execute(
        select(ImportedHome.label, ImportedHome.capacity_w, func.coalesce(peak, 0))
        .where(ImportedHome.zone_id == zone.id)
        .order_by(ImportedHome.label)
    )
    return [HomeData(*row) for row in found]


def days_with_data(session: Session, zone: Zone) -> list[DayOfData]:
    """Every local day on which the zone's files have data, in order."""
    day = ((ImportedInterval.start + zone.utc_offset_s) // DAY_S).label("day")
    per_home = (
        select(day, func.count().label("units"))
        .join(ImportedHome, ImportedHome.id == ImportedInterval.home_id)
        .where(ImportedHome.zone_id == zone.id)
        .group_by(day, ImportedInterval.home_id)
        .subquery()
    )
    whole = func.count().filter(per_home.c.units == DAY_S // zone.interval_s)
    found = session.execute(select(per_home.c.day, func.count(), whole).group_by(per_home.c.day).order_by(per_home.c.day))
    starts = ((int(number) * DAY_S - zone.utc_offset_s, homes, whole_homes) for number, homes, whole_homes in found)
    return [DayOfData(local_day(start, zone.utc_offset_s), start, homes, whole_homes) for start, homes, whole_homes in starts]


def load_profiles(session: Session, zone: Zone, period_start: int) -> list[DayProfile]:
    """The day of every home that has data on it, by label."""
    found = session.execute(
        select(ImportedHome.label, ImportedInterval.start, ImportedInterval.import_wh, ImportedInterval.export_wh)
        .join(ImportedHome, ImportedHome.id == ImportedInterval.home_id)
        .where(ImportedHome.zone_id == zone.id, ImportedInterval.start >= period_start, ImportedInterval.start < period_start + DAY_S)
    )
    by_home: dict[str, dict[int, tuple[int, int]]] = {}
    for label, start, import_wh, export_wh in found:
        by_home.setdefault(label, {})[start] = (import_wh, export_wh)
    return [_day_profile(zone, period_start, label, by_home[label]) for label in sorted(by_home)]


def load_profile(session: Session, zone: Zone, label: str, period_start: int) -> DayProfile:
    """One home's day.

    Raises:
        NotFoundError: the files have nothing of it on that day.
    """
    found = session.execute(
        select(ImportedInterval.start, ImportedInterval.import_wh, ImportedInterval.export_wh)
        .join(ImportedHome, ImportedHome.id == ImportedInterval.home_id)
        .where(ImportedHome.zone_id == zone.id, ImportedHome.label == label)
        .where(ImportedInterval.start >= period_start, ImportedInterval.start < period_start + DAY_S)
    )
    units = {start: (import_wh, export_wh) for start, import_wh, export_wh in found}
    if not units:
        day = local_day(period_start, zone.utc_offset_s)
        raise NotFoundError(
            f"no data of {label!r} on {day}", field="meter", fix="choose a day and a home that `sonang import-readings` brought"
        )
    return _day_profile(zone, period_start, label, units)


def latest_version(session: Session, zone: Zone, period_start: int) -> int:
    """The newest version of a day's readings; 0 when there is none."""
    newest = select(func.max(Reading.version)).where(Reading.zone_id == zone.id, Reading.start == period_start)
    return session.scalar(newest) or 0


def readings_of_day(session: Session, zone: Zone, period_start: int, version: int | None = None) -> Sequence[Reading]:
    """One version of a day's readings (the newest when none is named), by meter and start.

    Raises:
        NotFoundError: there is no such version.
    """
    chosen = latest_version(session, zone, period_start) if version is None else version
    found = session.scalars(
        select(Reading)
        .where(Reading.zone_id == zone.id, Reading.version == chosen)
        .where(Reading.start >= period_start, Reading.start < period_start + DAY_S)
        .order_by(Reading.meter_id, Reading.start)
    ).all()
    if not found:
        day = local_day(period_start, zone.utc_offset_s)
        raise NotFoundError(
            f"no readings of zone {zone.name!r} on {day} in version {chosen}", field="date", fix="run the day, or name another"
        )
    return found


def salt_keys(session: Session, zone: Zone) -> dict[bytes, bytes | None]:
    """By meter of the zone, the key its party's salts derive from; None once destroyed."""
    found = session.execute(
        select(MeterRow.id, Party.salt_key).join(Party, Party.id == MeterRow.party_id).where(MeterRow.zone_id == zone.id)
    )
    return dict(found.all())


def leaf_hashes(session: Session, zone: Zone, period_start: int, version: int) -> list[bytes]:
    """Leaf hashes of one version of a day's readings, in no order that matters; none when there is no such version."""
    wanted = select(Reading.leaf_hash).where(Reading.zone_id == zone.id, Reading.version == version)
    return list(session.scalars(wanted.where(Reading.start >= period_start, Reading.start < period_start + DAY_S)))


def anchor_of(session: Session, zone: Zone, period_start: int, version: int | None = None) -> Anchor:
    """The anchor of a version of a day's readings, the newest when none is named; its intent says how far the chain is.

    Raises:
        NotFoundError: none was asked for.
    """
    wanted = select(Anchor).where(Anchor.zone_id == zone.id, Anchor.period_start == period_start)
    if version is not None:
        wanted = wanted.where(Anchor.version == version)
    anchor = session.scalars(wanted.order_by(Anchor.version.desc()).limit(1)).one_or_none()
    if anchor is None:
        day = local_day(period_start, zone.utc_offset_s)
        raise NotFoundError(
            f"the readings of {day} are not anchored", field="date", fix="run the day: oracles sign, then the root is anchored"
        )
    return anchor


def reading_at(session: Session, meter: MeterRow, start: int, version: int | None = None) -> tuple[Reading, Anchor]:
    """A reading and the anchor of its version, the newest anchored one when none is named.

    Raises:
        NotFoundError: not anchored, or no such reading; its label is not told.
    """
    zone = meter.zone
    anchor = anchor_of(session, zone, start - (start + zone.utc_offset_s) % DAY_S, version)
    reading = session.get(Reading, (meter.id, start, anchor.version))
    if reading is None:
        at = shown(start, zone.utc_offset_s)
        raise NotFoundError(f"no reading of this meter at {at}", field="start", fix=f"give the start of a unit of {zone.interval_s} s")
    return reading, anchor


def reading_with_proof(session: Session, meter: MeterRow, start: int, version: int | None = None) -> ProvenReading:
    """A reading and the Merkle proof that leads from its leaf to the anchored root; the newest anchored version when none is named.

    Raises:
        NotFoundError: not anchored, or no such reading.
        RuleError: the key its salt follows from was destroyed.
    """
    reading, anchor = reading_at(session, meter, start, version)
    tree = MerkleTree(leaf_hashes(session, meter.zone, anchor.period_start, anchor.version))
    return ProvenReading(_leaf(reading, meter.party, anchor.period_start), tree.proof(reading.leaf_hash), anchor)


def _day_profile(zone: Zone, period_start: int, label: str, units: dict[int, tuple[int, int]]) -> DayProfile:
    gap = (UNRECORDED_WH, UNRECORDED_WH)
    energies = [units.get(start, gap) for start in unit_starts(period_start, zone.interval_s)]
    return DayProfile(label, period_start, zone.interval_s, tuple(wh for wh, _ in energies), tuple(wh for _, wh in energies))


def _leaf(reading: Reading, party: Party, period_start: int) -> ReadingLeaf:
    salt = reading_salt(profile_salt(party.key(), reading.meter_id, period_start), reading.start) if reading.salted else NO_SALT
    return ReadingLeaf(
        zone=reading.zone_id,
        meter=reading.meter_id,
        start=reading.start,
        version=reading.version,
        import_wh=reading.import_wh,
        export_wh=reading.export_wh,
        quality=reading.quality,
        salt=salt,
    )
