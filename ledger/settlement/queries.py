"""Reading settlements: runs, positions with their proofs, and what a correction changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from ledger.metering.model import Zone
from ledger.metering.rules import local_day
from ledger.parties.model import Party
from ledger.protocol.leaves import PositionLeaf, position_salt
from ledger.protocol.merkle import MerkleTree
from ledger.settlement.model import Position, SettlementRunRow
from ledger.settlement.rules import Amounts


@dataclass(frozen=True)
class ProvenPosition:
    """A position's leaf and the Merkle proof that leads from it to the run's positions root."""

    leaf: PositionLeaf
    proof: tuple[bytes, ...]
    run: SettlementRunRow


def last_run(session: Session, zone: Zone, period_start: int) -> SettlementRunRow | None:
    """The newest run over a local day; None when it was never settled."""
    wanted = select(SettlementRunRow).where(SettlementRunRow.zone_id == zone.id, SettlementRunRow.period_start == period_start)
    return session.scalars(wanted.order_by(SettlementRunRow.run.desc()).limit(1)).one_or_none()


def run_of(session: Session, zone: Zone, period_start: int, run: int | None = None) -> SettlementRunRow:
    """A run over a local day, the newest when none is named.

    Raises:
        NotFoundError: there is none.
    """
    found = last_run(session, zone, period_start) if run is None else session.get(SettlementRunRow, (zone.id, period_start, run))
    if found is None:
        day = local_day(period_start, zone.utc_offset_s)
        raise NotFoundError(f"{day} is not settled" + (f" in run {run}" if run else ""), field="date", fix="settle the day first")
    return found


def positions_of(session: Session, run: SettlementRunRow) -> Sequence[Position]:
    """Every party's position in a run, by party."""
    wanted = select(Position).where(Position.zone_id == run.zone_id, Position.period_start == run.period_start, Position.run == run.run)
    return session.scalars(wanted.order_by(Position.party_id)).all()


def position_with_proof(session: Session, run: SettlementRunRow, party: Party) -> ProvenPosition:
    """A party's position in a run, salt and all, and its proof.

    Raises:
        NotFoundError: it has none.
        RuleError: the party's key was destroyed: nobody can open this leaf any more.
    """
    everybody = positions_of(session, run)
    own = next((one for one in everybody if one.party_id == party.id), None)
    if own is None:
        raise NotFoundError(f"{party.label} has no position in run {run.run}", field="party", fix="name a party with a meter in the zone")
    leaf = PositionLeaf(
        zone=run.zone_id,
        period_start=run.period_start,
        run=run.run,
        party=party.id,
        sold_wh=own.sold_wh,
        bought_wh=own.bought_wh,
        net_mvnd=own.net_mvnd,
        salt=position_salt(party.key(), run.zone_id, run.period_start, run.run),
    )
    tree = MerkleTree(one.leaf_hash for one in everybody)
    return ProvenPosition(leaf, tree.proof(leaf.leaf_hash()), run)


def changes(session: Session, run: SettlementRunRow) -> dict[bytes, Amounts]:
    """What a run books: by party, its position less the one in the run before; parties for whom nothing changed are left out.

    For the first run that is every position. Energies may be negative here.
    """
    before = session.get(SettlementRunRow, (run.zone_id, run.period_start, run.run - 1))
    booked = {one.party_id: Amounts(one.sold_wh, one.bought_wh, one.net_mvnd) for one in positions_of(session, run)}
    for one in positions_of(session, before) if before is not None else ():
        change = booked.setdefault(one.party_id, Amounts())
        change.sold_wh -= one.sold_wh
        change.bought_wh -= one.bought_wh
        change.net_mvnd -= one.net_mvnd
    return {party: change for party, change in booked.items() if change != Amounts()}
