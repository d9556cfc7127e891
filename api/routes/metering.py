"""Zones, their days and meters, readings with the proof that leads each to its anchored root, and the anchors."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BeforeValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.answers import Answer, Bytes, Bytes32, Count, Day, Page, Price, Time, Transaction, Wh
from api.days import DayState, days_of
from api.deps import ChainAsked, SessionAsked
from api.downloads import BUNDLE, attachment
from api.found import meter_by_id, reading_at, zone_by_id
from api.paging import PageAsked, page_of, part_of
from api.params import DayOf, MeterId, UnitStart, VersionAsked, ZoneAsked, ZoneId
from api.seeing import Sight, SightAsked
from ledger.chain.model import OutboxIntent
from ledger.errors import NotFoundError
from ledger.evidence.build import reading_bundle
from ledger.metering.model import Anchor, Mechanism, MeterRow, Reading, Zone
from ledger.metering.queries import ProvenReading, latest_version, reading_with_proof
from ledger.metering.rules import DAY_S, day_start, local_day

router = APIRouter(prefix="/api/v1", tags=["metering"])

QUALITIES = ("measured", "estimated", "calculated", "missing", "manual")


def _quality(code: object) -> object:
    return QUALITIES[code] if isinstance(code, int) else code


Quality = Annotated[
    Literal["measured", "estimated", "calculated", "missing", "manual"], BeforeValidator(_quality), Field(examples=["measured"])
]


def _mechanism(code: object) -> object:
    return Mechanism(code).name.lower() if isinstance(code, int) else code


MechanismName = Annotated[Literal["single_buyer", "uniform_price"], BeforeValidator(_mechanism), Field(examples=["uniform_price"])]


class ZoneAnswer(Answer):
    """A zone: metering points that are cleared together, and the rules of their market."""

    id: Bytes32
    name: str = Field(examples=["Khu A"])
    time_zone: str = Field(examples=["Asia/Ho_Chi_Minh"])
    interval_s: int = Field(description="The market time unit, seconds.", examples=[1800])
    utc_offset_s: int = Field(description="Seconds east of UTC in which its days are counted.", examples=[25_200])
    gate_lead_s: int = Field(description="How long before a unit its orders are committed, seconds.", examples=[0])
    challenge_window_s: int = Field(description="How long a clearing can be challenged, seconds.", examples=[3_600])
    mechanism: MechanismName
    published_price_vnd_per_kwh: Price
    retail_price_vnd_per_kwh: Price
    price_reference: str = Field(examples=["Nghị định 58/2025/NĐ-CP"])


class MeterAnswer(Answer):
    """A meter in service for a party in a zone."""

    id: Bytes32
    party: Bytes32 = Field(validation_alias="party_id")
    zone: Bytes32 = Field(validation_alias="zone_id")
    signer: Bytes = Field(description="ERC-7913 bytes of the meter's own key.")
    capacity_w: int = Field(description="Installed PV power, W.", examples=[5_200])
    valid_from: Time
    valid_to: Time


class AnchorAnswer(Answer):
    """The root of one version of a zone's day that f+1 oracles signed."""

    zone: Bytes32
    day: Day
    period_start: Time
    period_end: Time
    version: int = Field(ge=1, examples=[1])
    root: Bytes32
    count: Count = Field(description="How many readings it holds.")
    signers: list[Bytes] = Field(description="The oracles, in rising order.")
    transaction: Transaction

    @classmethod
    def of(cls, session: Session, row: Anchor) -> AnchorAnswer:
        """An anchor and how far the chain is with it."""
        zone, intent = session.get_one(Zone, row.zone_id), session.get_one(OutboxIntent, row.intent_id)
        own = {name: getattr(row, name) for name in ("period_start", "period_end", "version", "root", "count", "signers")}
        return cls.model_validate({**own, "zone": zone.id, "day": local_day(row.period_start, zone.utc_offset_s), "transaction": intent})


class ReadingAnswer(Answer):
    """One validated reading."""

    meter: Bytes32 = Field(validation_alias="meter_id")
    start: Time
    version: int = Field(ge=1, examples=[1])
    import_wh: Wh
    export_wh: Wh
    quality: Quality
    leaf_hash: Bytes32


class ReadingLeafAnswer(Answer):
    """The fields of a reading's leaf, in the order they are hashed (docs/protocol.md)."""

    zone: Bytes32
    meter: Bytes32
    start: Time
    version: int = Field(ge=1, examples=[1])
    import_wh: Wh
    export_wh: Wh
    quality: Quality
    salt: Bytes32


class ProvenReadingAnswer(Answer):
    """A reading, the Merkle path from its leaf to the root, and the anchor that holds the root."""

    leaf: ReadingLeafAnswer
    leaf_hash: Bytes32
    proof: list[Bytes32] = Field(description="Siblings from the leaf up; pairs are sorted before they are hashed.")
    anchor: AnchorAnswer


@router.get("/zones")
def list_zones(session: SessionAsked, paging: PageAsked) -> Page[ZoneAnswer]:
    """Every zone, by id."""
    rows, following = page_of(session, select(Zone), [Zone.id], paging)
    return Page(items=[ZoneAnswer.model_validate(row) for row in rows], next=following)


@router.get("/zones/{zone}")
def one_zone(session: SessionAsked, zone: ZoneId) -> ZoneAnswer:
    """One zone."""
    return ZoneAnswer.model_validate(zone_by_id(session, zone))


@router.get("/zones/{zone}/days")
def days(session: SessionAsked, paging: PageAsked, zone: ZoneId) -> Page[DayState]:
    """Every local day something is known of, in order, and how far it has come."""
    found, following = part_of(days_of(session, zone_by_id(session, zone)), lambda day: day.start.unix_s, paging)
    return Page(items=found, next=following)


@router.get("/zones/{zone}/meters")
def meters(session: SessionAsked, sight: SightAsked, paging: PageAsked, zone: ZoneId) -> Page[MeterAnswer]:
    """The zone's meters that are theirs to see, by id."""
    wanted = sight.of_parties(select(MeterRow).where(MeterRow.zone_id == zone_by_id(session, zone).id), MeterRow.party_id)
    rows, following = page_of(session, wanted, [MeterRow.id], paging)
    return Page(items=[MeterAnswer.model_validate(row) for row in rows], next=following)


@router.get("/zones/{zone}/days/{date}/readings")
def readings_of_day(
    *, session: SessionAsked, sight: SightAsked, paging: PageAsked, zone: ZoneId, date: DayOf, version: VersionAsked = None
) -> Page[ReadingAnswer]:
    """One version of a day's readings, of the meters that are theirs to see, by meter and start."""
    row = zone_by_id(session, zone)
    start = day_start(date, row.utc_offset_s)
    chosen = latest_version(session, row, start) if version is None else version
    wanted = select(Reading).where(Reading.zone_id == row.id, Reading.version == chosen)
    wanted = wanted.where(Reading.start >= start, Reading.start < start + DAY_S)
    if sight.parties is not None:
        wanted = wanted.where(Reading.meter_id.in_(select(MeterRow.id).where(MeterRow.party_id.in_(sight.parties))))
    rows, following = page_of(session, wanted, [Reading.meter_id, Reading.start], paging)
    return Page(items=[ReadingAnswer.model_validate(one) for one in rows], next=following)


@router.get("/meters/{meter}/readings/{start}")
def reading(
    session: SessionAsked, sight: SightAsked, meter: MeterId, start: UnitStart, version: VersionAsked = None
) -> ProvenReadingAnswer:
    """A reading with its proof, in the newest anchored version unless one is named."""
    row = _seen(session, sight, meter)
    return _proven(session, reading_with_proof(session, row, reading_at(session, row, start, version).start, version))


@router.get("/meters/{meter}/readings/{start}/bundle", response_class=Response, responses=BUNDLE)
def bundle(
    *, session: SessionAsked, sight: SightAsked, gateway: ChainAsked, meter: MeterId, start: UnitStart, version: VersionAsked = None
) -> Response:
    """The evidence that proves the reading offline; it shows the meter's whole day."""
    found = reading_at(session, _seen(session, sight, meter), start, version)
    try:
        content = reading_bundle(session, gateway, found)
    except NotFoundError as missing:
        raise NotFoundError("the profile the meter signed is not here", field=missing.field, fix="accept the profile first") from None
    return attachment(content, "application/zip", f"reading-{found.meter_id.hex()[:12]}-{found.start}.zip")


@router.get("/anchors")
def list_anchors(session: SessionAsked, paging: PageAsked, zone: ZoneAsked = None) -> Page[AnchorAnswer]:
    """Every anchor, newest day first, of one zone when it is named."""
    wanted = select(Anchor) if zone is None else select(Anchor).where(Anchor.zone_id == zone_by_id(session, zone).id)
    keys = [Anchor.period_start, Anchor.zone_id, Anchor.version]
    rows, following = page_of(session, wanted, keys, paging, newest_first=True)
    return Page(items=[AnchorAnswer.of(session, row) for row in rows], next=following)


def _seen(session: Session, sight: Sight, meter: bytes) -> MeterRow:
    row = meter_by_id(session, meter)
    sight.check_party(row.party_id)
    return row


def _proven(session: Session, proven: ProvenReading) -> ProvenReadingAnswer:
    return ProvenReadingAnswer.model_validate(
        {
            "leaf": ReadingLeafAnswer.model_validate(proven.leaf),
            "leaf_hash": proven.leaf.leaf_hash(),
            "proof": proven.proof,
            "anchor": AnchorAnswer.of(session, proven.anchor),
        }
    )
