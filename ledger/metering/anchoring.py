"""Validated readings into the ledger and their roots onto the chain, by way of the outbox. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Protocol

from sqlalchemy.orm import Session

from ledger.chain.calls import Calls
from ledger.chain.outbox import enqueue
from ledger.errors import ConflictError
from ledger.metering.bulk import copy_rows
from ledger.metering.model import Anchor, Reading, Zone
from ledger.metering.queries import latest_version, leaf_hashes, salt_keys
from ledger.metering.rules import DAY_S, NO_SALT, check_leaves, check_next_version, check_period, check_salts, unit_starts
from ledger.protocol.leaves import ReadingLeaf
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import hex0x
from ledger.protocol.typed_data import Readings


class SignedReadings(Protocol):
    """A quorum: what f+1 oracles signed (`oracle.quorum.Quorum`)."""

    @property
    def readings(self) -> Readings: ...
    @property
    def signers(self) -> Sequence[bytes]: ...
    @property
    def signatures(self) -> Sequence[bytes]: ...


def record_readings(session: Session, zone: Zone, period_start: int, version: int, leaves: Sequence[ReadingLeaf]) -> int:
    """Keeps one version of the validated readings of a zone's day, whole; the same readings again are accepted and change nothing.

    Args:
        leaves: every reading the oracles build their root from.

    Returns:
        How many readings the version holds.

    Raises:
        InputError: a reading does not belong, or its salt does not follow from its party's key.
        ConflictError: the version does not follow the last, or holds other readings.
    """
    check_period(period_start, zone.utc_offset_s)
    latest = latest_version(session, zone, period_start)
    if version == latest:
        return _same_readings(session, zone, period_start, version, leaves)
    check_next_version(version, latest)
    keys = salt_keys(session, zone)
    check_leaves(leaves, zone=zone.id, version=version, starts=unit_starts(period_start, zone.interval_s), meters=keys)
    check_salts(leaves, period_start, {meter: key for meter, key in keys.items() if key is not None})
    lines = (
        f"\\\\x{leaf.meter.hex()}\t{leaf.start}\t{version}\t\\\\x{zone.id.hex()}\t{leaf.import_wh}\t{leaf.export_wh}\t{leaf.quality}\t"
        f"{'f' if leaf.salt == NO_SALT else 't'}\t\\\\x{leaf.leaf_hash().hex()}\n"
        for leaf in leaves
    )
    columns = ["meter_id", "start", "version", "zone_id", "import_wh", "export_wh", "quality", "salted", "leaf_hash"]
    copy_rows(session, Reading.__tablename__, columns, lines)
    return len(leaves)


def anchor_readings(session: Session, calls: Calls, quorums: Iterable[SignedReadings]) -> list[Anchor]:
    """Asks for `ReadingAnchor.anchor` of recorded readings that f+1 oracles signed; several zones or days share one transaction.

    What is anchored already is left out; the chain checks the signatures.

    Returns:
        One anchor a quorum, in their order.

    Raises:
        ConflictError: oracles signed another root than the one over the recorded readings.
    """
    given = list(quorums)
    fresh = {quorum.readings: quorum for quorum in given if _anchored(session, quorum.readings) is None}
    for readings in fresh:
        _check_recorded(session, readings)
    if fresh:
        statements = [(one.readings, list(one.signers), list(one.signatures)) for one in fresh.values()]
        intent = enqueue(session, calls, key=_key(list(fresh)), contract="ReadingAnchor", function="anchor", args=[statements])
        session.add_all(_anchor(quorum, intent.id) for quorum in fresh.values())
        session.flush()
    return [session.get_one(Anchor, (one.readings.zone, one.readings.period_start, one.readings.version)) for one in given]


def _same_readings(session: Session, zone: Zone, period_start: int, version: int, leaves: Sequence[ReadingLeaf]) -> int:
    recorded = leaf_hashes(session, zone, period_start, version)
    if sorted(recorded) != sorted(leaf.leaf_hash() for leaf in leaves):
        fix = f"readings are never edited: a correction is version {version + 1}"
        raise ConflictError(f"version {version} of this day holds other readings", field="version", fix=fix)
    return len(recorded)


def _anchored(session: Session, readings: Readings) -> Anchor | None:
    anchor = session.get(Anchor, (readings.zone, readings.period_start, readings.version))
    if anchor is not None and anchor.typed() != readings:
        raise ConflictError(
            f"version {readings.version} of this day is anchored with root {hex0x(anchor.root)}",
            field="root",
            fix="a correction is the next version",
        )
    return anchor


def _check_recorded(session: Session, readings: Readings) -> None:
    zone = session.get(Zone, readings.zone)
    leaves = [] if zone is None else leaf_hashes(session, zone, readings.period_start, readings.version)
    root = merkle_root(leaves)
    if (root, len(leaves), readings.period_end) != (readings.root, readings.count, readings.period_start + DAY_S):
        signed = f"oracles signed root {hex0x(readings.root)} over {readings.count} readings"
        fix = "record the very readings the oracles signed"
        raise ConflictError(f"{signed}; recorded are {len(leaves)} with root {hex0x(root)}", field="root", fix=fix)


def _anchor(quorum: SignedReadings, intent_id: int) -> Anchor:
    stated = quorum.readings
    return Anchor(
        zone_id=stated.zone,
        period_start=stated.period_start,
        version=stated.version,
        period_end=stated.period_end,
        root=stated.root,
        count=stated.count,
        signers=list(quorum.signers),
        signatures=list(quorum.signatures),
        intent_id=intent_id,
    )


def _key(readings: Sequence[Readings]) -> str:
    places = [f"{hex0x(one.zone)}/{one.period_start}/{one.version}" for one in readings]
    return f"anchor/{places[0]}" if len(places) == 1 else f"anchor/{len(places)}/{sha256('+'.join(sorted(places)).encode()).hexdigest()}"
