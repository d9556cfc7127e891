"""Fifth step: meters sign the day, the nodes take it, and what f+1 of them state is recorded and anchored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.day.nodes import Nodes
from ledger.day.people import owner_label
from ledger.day.stage import Stage
from ledger.errors import UnavailableError
from ledger.metering.commands import accept_profiles, anchor_readings, record_readings
from ledger.metering.model import Anchor, MeterRow, Profile, Zone
from ledger.metering.queries import DayProfile, load_profiles, meters_of_zone
from ledger.protocol.leaves import profile_salt
from ledger.protocol.typed_data import LoadProfile, digest
from oracle.delivery import Delivery
from oracle.profiles import SignedProfile
from oracle.quorum import Collected, Quorum

__all__ = ["VERSION", "deliver"]

VERSION = 1
SIGNED = "Công tơ ký chỉ số · Meters sign"
STATED = "Oracle xác nhận · Oracles state"


def deliver(stage: Stage, zone: Zone, day_start: int, nodes: Nodes, *, lose_one: bool = False) -> int:
    """Brings a day that is over to the oracles and its root into the outbox; a day that was anchored is left as it is.

    Args:
        lose_one: kill one of the four half-way, to show that the day completes.

    Returns:
        The intent to wait for.

    Raises:
        UnavailableError: no quorum of nodes agrees.
    """
    with stage.sessions() as session:
        known = session.get(Anchor, (zone.id, day_start, VERSION))
        if known is not None:
            return known.intent_id
    signed = _signed_profiles(stage, zone, day_start)
    delivery = nodes.delivery()
    half = len(signed) // 2
    delivery.push(signed[:half])
    stage.step(STATED, 1, 4)
    if lose_one:
        nodes.lose_one()
    delivery.push(signed[half:])
    stage.step(STATED, 2, 4)
    quorum = _quorum(delivery.collect(zone.id, day_start, VERSION))
    stage.step(STATED, 3, 4)
    intent = _anchor(stage, zone, delivery, quorum)
    stage.step(STATED, 4, 4)
    return intent


def _signed_profiles(stage: Stage, zone: Zone, day_start: int) -> list[SignedProfile]:
    """Every meter's day with its signature, salted for the oracles; what was signed before keeps its signature."""
    with stage.sessions.begin() as session:
        meters = {meter.label: meter for meter in meters_of_zone(session, zone)}
        days = load_profiles(session, zone, day_start)
        kept = _kept(session, [meters[day.label].id for day in days], day_start)
        fresh = []
        for done, day in enumerate(days):
            meter = meters[day.label]
            stage.step(SIGNED, done, len(days))
            if meter.id not in kept:
                fresh.append(_sign(stage, zone, meter, day))
        profiles = [*kept.values(), *accept_profiles(session, stage.calls, fresh)]
        stage.step(SIGNED, len(days), len(days))
        salts = {meter.id: profile_salt(meter.party.key(), meter.id, day_start) for meter in meters.values() if meter.party.salt_key}
        return [SignedProfile(one.typed(), salts[one.meter_id], one.signature) for one in profiles if one.meter_id in salts]


def _kept(session: Session, meters: Sequence[bytes], day_start: int) -> dict[bytes, Profile]:
    wanted = select(Profile).where(Profile.meter_id.in_(meters), Profile.period_start == day_start, Profile.version == VERSION)
    return {profile.meter_id: profile for profile in session.scalars(wanted)}


def _sign(stage: Stage, zone: Zone, meter: MeterRow, day: DayProfile) -> tuple[LoadProfile, bytes]:
    profile = LoadProfile(
        meter=meter.id,
        period_start=day.period_start,
        interval_s=day.interval_s,
        version=VERSION,
        import_wh=day.import_wh,
        export_wh=day.export_wh,
    )
    _, sign = stage.keyring.meter(owner_label(zone, meter.label))
    return profile, sign(digest(stage.calls.deployment.domain("MeterRegistry"), profile))


def _quorum(collected: Collected) -> Quorum:
    if collected.quorum is None:
        problems = [f"{node}: {problem}" for node, problem in collected.unanswered] + [problem for _, problem in collected.rejected]
        raise UnavailableError(
            f"no two oracles agree on the day ({'; '.join(problems) or 'they stated different roots'})",
            field="oracle",
            fix="read .sonang/logs/oracle-*.log, then run the same command again",
        )
    return collected.quorum


def _anchor(stage: Stage, zone: Zone, delivery: Delivery, quorum: Quorum) -> int:
    leaves = delivery.leaves(quorum.readings)
    with stage.sessions.begin() as session:
        row = session.get_one(Zone, zone.id)
        record_readings(session, row, quorum.readings.period_start, VERSION, leaves)
        (anchor,) = anchor_readings(session, stage.calls, [quorum])
        return anchor.intent_id
