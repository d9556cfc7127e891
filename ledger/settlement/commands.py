"""What settlement does: share a cleared day out among its parties and ask the chain to keep the totals. Nothing here commits."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ledger.chain.outbox import Encoder, enqueue
from ledger.errors import ConflictError, RuleError
from ledger.market.queries import fills_of_day, latest_cleared_version, units_of_day
from ledger.metering.model import MeterRow, Zone
from ledger.metering.queries import readings_of_day
from ledger.metering.rules import DAY_S
from ledger.parties.model import Party
from ledger.protocol.leaves import PositionLeaf, position_salt
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import check_uint, hex0x, new_id
from ledger.protocol.typed_data import SettlementRun
from ledger.settlement.model import Position, SettlementRunRow
from ledger.settlement.queries import last_run
from ledger.settlement.rules import Amounts, Totals, check_conservation, positions, totals


def settle_period(
    session: Session, calls: Encoder, zone: Zone, period_start: int, run: int = 1, *, readings_version: int | None = None
) -> SettlementRunRow:
    """Settles a zone's local day: every party's position, their tree and the totals, proven equal to the clearings before they are kept.

    A correction is the next run on newer readings; it restates the whole day and `queries.changes` says what it changes.

    Args:
        run: 1, then one more each time; a run that exists is returned as it is.
        readings_version: the version of the clearings; the newest cleared when None.

    Raises:
        NotFoundError: the day is not cleared on that version.
        RuleError: the run does not follow the last one, goes back to older readings, or does not conserve energy and money.
        ConflictError: the run exists on other readings.
    """
    version = readings_version or latest_cleared_version(session, zone, period_start)
    known = session.get(SettlementRunRow, (zone.id, period_start, check_uint(run, 32, "run")))
    if known is not None:
        return _same(known, readings_version)
    _check_next(session, zone, period_start, run, version)
    whole = totals(unit.clearing.typed() for unit in units_of_day(session, zone, period_start, version))
    salts = _parties(session, zone, period_start, version)
    shares = positions(salts, fills_of_day(session, zone, period_start, version))
    check_conservation(whole, shares)
    leaves = [_leaf(zone, period_start, run, party=party, amounts=shares[party], key=key) for party, key in sorted(salts.items())]
    hashes = [leaf.leaf_hash() for leaf in leaves]
    record = _record(zone, period_start, run, version=version, hashes=hashes, whole=whole)
    key = f"settle/{hex0x(zone.id)}/{period_start}/{run}"
    intent = enqueue(session, calls, key=key, contract="Settlement", function="settle", args=[record])
    settled = SettlementRunRow.of(record, intent.id)
    session.add(settled)
    session.flush()
    if leaves:
        session.execute(insert(Position), [_columns(leaf, leaf_hash) for leaf, leaf_hash in zip(leaves, hashes, strict=True)])
    return settled


def _same(known: SettlementRunRow, readings_version: int | None) -> SettlementRunRow:
    if readings_version not in (None, known.readings_version):
        raise ConflictError(
            f"run {known.run} stands on readings version {known.readings_version}", field="run", fix="a correction is the next run"
        )
    return known


def _check_next(session: Session, zone: Zone, period_start: int, run: int, version: int) -> None:
    last = last_run(session, zone, period_start)
    expected = 1 if last is None else last.run + 1
    if run != expected:
        raise RuleError(f"run {run} where {expected} is next", field="run", fix=f"settle run {expected}")
    if last is not None and version < last.readings_version:
        raise RuleError(
            f"readings version {version} after {last.readings_version}", field="readings_version", fix="settle the newest version"
        )


def _parties(session: Session, zone: Zone, period_start: int, version: int) -> dict[bytes, bytes]:
    """Every party with a meter read that day, and the key its salt derives from; chance for a destroyed one."""
    read = {reading.meter_id for reading in readings_of_day(session, zone, period_start, version)}
    owners = select(Party.id, Party.salt_key).join(MeterRow, MeterRow.party_id == Party.id).where(MeterRow.id.in_(read))
    return {party: key or new_id() for party, key in session.execute(owners.distinct())}


def _leaf(zone: Zone, period_start: int, run: int, *, party: bytes, amounts: Amounts, key: bytes) -> PositionLeaf:
    return PositionLeaf(
        zone=zone.id,
        period_start=period_start,
        run=run,
        party=party,
        sold_wh=amounts.sold_wh,
        bought_wh=amounts.bought_wh,
        net_mvnd=amounts.net_mvnd,
        salt=position_salt(key, zone.id, period_start, run),
    )


def _record(zone: Zone, period_start: int, run: int, *, version: int, hashes: list[bytes], whole: Totals) -> SettlementRun:
    return SettlementRun(
        zone=zone.id,
        period_start=period_start,
        period_end=period_start + DAY_S,
        run=run,
        readings_version=version,
        positions_root=merkle_root(hashes),
        positions_count=len(hashes),
        buyers_pay_mvnd=whole.buyers_pay_mvnd,
        sellers_get_mvnd=whole.sellers_get_mvnd,
        utility_pays_mvnd=whole.utility_pays_mvnd,
        utility_gets_mvnd=whole.utility_gets_mvnd,
    )


def _columns(leaf: PositionLeaf, leaf_hash: bytes) -> dict[str, object]:
    return {
        "zone_id": leaf.zone,
        "period_start": leaf.period_start,
        "run": leaf.run,
        "party_id": leaf.party,
        "sold_wh": leaf.sold_wh,
        "bought_wh": leaf.bought_wh,
        "net_mvnd": leaf.net_mvnd,
        "leaf_hash": leaf_hash,
    }
