"""The market: units of a day, trades and committed orders, each with the proof that leads to what the chain holds."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BeforeValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.answers import Answer, Bytes, Bytes32, Count, Page, Price, Time, Transaction, Wh
from api.deps import ChainAsked, SessionAsked
from api.downloads import BUNDLE, attachment
from api.found import check_open, zone_by_id
from api.paging import PageAsked, page_of, part_of
from api.params import DayOf, OrderDigest, PartyAsked, Place, UnitStart, VersionAsked, ZoneId
from api.routes.metering import MechanismName
from api.seeing import Sight, SightAsked
from ledger.chain.model import OutboxIntent
from ledger.evidence.build import trade_bundle
from ledger.market.model import ClearingRow, Fill, OrdersCommitment, StandingOrder
from ledger.market.queries import fill_at, fill_with_proof, latest_cleared_version, order_with_proof, unit, units_of_day
from ledger.market.rules import EVERYTHING_WH
from ledger.metering.rules import DAY_S, day_start
from ledger.parties.model import Party

router = APIRouter(prefix="/api/v1/zones/{zone}", tags=["market"])


def _side(code: object) -> object:
    return ("sell", "buy")[code] if isinstance(code, int) else code


def _nonce(value: object) -> object:
    return str(value) if isinstance(value, int) else value


SideName = Annotated[Literal["sell", "buy"], BeforeValidator(_side), Field(examples=["sell"])]


class UnitAnswer(Answer):
    """One market time unit cleared on one version of its readings: the record the Exchange keeps as a hash."""

    zone: Bytes32 = Field(validation_alias="zone_id")
    start: Time
    end: Time
    readings_version: int = Field(ge=1, examples=[1])
    mechanism: MechanismName
    price_vnd_per_kwh: Price
    published_price_vnd_per_kwh: Price
    retail_price_vnd_per_kwh: Price
    surplus_wh: Wh
    demand_wh: Wh
    traded_wh: Wh
    to_utility_wh: Wh
    from_utility_wh: Wh
    unpaid_wh: Wh
    orders_root: Bytes32
    fills_root: Bytes32
    fills_count: Count
    hash: Bytes32 = Field(description="hashStruct(Clearing), as the Exchange holds it.")


class UnitLine(Answer):
    """A line of a day's table."""

    unit: UnitAnswer = Field(validation_alias="clearing")
    orders: Count = Field(description="Orders committed for it.")


class UnitDetail(Answer):
    """A unit with the transactions that committed its orders and posted its clearing."""

    unit: UnitAnswer
    orders: Count
    committed: Transaction
    posted: Transaction


class TradeAnswer(Answer):
    """One line of a clearing; together a meter's lines are exactly what it measured."""

    start: Time
    index: int = Field(description="Its place in the fills tree.", ge=0, examples=[3])
    party: Bytes32 = Field(validation_alias="party_id")
    meter: Bytes32 = Field(validation_alias="meter_id")
    side: SideName
    leg: Literal["pool", "utility", "unpaid"] = Field(examples=["pool"])
    order: Bytes32 = Field(validation_alias="order_digest", description="The order's digest; zeros for a leg without an order.")
    quantity_wh: Wh
    price_vnd_per_kwh: Price
    leaf_hash: Bytes32


class TradeLeafAnswer(Answer):
    """The fields of a trade's leaf, in the order they are hashed (docs/protocol.md)."""

    zone: Bytes32
    start: Time
    index: int = Field(ge=0, examples=[3])
    party: Bytes32
    meter: Bytes32
    order_digest: Bytes32
    side: SideName
    quantity_wh: Wh
    price_vnd_per_kwh: Price
    salt: Bytes32


class ProvenTradeAnswer(Answer):
    """A trade, the Merkle path from its leaf to the fills root, and the clearing that holds the root."""

    leaf: TradeLeafAnswer
    leaf_hash: Bytes32
    proof: list[Bytes32] = Field(description="Siblings from the leaf up; pairs are sorted before they are hashed.")
    unit: UnitAnswer
    posted: Transaction


class StepAnswer(Answer):
    """A step of an order."""

    quantity_wh: int | None = Field(description="Watt-hours; null for all the rest.", ge=1, examples=[300])
    price_vnd_per_kwh: Price


class OrderAnswer(Answer):
    """A signed standing order."""

    digest: Bytes32
    party: Bytes32 = Field(validation_alias="party_id")
    meter: Bytes32 = Field(validation_alias="meter_id")
    side: SideName
    steps: list[StepAnswer]
    valid_from: Time
    valid_to: Time
    nonce: Annotated[str, BeforeValidator(_nonce), Field(pattern=r"^\d+$", examples=["1"])]
    signer: Bytes
    signature: Bytes


class ProvenOrderAnswer(Answer):
    """An order as committed for a unit, and the Merkle path from its leaf to the committed root."""

    order: OrderAnswer
    index: int = Field(description="Its place in the orders tree.", ge=0, examples=[2])
    leaf_hash: Bytes32
    proof: list[Bytes32]
    orders_root: Bytes32
    committed: Transaction


@router.get("/days/{date}/units")
def day_table(session: SessionAsked, paging: PageAsked, zone: ZoneId, date: DayOf, version: VersionAsked = None) -> Page[UnitLine]:
    """The units of a day in their order; no items when it is not cleared."""
    row = zone_by_id(session, zone)
    start = day_start(date, row.utc_offset_s)
    cleared = version or latest_cleared_version(session, row, start)
    units = units_of_day(session, row, start, version) if cleared else []
    shown, following = part_of(units, lambda line: line.clearing.start, paging)
    return Page(items=[UnitLine.model_validate(line) for line in shown], next=following)


@router.get("/units/{start}")
def one_unit(session: SessionAsked, zone: ZoneId, start: UnitStart, version: VersionAsked = None) -> UnitDetail:
    """One unit, on the newest readings unless a version is named."""
    cleared = unit(session, zone_by_id(session, zone), start, version)
    commitment = session.get_one(OrdersCommitment, (zone, start))
    return UnitDetail(
        unit=UnitAnswer.model_validate(cleared),
        orders=commitment.count,
        committed=_transaction(session, commitment.intent_id),
        posted=_transaction(session, cleared.intent_id),
    )


@router.get("/units/{start}/trades")
def trades_of_unit(
    *, session: SessionAsked, sight: SightAsked, paging: PageAsked, zone: ZoneId, start: UnitStart, version: VersionAsked = None
) -> Page[TradeAnswer]:
    """The trades of a unit that are theirs to see, in the order of the fills tree."""
    cleared = unit(session, zone_by_id(session, zone), start, version)
    wanted = select(Fill).where(Fill.zone_id == zone, Fill.start == start, Fill.readings_version == cleared.readings_version)
    rows, following = page_of(session, sight.of_parties(wanted, Fill.party_id), [Fill.index], paging)
    return Page(items=[TradeAnswer.model_validate(row) for row in rows], next=following)


@router.get("/days/{date}/trades")
def trades_of_day(
    *,
    session: SessionAsked,
    sight: SightAsked,
    paging: PageAsked,
    zone: ZoneId,
    date: DayOf,
    party: PartyAsked = None,
    version: VersionAsked = None,
) -> Page[TradeAnswer]:
    """The trades of a day that are theirs to see, by unit and place, of one party when it is named."""
    row = zone_by_id(session, zone)
    start = day_start(date, row.utc_offset_s)
    chosen = version or latest_cleared_version(session, row, start)
    wanted = select(Fill).where(Fill.zone_id == zone, Fill.readings_version == chosen, Fill.start >= start, Fill.start < start + DAY_S)
    if party is not None:
        wanted = wanted.where(Fill.party_id == party)
    rows, following = page_of(session, sight.of_parties(wanted, Fill.party_id), [Fill.start, Fill.index], paging)
    return Page(items=[TradeAnswer.model_validate(one) for one in rows], next=following)


@router.get("/units/{start}/trades/{index}")
def one_trade(
    *, session: SessionAsked, sight: SightAsked, zone: ZoneId, start: UnitStart, index: Place, version: VersionAsked = None
) -> ProvenTradeAnswer:
    """A trade with its proof."""
    proven = fill_with_proof(session, _open_fill(sight, zone, start, index, version))
    return ProvenTradeAnswer.model_validate(
        {
            "leaf": TradeLeafAnswer.model_validate(proven.leaf),
            "leaf_hash": proven.leaf.leaf_hash(),
            "proof": proven.proof,
            "unit": UnitAnswer.model_validate(proven.clearing),
            "posted": _transaction(session, proven.clearing.intent_id),
        }
    )


@router.get("/units/{start}/trades/{index}/bundle", response_class=Response, responses=BUNDLE)
def bundle(
    *,
    session: SessionAsked,
    sight: SightAsked,
    gateway: ChainAsked,
    zone: ZoneId,
    start: UnitStart,
    index: Place,
    version: VersionAsked = None,
) -> Response:
    """The evidence that proves the trade offline, with its order when it has one."""
    fill = _open_fill(sight, zone, start, index, version)
    return attachment(trade_bundle(session, gateway, fill), "application/zip", f"trade-{zone.hex()[:12]}-{start}-{index}.zip")


@router.get("/units/{start}/orders/{order}")
def one_order(session: SessionAsked, sight: SightAsked, zone: ZoneId, start: UnitStart, order: OrderDigest) -> ProvenOrderAnswer:
    """An order as committed for a unit, with its proof."""
    proven = order_with_proof(session, zone_by_id(session, zone), start, order)
    sight.check_party(proven.order.party_id)
    return ProvenOrderAnswer.model_validate(
        {
            "order": _order(proven.order),
            "index": proven.leaf.index,
            "leaf_hash": proven.leaf.leaf_hash(),
            "proof": proven.proof,
            "orders_root": proven.commitment.root,
            "committed": _transaction(session, proven.commitment.intent_id),
        }
    )


def _open_fill(sight: Sight, zone: bytes, start: int, index: int, version: int | None) -> Fill:
    cleared: ClearingRow = unit(sight.session, zone_by_id(sight.session, zone), start, version)
    fill = fill_at(sight.session, cleared, index)
    sight.check_party(fill.party_id)
    check_open(sight.session.get_one(Party, fill.party_id))
    return fill


def _transaction(session: Session, intent_id: int) -> Transaction:
    return Transaction.model_validate(session.get_one(OutboxIntent, intent_id))


def _order(row: StandingOrder) -> OrderAnswer:
    own = ("digest", "party_id", "meter_id", "side", "valid_from", "valid_to", "nonce", "signer", "signature")
    steps = [{"quantity_wh": None if wh == EVERYTHING_WH else wh, "price_vnd_per_kwh": price} for wh, price in row.steps]
    return OrderAnswer.model_validate({name: getattr(row, name) for name in own} | {"steps": steps})
