"""A day cleared: what oracles anchored meets what owners committed, unit by unit, and the records go to the Exchange. Nothing commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.queries import Span, spans_in_force
from ledger.chain.outbox import Encoder, enqueue
from ledger.errors import RuleError
from ledger.market.model import ClearingRow, Fill, OrdersCommitment, StandingOrder
from ledger.market.unit import Committed, Metered, Outcome, Prices, clear_unit
from ledger.metering.bulk import copy_rows
from ledger.metering.model import MeterRow, Reading, Zone
from ledger.metering.queries import anchor_of, readings_of_day
from ledger.metering.rules import DAY_S, shown, unit_starts
from ledger.parties.model import Party
from ledger.protocol.leaves import FillLeaf, fill_salt
from ledger.protocol.merkle import merkle_root
from ledger.protocol.quantities import hex0x, new_id
from ledger.protocol.typed_data import Clearing

BATCH = 48
"""Clearings posted in one transaction: about three million gas."""

FILL_COLUMNS = (
    "zone_id",
    "start",
    "readings_version",
    "index",
    "party_id",
    "meter_id",
    "order_digest",
    "side",
    "leg",
    "quantity_wh",
    "price_vnd_per_kwh",
    "leaf_hash",
)


def clear_day(session: Session, calls: Encoder, zone: Zone, period_start: int, readings_version: int) -> list[ClearingRow]:
    """Clears every unit of a zone's local day on one anchored version of its readings, and asks the Exchange to keep the records.

    A correction is the same call with the next version; what is cleared already is returned as it is.

    Raises:
        NotFoundError: the readings of that version are not anchored.
        RuleError: a unit's orders were never committed.
    """
    anchor = anchor_of(session, zone, period_start, readings_version)
    known = _cleared(session, zone, period_start, readings_version)
    if known:
        return known
    day = _Day.read(session, zone, period_start, readings_version)
    units = [_Unit.clear(day, start) for start in unit_starts(period_start, zone.interval_s)]
    rows = []
    for place in range(0, len(units), BATCH):
        batch = units[place : place + BATCH]
        key = f"post-clearings/{hex0x(zone.id)}/{period_start}/{readings_version}/{place // BATCH}"
        arguments = (anchor.typed(), [unit.record for unit in batch])
        intent = enqueue(session, calls, key=key, contract="Exchange", function="postClearings", args=arguments)
        rows += [ClearingRow.of(unit.record, intent.id) for unit in batch]
    session.add_all(rows)
    session.flush()
    copy_rows(session, Fill.__tablename__, FILL_COLUMNS, (unit.fills for unit in units))
    return rows


def _cleared(session: Session, zone: Zone, period_start: int, readings_version: int) -> list[ClearingRow]:
    wanted = select(ClearingRow).where(ClearingRow.zone_id == zone.id, ClearingRow.readings_version == readings_version)
    wanted = wanted.where(ClearingRow.start >= period_start, ClearingRow.start < period_start + DAY_S)
    return list(session.scalars(wanted.order_by(ClearingRow.start)))


@dataclass(frozen=True)
class _Day:
    """Everything a day's clearing reads, fetched at once.

    Attributes:
        parties: by meter.
        salts: by party, the key its salts derive from; a destroyed one is replaced by chance, so that nobody can ever open its leaves.
    """

    zone: Zone
    readings_version: int
    commitments: Mapping[int, OrdersCommitment]
    orders: Mapping[bytes, Committed]
    readings: Mapping[int, Sequence[Reading]]
    parties: Mapping[bytes, bytes]
    salts: Mapping[bytes, bytes]
    spans: Mapping[bytes, Sequence[Span]]

    @classmethod
    def read(cls, session: Session, zone: Zone, period_start: int, version: int) -> _Day:
        """Fetches the day.

        Raises:
            NotFoundError: there are no readings.
            RuleError: a unit's orders were never committed.
        """
        readings = defaultdict(list)
        for reading in readings_of_day(session, zone, period_start, version):
            readings[reading.start].append(reading)
        commitments = _commitments(session, zone, period_start)
        digests = {digest for commitment in commitments.values() for digest in commitment.digests}
        owners = select(MeterRow.id, Party.id, Party.salt_key).join(Party, Party.id == MeterRow.party_id).where(MeterRow.zone_id == zone.id)
        rows = session.execute(owners).all()
        parties = {meter: party for meter, party, _ in rows}
        return cls(
            zone=zone,
            readings_version=version,
            commitments=commitments,
            orders={order.digest: order for order in _orders(session, digests)},
            readings=readings,
            parties=parties,
            salts={party: key or new_id() for _, party, key in rows},
            spans=spans_in_force(session, set(parties.values())),
        )

    def metered(self, start: int) -> list[Metered]:
        """What was read in a unit, and who may sell: who has an agreement in force when it begins."""
        sellers = {party for party, spans in self.spans.items() if any(span.start <= start < span.end for span in spans)}
        return [
            Metered(one.meter_id, self.parties[one.meter_id], one.import_wh, one.export_wh, self.parties[one.meter_id] in sellers)
            for one in self.readings.get(start, ())
        ]


def _commitments(session: Session, zone: Zone, period_start: int) -> dict[int, OrdersCommitment]:
    wanted = select(OrdersCommitment).where(OrdersCommitment.zone_id == zone.id)
    wanted = wanted.where(OrdersCommitment.start >= period_start, OrdersCommitment.start < period_start + DAY_S)
    found = {one.start: one for one in session.scalars(wanted)}
    missing = [start for start in unit_starts(period_start, zone.interval_s) if start not in found]
    if missing:
        raise RuleError(
            f"the orders of {len(missing)} units were never committed, first {shown(missing[0], zone.utc_offset_s)}",
            field="start",
            fix="commit orders before the gate closes; a unit that passed without cannot be cleared",
        )
    return found


def _orders(session: Session, digests: Iterable[bytes]) -> Iterator[Committed]:
    for order in session.scalars(select(StandingOrder).where(StandingOrder.digest.in_(digests))):
        yield Committed(order.digest, order.meter_id, order.side, order.typed_steps)


@dataclass(frozen=True)
class _Unit:
    """One unit cleared: its record, and its fills in the order of their tree as lines for COPY."""

    record: Clearing
    fills: str

    @classmethod
    def clear(cls, day: _Day, start: int) -> _Unit:
        """Clears a unit by the mechanism its orders were committed under."""
        zone, commitment = day.zone, day.commitments[start]
        prices = Prices(zone.published_price_vnd_per_kwh, zone.retail_price_vnd_per_kwh)
        orders = [day.orders[digest] for digest in commitment.digests]
        outcome = clear_unit(commitment.mechanism, day.metered(start), orders, prices)
        hashed = [(leaf, leaf.leaf_hash()) for leaf in _leaves(day, start, outcome)]
        record = Clearing(
            zone=zone.id,
            start=start,
            end=start + zone.interval_s,
            orders_root=commitment.root,
            readings_version=day.readings_version,
            mechanism=commitment.mechanism,
            price_vnd_per_kwh=outcome.price_vnd_per_kwh,
            published_price_vnd_per_kwh=prices.published,
            retail_price_vnd_per_kwh=prices.retail,
            surplus_wh=outcome.surplus_wh,
            demand_wh=outcome.demand_wh,
            traded_wh=outcome.traded_wh,
            to_utility_wh=outcome.to_utility_wh,
            from_utility_wh=outcome.from_utility_wh,
            unpaid_wh=outcome.unpaid_wh,
            fills_root=merkle_root([leaf_hash for _, leaf_hash in hashed]),
            fills_count=len(hashed),
        )
        return cls(record, "".join(_line(record, *one, fill.leg) for one, fill in zip(hashed, outcome.fills, strict=True)))


def _leaves(day: _Day, start: int, outcome: Outcome) -> Iterator[FillLeaf]:
    for index, fill in enumerate(outcome.fills):
        yield FillLeaf(
            zone=day.zone.id,
            start=start,
            index=index,
            party=fill.party,
            meter=fill.meter,
            order_digest=fill.order_digest,
            side=fill.side,
            quantity_wh=fill.quantity_wh,
            price_vnd_per_kwh=fill.price_vnd_per_kwh,
            salt=fill_salt(day.salts[fill.party], fill.meter, start, fill.order_digest, fill.side),
        )


def _line(record: Clearing, leaf: FillLeaf, leaf_hash: bytes, leg: str) -> str:
    return (
        f"\\\\x{leaf.zone.hex()}\t{leaf.start}\t{record.readings_version}\t{leaf.index}\t\\\\x{leaf.party.hex()}\t\\\\x{leaf.meter.hex()}\t"
        f"\\\\x{leaf.order_digest.hex()}\t{leaf.side}\t{leg}\t{leaf.quantity_wh}\t{leaf.price_vnd_per_kwh}\t\\\\x{leaf_hash.hex()}\n"
    )
