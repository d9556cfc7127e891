"""What metering does: set up zones and meters, keep signed profiles and validated readings, anchor roots. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.calls import Calls
from ledger.chain.outbox import enqueue
from ledger.errors import ConflictError, InputError
from ledger.law.entries import Region
from ledger.metering.anchoring import anchor_readings, record_readings
from ledger.metering.imports import Imported, import_file
from ledger.metering.model import Mechanism, MeterRow, Profile, Zone
from ledger.metering.prices import ZonePrices
from ledger.metering.rules import DAY_S, check_period
from ledger.parties.model import Party
from ledger.protocol.quantities import check_bytes32, check_int, check_price, check_time, check_uint, hex0x, new_id
from ledger.protocol.signers import verify, verify_many
from ledger.protocol.typed_data import LoadProfile, digest

__all__ = [
    "Imported",
    "accept_profiles",
    "anchor_readings",
    "configure_zone",
    "create_zone",
    "draft_meter",
    "import_file",
    "install_meter",
    "record_readings",
    "set_prices",
    "set_region",
]

GATE_LEAD_S = 3600
CHALLENGE_WINDOW_S = 3600
NAME_LIMIT = 100


def create_zone(
    session: Session,
    *,
    name: str,
    time_zone: str,
    region: Region,
    interval_s: int,
    utc_offset_s: int,
    prices: ZonePrices,
    mechanism: Mechanism = Mechanism.UNIFORM_PRICE,
    gate_lead_s: int = GATE_LEAD_S,
    challenge_window_s: int = CHALLENGE_WINDOW_S,
) -> Zone:
    """A new zone under a private name, not yet on chain.

    Args:
        region: whose price frame limits what its agreements may pay.
        prices: what `ledger.metering.prices.prices_in_force` gives, or a person's own.

    Raises:
        ConflictError: the name is taken.
        InputError, ProtocolError: a value is out of range.
    """
    _check_zone(session, name, interval_s)
    zone = Zone(
        id=new_id(),
        name=name,
        time_zone=time_zone,
        region=_checked(region),
        interval_s=interval_s,
        utc_offset_s=check_int(utc_offset_s, 32, "utc_offset_s"),
        gate_lead_s=check_uint(gate_lead_s, 32, "gate_lead_s"),
        challenge_window_s=check_uint(challenge_window_s, 32, "challenge_window_s"),
        mechanism=int(mechanism),
    )
    session.add(zone)
    set_prices(session, zone, prices)
    return zone


def set_prices(session: Session, zone: Zone, prices: ZonePrices) -> None:
    """What the utility pays for residual surplus and takes for residual demand from now on.

    Raises:
        InputError: the utility would pay more than it takes, or a price is not whole đồng.
    """
    published = check_price(prices.published, "published_price_vnd_per_kwh")
    retail = check_price(prices.retail, "retail_price_vnd_per_kwh")
    if published > retail:
        fix = "no neighbour could trade between them: lower the published price"
        raise InputError(f"published price {published} above retail price {retail}", field="prices", fix=fix)
    zone.published_price_vnd_per_kwh, zone.retail_price_vnd_per_kwh, zone.price_reference = published, retail, prices.reference
    session.flush()


def set_region(session: Session, zone: Zone, region: Region) -> None:
    """The region whose price frame limits the zone's agreements from now on; those already drafted keep theirs.

    Raises:
        InputError: there is no such region.
    """
    zone.region = _checked(region)
    session.flush()


def configure_zone(session: Session, calls: Calls, zone: Zone) -> None:
    """Asks for `Exchange.configureZone`, once a zone; its terms on chain do not change afterwards.

    Raises:
        ConflictError: the zone was configured with other terms.
    """
    terms = (zone.interval_s, zone.utc_offset_s, zone.gate_lead_s, zone.challenge_window_s, zone.mechanism)
    key = f"configure-zone/{hex0x(zone.id)}"
    intent = enqueue(session, calls, key=key, contract="Exchange", function="configureZone", args=[zone.id, terms])
    zone.intent_id = intent.id
    session.flush()


def draft_meter(
    session: Session, *, zone: Zone, party: Party, label: str, signer: bytes, capacity_w: int, valid_from: int, valid_to: int
) -> MeterRow:
    """A new meter of a party, to be signed by the meter's own key (`meter.typed()`) before it is installed.

    Args:
        label: the home's name in imported files.

    Raises:
        ConflictError: the zone has a meter of that label.
        InputError, ProtocolError: a value is out of range.
    """
    if session.scalar(select(MeterRow.id).where(MeterRow.zone_id == zone.id, MeterRow.label == label)) is not None:
        raise ConflictError("the zone has a meter of that label", field=label, fix="use it, or retire it and choose another label")
    if check_time(valid_from, "valid_from") >= check_time(valid_to, "valid_to"):
        raise InputError(f"valid from {valid_from} to {valid_to}", field="valid_to", fix="let it end after it begins")
    if len(signer) < 20:
        raise InputError(
            f"{len(signer)} bytes are not a signer", field="signer", fix="give an address, or a verifier's address and its key"
        )
    meter = MeterRow(
        id=new_id(),
        label=label,
        party_id=party.id,
        zone_id=zone.id,
        signer=signer,
        capacity_w=check_uint(capacity_w, 63, "capacity_w"),
        valid_from=valid_from,
        valid_to=valid_to,
    )
    session.add(meter)
    session.flush()
    return meter


def install_meter(session: Session, calls: Calls, meter: MeterRow, signature: bytes) -> None:
    """Asks for `MeterRegistry.install`, once a meter.

    Args:
        signature: of the meter's signer over `digest(calls.deployment.domain("MeterRegistry"), meter.typed())`.

    Raises:
        ProtocolError: the signature is not the meter's.
    """
    registry = calls.deployment.domain("MeterRegistry")
    verify(meter.signer, digest(registry, meter.typed()), signature, calls.deployment.verifiers)
    terms = (meter.party_id, meter.zone_id, meter.signer, meter.capacity_w, meter.valid_from, meter.valid_to)
    key = f"install-meter/{hex0x(meter.id)}"
    intent = enqueue(session, calls, key=key, contract="MeterRegistry", function="install", args=[meter.id, terms, signature])
    meter.intent_id = intent.id
    session.flush()


def accept_profiles(session: Session, calls: Calls, profiles: Iterable[tuple[LoadProfile, bytes]]) -> list[Profile]:
    """Keeps load profiles with their meters' signatures; one that is kept already is returned as it is.

    Raises:
        InputError: the meter is unknown, the day or the interval is not its zone's, or the signature is not the meter's.
        ConflictError: the meter signed another content for that day and version.
    """
    given = list(profiles)
    meters = {row.id: row for row in session.scalars(select(MeterRow).where(MeterRow.id.in_({profile.meter for profile, _ in given})))}
    for profile, _ in given:
        _check_profile(profile, meters)
    registry = calls.deployment.domain("MeterRegistry")
    claims = [(meters[profile.meter].signer, digest(registry, profile), signature) for profile, signature in given]
    for (profile, _), fault in zip(given, verify_many(claims, calls.deployment.verifiers), strict=True):
        if fault is not None:
            raise InputError(
                f"not signed by its meter: {fault}", field=meters[profile.meter].label, fix="let the meter sign its profile again"
            )
    return [_keep(session, profile, signature, meters[profile.meter].label) for profile, signature in given]


def _check_zone(session: Session, name: str, interval_s: int) -> None:
    if not name.strip() or len(name) > NAME_LIMIT or not name.isprintable():
        raise InputError(f"{name[:40]!r} is not a zone's name", field="zone", fix=f"use 1 to {NAME_LIMIT} printable characters")
    if not 60 <= interval_s <= DAY_S or DAY_S % interval_s:
        raise InputError(
            f"an interval of {interval_s} s does not divide a day", field="interval", fix="use for example 15, 30 or 60 minutes"
        )
    if session.scalar(select(Zone.id).where(Zone.name == name)) is not None:
        raise ConflictError("there is a zone of that name", field=name, fix="use it, or choose another name")


def _checked(region: Region) -> Region:
    if region not in get_args(Region):
        raise InputError(f"no region {region!r}", field="region", fix=f"use one of {', '.join(get_args(Region))}")
    return region


def _check_profile(profile: LoadProfile, meters: dict[bytes, MeterRow]) -> None:
    meter = meters.get(check_bytes32(profile.meter, "meter"))
    if meter is None:
        raise InputError(f"no meter {hex0x(profile.meter)}", field="meter", fix="draft and install the meter first")
    check_period(profile.period_start, meter.zone.utc_offset_s)
    units = DAY_S // meter.zone.interval_s
    if (profile.interval_s, len(profile.import_wh), len(profile.export_wh)) != (meter.zone.interval_s, units, units):
        fix = f"send {units} intervals of {meter.zone.interval_s} s of each register"
        raise InputError("not the zone's intervals of one day", field=meter.label, fix=fix)


def _keep(session: Session, profile: LoadProfile, signature: bytes, label: str) -> Profile:
    known = session.get(Profile, (profile.meter, profile.period_start, profile.version))
    if known is None:
        known = Profile.of(profile, signature)
        session.add(known)
        session.flush()
    elif known.typed() != profile:
        raise ConflictError(
            f"its meter signed two contents of version {profile.version}", field=label, fix="a correction is the next version"
        )
    return known
