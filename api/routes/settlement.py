"""Settlement: the runs over a day, and every party's position with its proof."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.answers import Answer, Bytes32, Count, Mvnd, Page, Time, Transaction, Wh
from api.deps import ChainAsked, SessionAsked
from api.downloads import BUNDLE, attachment
from api.found import check_open, zone_by_id
from api.paging import PageAsked, page_of
from api.params import DayOf, PartyId, RunNumber, ZoneId
from api.seeing import Sight, SightAsked
from ledger.chain.model import OutboxIntent
from ledger.errors import NotFoundError
from ledger.evidence.build import position_bundle
from ledger.metering.rules import day_start
from ledger.parties.queries import party_by_id
from ledger.settlement.model import Position, SettlementRunRow
from ledger.settlement.queries import position_with_proof, run_of

router = APIRouter(prefix="/api/v1/zones/{zone}/days/{date}/settlements", tags=["settlement"])


class RunAnswer(Answer):
    """One run over a day; a later run is a correction on newer readings and restates the whole day."""

    zone: Bytes32
    period_start: Time
    period_end: Time
    run: int = Field(ge=1, examples=[1])
    readings_version: int = Field(ge=1, examples=[1])
    positions_root: Bytes32
    positions_count: Count
    buyers_pay_mvnd: Mvnd
    sellers_get_mvnd: Mvnd
    utility_pays_mvnd: Mvnd
    utility_gets_mvnd: Mvnd
    hash: Bytes32 = Field(description="hashStruct(SettlementRun), as Settlement holds it.")
    transaction: Transaction


class PositionAnswer(Answer):
    """What one party sold, bought and is owed."""

    party: Bytes32 = Field(validation_alias="party_id")
    sold_wh: Wh
    bought_wh: Wh
    net_mvnd: Mvnd
    leaf_hash: Bytes32


class PositionLeafAnswer(Answer):
    """The fields of a position's leaf, in the order they are hashed (docs/protocol.md)."""

    zone: Bytes32
    period_start: Time
    run: int = Field(ge=1, examples=[1])
    party: Bytes32
    sold_wh: Wh
    bought_wh: Wh
    net_mvnd: Mvnd
    salt: Bytes32


class ProvenPositionAnswer(Answer):
    """A position, the Merkle path from its leaf to the positions root, and the run that holds the root."""

    leaf: PositionLeafAnswer
    leaf_hash: Bytes32
    proof: list[Bytes32] = Field(description="Siblings from the leaf up; pairs are sorted before they are hashed.")
    run: RunAnswer


@router.get("")
def runs(session: SessionAsked, paging: PageAsked, zone: ZoneId, date: DayOf) -> Page[RunAnswer]:
    """The runs over a day, first run first."""
    start = day_start(date, zone_by_id(session, zone).utc_offset_s)
    wanted = select(SettlementRunRow).where(SettlementRunRow.zone_id == zone, SettlementRunRow.period_start == start)
    rows, following = page_of(session, wanted, [SettlementRunRow.run], paging)
    return Page(items=[_run(session, row) for row in rows], next=following)


@router.get("/{run}")
def one_run(session: SessionAsked, zone: ZoneId, date: DayOf, run: RunNumber) -> RunAnswer:
    """One run."""
    return _run(session, _found(session, zone, date, run))


@router.get("/{run}/positions")
def positions(
    *, session: SessionAsked, sight: SightAsked, paging: PageAsked, zone: ZoneId, date: DayOf, run: RunNumber
) -> Page[PositionAnswer]:
    """The positions in a run that are theirs to see, by party."""
    row = _found(session, zone, date, run)
    wanted = select(Position).where(Position.zone_id == zone, Position.period_start == row.period_start, Position.run == run)
    rows, following = page_of(session, sight.of_parties(wanted, Position.party_id), [Position.party_id], paging)
    return Page(items=[PositionAnswer.model_validate(one) for one in rows], next=following)


@router.get("/{run}/positions/{party}")
def one_position(
    *, session: SessionAsked, sight: SightAsked, zone: ZoneId, date: DayOf, run: RunNumber, party: PartyId
) -> ProvenPositionAnswer:
    """A party's position with its proof."""
    row = _found(session, zone, date, run)
    _open_position(session, sight, row, party)
    proven = position_with_proof(session, row, party_by_id(session, party))
    return ProvenPositionAnswer.model_validate(
        {
            "leaf": PositionLeafAnswer.model_validate(proven.leaf),
            "leaf_hash": proven.leaf.leaf_hash(),
            "proof": proven.proof,
            "run": _run(session, row),
        }
    )


@router.get("/{run}/positions/{party}/bundle", response_class=Response, responses=BUNDLE)
def bundle(
    *, session: SessionAsked, sight: SightAsked, gateway: ChainAsked, zone: ZoneId, date: DayOf, run: RunNumber, party: PartyId
) -> Response:
    """The evidence that proves the position offline."""
    found = _open_position(session, sight, _found(session, zone, date, run), party)
    return attachment(position_bundle(session, gateway, found), "application/zip", f"position-{party.hex()[:12]}-{date}-{run}.zip")


def _found(session: Session, zone: bytes, date: DayOf, run: int) -> SettlementRunRow:
    row = zone_by_id(session, zone)
    return run_of(session, row, day_start(date, row.utc_offset_s), run)


def _open_position(session: Session, sight: Sight, run: SettlementRunRow, party: bytes) -> Position:
    owner = party_by_id(session, party)
    sight.check_party(owner.id)
    found = session.get(Position, (run.zone_id, run.period_start, run.run, party))
    if found is None:
        raise NotFoundError(f"this party has no position in run {run.run}", field="party", fix="name a party with a meter in the zone")
    check_open(owner)
    return found


def _run(session: Session, row: SettlementRunRow) -> RunAnswer:
    own = {name: getattr(row, name) for name in RunAnswer.model_fields if name not in ("zone", "transaction")}
    return RunAnswer.model_validate({**own, "zone": row.zone_id, "transaction": session.get_one(OutboxIntent, row.intent_id)})
