"""Reading the market: orders and fills of a party, the units of a day, and proofs that lead from a line to a record on chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.errors import NotFoundError
from ledger.market.model import ClearingRow, Fill, OrdersCommitment, StandingOrder
from ledger.metering.model import MeterRow, Zone
from ledger.metering.rules import DAY_S, local_day, shown
from ledger.parties.model import Party
from ledger.protocol.leaves import FillLeaf, OrderLeaf, fill_salt
from ledger.protocol.merkle import MerkleTree
from ledger.protocol.quantities import hex0x


@dataclass(frozen=True)
class UnitOfDay:
    """One line of a day's table: the clearing, and how many orders were committed for it."""

    clearing: ClearingRow
    orders: int


@dataclass(frozen=True)
class ProvenFill:
    """A fill's leaf and the Merkle proof that leads from it to the clearing's fills root."""

    leaf: FillLeaf
    proof: tuple[bytes, ...]
    clearing: ClearingRow


@dataclass(frozen=True)
class ProvenOrder:
    """An order's leaf and the Merkle proof that leads from it to the root committed for a unit."""

    leaf: OrderLeaf
    proof: tuple[bytes, ...]
    order: StandingOrder
    commitment: OrdersCommitment


def next_nonce(session: Session, meter: MeterRow, side: int) -> int:
    """The nonce with which a new order replaces all before it for a meter and side."""
    highest = select(func.max(StandingOrder.nonce)).where(StandingOrder.meter_id == meter.id, StandingOrder.side == side)
    last = session.scalar(highest)
    return 1 if last is None else last + 1


def latest_cleared_version(session: Session, zone: Zone, period_start: int) -> int:
    """The newest readings version a local day was cleared on; 0 when it was not."""
    newest = select(func.max(ClearingRow.readings_version)).where(ClearingRow.zone_id == zone.id, ClearingRow.start == period_start)
    return session.scalar(newest) or 0


def units_of_day(session: Session, zone: Zone, period_start: int, readings_version: int | None = None) -> list[UnitOfDay]:
    """The units of a local day in their order, on the newest version cleared when none is named.

    Raises:
        NotFoundError: the day is not cleared on it.
    """
    version = latest_cleared_version(session, zone, period_start) if readings_version is None else readings_version
    found = session.execute(
        select(ClearingRow, OrdersCommitment.count)
        .join(OrdersCommitment, (OrdersCommitment.zone_id == ClearingRow.zone_id) & (OrdersCommitment.start == ClearingRow.start))
        .where(ClearingRow.zone_id == zone.id, ClearingRow.readings_version == version)
        .where(ClearingRow.start >= period_start, ClearingRow.start < period_start + DAY_S)
        .order_by(ClearingRow.start)
    )
    units = [UnitOfDay(*row) for row in found]
    if not units:
        day = local_day(period_start, zone.utc_offset_s)
        raise NotFoundError(
            f"{day} is not cleared" + (f" on readings version {version}" if version else ""), field="date", fix="clear it first"
        )
    return units


def unit(session: Session, zone: Zone, start: int, readings_version: int | None = None) -> ClearingRow:
    """One unit's clearing, on the newest version when none is named.

    Raises:
        NotFoundError: it is not cleared.
    """
    wanted = select(ClearingRow).where(ClearingRow.zone_id == zone.id, ClearingRow.start == start)
    if readings_version is not None:
        wanted = wanted.where(ClearingRow.readings_version == readings_version)
    found = session.scalars(wanted.order_by(ClearingRow.readings_version.desc()).limit(1)).one_or_none()
    if found is None:
        raise NotFoundError(f"no clearing of {shown(start, zone.utc_offset_s)}", field="start", fix="give the start of a cleared unit")
    return found


def fills_of_unit(session: Session, clearing: ClearingRow) -> Sequence[Fill]:
    """Every fill of a clearing, in the order of the tree."""
    wanted = select(Fill).where(Fill.zone_id == clearing.zone_id, Fill.start == clearing.start)
    return session.scalars(wanted.where(Fill.readings_version == clearing.readings_version).order_by(Fill.index)).all()


def fills_of_day(session: Session, zone: Zone, period_start: int, readings_version: int, party: Party | None = None) -> Sequence[Fill]:
    """Every fill of a local day on one version, of one party when it is named, by unit and place."""
    wanted = select(Fill).where(Fill.zone_id == zone.id, Fill.readings_version == readings_version)
    wanted = wanted.where(Fill.start >= period_start, Fill.start < period_start + DAY_S)
    if party is not None:
        wanted = wanted.where(Fill.party_id == party.id)
    return session.scalars(wanted.order_by(Fill.start, Fill.index)).all()


def fill_at(session: Session, clearing: ClearingRow, index: int) -> Fill:
    """One fill of a clearing by its place in the tree.

    Raises:
        NotFoundError: the clearing has fewer.
    """
    found = session.get(Fill, (clearing.zone_id, clearing.start, clearing.readings_version, index))
    if found is None:
        raise NotFoundError(f"no fill {index}", field="index", fix=f"give a number below {clearing.fills_count}")
    return found


def fill_with_proof(session: Session, fill: Fill) -> ProvenFill:
    """A fill's leaf, salt and all, and its proof.

    Raises:
        RuleError: the key of its party was destroyed: nobody can open this leaf any more.
    """
    clearing = session.get_one(ClearingRow, (fill.zone_id, fill.start, fill.readings_version))
    owner = session.get_one(Party, fill.party_id)
    leaf = FillLeaf(
        zone=fill.zone_id,
        start=fill.start,
        index=fill.index,
        party=fill.party_id,
        meter=fill.meter_id,
        order_digest=fill.order_digest,
        side=fill.side,
        quantity_wh=fill.quantity_wh,
        price_vnd_per_kwh=fill.price_vnd_per_kwh,
        salt=fill_salt(owner.key(), fill.meter_id, fill.start, fill.order_digest, fill.side),
    )
    tree = MerkleTree(one.leaf_hash for one in fills_of_unit(session, clearing))
    return ProvenFill(leaf, tree.proof(leaf.leaf_hash()), clearing)


def order_with_proof(session: Session, zone: Zone, start: int, digest: bytes) -> ProvenOrder:
    """An order as committed for a unit, and its proof.

    Raises:
        NotFoundError: the unit has no commitment, or the order is not in it.
    """
    commitment = session.get(OrdersCommitment, (zone.id, start))
    if commitment is None or digest not in commitment.digests:
        problem = f"order {hex0x(digest)} is not committed for {shown(start, zone.utc_offset_s)}"
        raise NotFoundError(problem, field="order", fix="give a committed order of that unit")
    wanted = select(StandingOrder).where(StandingOrder.digest.in_(commitment.digests)).order_by(StandingOrder.digest)
    orders = session.scalars(wanted).all()
    leaves = [OrderLeaf(zone.id, index, order.party_id, order.digest) for index, order in enumerate(orders)]
    place = commitment.digests.index(digest)
    proof = MerkleTree(leaf.leaf_hash() for leaf in leaves).proof(leaves[place].leaf_hash())
    return ProvenOrder(leaves[place], proof, orders[place], commitment)
