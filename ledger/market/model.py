"""Rows of the market. Energy in Wh, prices in whole đồng per kWh, times in Unix seconds UTC; side 0 sells, 1 buys.

Nothing here is edited: an order is cancelled, a commitment is made once, and newer readings make a new clearing beside the old one.
"""

from __future__ import annotations

from dataclasses import fields
from enum import IntEnum, StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.db import Base, Bytes32, Uint64, UtcSeconds, Wh
from ledger.metering.model import MeterRow, Zone
from ledger.parties.model import Party
from ledger.protocol.typed_data import Clearing, Order, Step, hash_struct

RECORDED = tuple(field.name for field in fields(Clearing) if field.name != "zone")
"""What a clearing's row and its record call by the same name."""

NO_ORDER = bytes(32)
"""Stands where a fill has no order: the utility's leg and unpaid export."""


class Side(IntEnum):
    """Which way energy goes, numbered as on chain."""

    SELL = 0
    BUY = 1


class Leg(StrEnum):
    """Who stands on the other side of a fill."""

    POOL = "pool"
    """Matched with neighbours at the clearing price."""
    UTILITY = "utility"
    """Residual: sold at the published price or bought at the retail price."""
    UNPAID = "unpaid"
    """Export of a home with no agreement in force: it reached the grid, at price 0, and is nobody's sale."""


class StandingOrder(Base):
    """A signed price limit for every market time unit from `valid_from` to `valid_to`, until cancelled.

    Attributes:
        digest: the order's EIP-712 digest, its name everywhere.
        steps: `[quantity_wh, price]` pairs in the order they are taken.
        nonce: the highest one valid for a unit speaks for its meter and side.
        cancelled_s: when its cancellation was accepted; units not committed by then leave it out.
        cancel_intent_id: the outbox intent that cancels it on chain.
    """

    __tablename__ = "standing_order"
    __table_args__ = (
        UniqueConstraint("meter_id", "side", "nonce"),
        CheckConstraint("octet_length(digest) = 32", name="digest_length"),
        CheckConstraint("side IN (0, 1)", name="side"),
        CheckConstraint("valid_from >= 0 AND valid_from < valid_to", name="validity"),
        CheckConstraint("jsonb_array_length(steps) BETWEEN 1 AND 16", name="steps"),
        CheckConstraint("nonce BETWEEN 0 AND 18446744073709551615", name="nonce"),
        Index("ix_standing_order_zone_validity", "zone_id", "valid_from", "valid_to"),
    )

    digest: Mapped[Bytes32] = mapped_column(primary_key=True)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey(Party.id), index=True)
    meter_id: Mapped[Bytes32] = mapped_column(ForeignKey(MeterRow.id))
    zone_id: Mapped[Bytes32] = mapped_column(ForeignKey(Zone.id))
    side: Mapped[int] = mapped_column(SmallInteger)
    steps: Mapped[list[list[int]]] = mapped_column(JSONB)
    valid_from: Mapped[UtcSeconds]
    valid_to: Mapped[UtcSeconds]
    nonce: Mapped[Uint64]
    signer: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    placed_s: Mapped[UtcSeconds]
    cancelled_s: Mapped[UtcSeconds | None]
    cancel_intent_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_intent.id"))

    party: Mapped[Party] = relationship()
    meter: Mapped[MeterRow] = relationship()

    @classmethod
    def of(cls, order: Order, digest: bytes, signer: bytes, signature: bytes, placed_s: int) -> StandingOrder:
        """The row of a signed order."""
        return cls(
            digest=digest,
            party_id=order.party,
            meter_id=order.meter,
            zone_id=order.zone,
            side=order.side,
            steps=[[step.quantity_wh, step.price_vnd_per_kwh] for step in order.steps],
            valid_from=order.valid_from,
            valid_to=order.valid_to,
            nonce=order.nonce,
            signer=signer,
            signature=signature,
            placed_s=placed_s,
        )

    @property
    def typed_steps(self) -> tuple[Step, ...]:
        """Its steps as signed."""
        return tuple(Step(quantity_wh, price) for quantity_wh, price in self.steps)

    def typed(self) -> Order:
        """What the party signed."""
        return Order(
            party=self.party_id,
            meter=self.meter_id,
            zone=self.zone_id,
            side=self.side,
            steps=self.typed_steps,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            nonce=self.nonce,
        )


class OrdersCommitment(Base):
    """The orders of one unit as fixed at gate closure.

    Attributes:
        digests: ascending; an order's place is its index in the orders tree.
        mechanism: the zone's when the orders were committed; the unit is cleared by it whatever the zone does later.
    """

    __tablename__ = "orders_commitment"
    __table_args__ = (
        CheckConstraint("octet_length(root) = 32", name="root_length"),
        CheckConstraint("count = cardinality(digests)", name="count"),
        CheckConstraint("mechanism IN (1, 2)", name="mechanism"),
    )

    zone_id: Mapped[Bytes32] = mapped_column(ForeignKey(Zone.id), primary_key=True)
    start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[Bytes32]
    count: Mapped[int] = mapped_column(BigInteger)
    digests: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    mechanism: Mapped[int] = mapped_column(SmallInteger)
    committed_s: Mapped[UtcSeconds]
    intent_id: Mapped[int] = mapped_column(ForeignKey("outbox_intent.id"))


class ClearingRow(Base):
    """One unit cleared on one version of its readings: the record the Exchange keeps as a hash.

    Attributes:
        price_vnd_per_kwh: of the pool; 0 when nothing was traded.
        hash: `hashStruct(Clearing)`.
        intent_id: the outbox intent that posts it, with others of its day.
    """

    __tablename__ = "clearing"
    __table_args__ = (
        CheckConstraint("mechanism IN (1, 2)", name="mechanism"),
        CheckConstraint("surplus_wh = traded_wh + to_utility_wh", name="surplus_balances"),
        CheckConstraint("demand_wh = traded_wh + from_utility_wh", name="demand_balances"),
        CheckConstraint("unpaid_wh BETWEEN 0 AND to_utility_wh", name="unpaid_reached_the_grid"),
        CheckConstraint("traded_wh >= 0 AND from_utility_wh >= 0 AND fills_count >= 0", name="not_negative"),
        CheckConstraint(
            "octet_length(orders_root) = 32 AND octet_length(fills_root) = 32 AND octet_length(hash) = 32", name="hash_lengths"
        ),
    )

    zone_id: Mapped[Bytes32] = mapped_column(ForeignKey(Zone.id), primary_key=True)
    start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    readings_version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end: Mapped[UtcSeconds]
    orders_root: Mapped[Bytes32]
    mechanism: Mapped[int] = mapped_column(SmallInteger)
    price_vnd_per_kwh: Mapped[int] = mapped_column(BigInteger)
    published_price_vnd_per_kwh: Mapped[int] = mapped_column(BigInteger)
    retail_price_vnd_per_kwh: Mapped[int] = mapped_column(BigInteger)
    surplus_wh: Mapped[Wh]
    demand_wh: Mapped[Wh]
    traded_wh: Mapped[Wh]
    to_utility_wh: Mapped[Wh]
    from_utility_wh: Mapped[Wh]
    unpaid_wh: Mapped[Wh]
    fills_root: Mapped[Bytes32]
    fills_count: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[Bytes32]
    intent_id: Mapped[int] = mapped_column(ForeignKey("outbox_intent.id"))

    @classmethod
    def of(cls, record: Clearing, intent_id: int) -> ClearingRow:
        """The row of a record and of the intent that posts it."""
        return cls(zone_id=record.zone, hash=hash_struct(record), intent_id=intent_id, **{name: getattr(record, name) for name in RECORDED})

    def typed(self) -> Clearing:
        """The record as it is hashed and posted."""
        return Clearing(zone=self.zone_id, **{name: getattr(self, name) for name in RECORDED})


class Fill(Base):
    """One leaf of a clearing's fills tree; together a meter's fills are exactly what it measured.

    Attributes:
        index: its place in the tree, by (order digest, party, meter, side, price).
        order_digest: 32 zero bytes for the utility's and the unpaid leg.
        price_vnd_per_kwh: the clearing price, the published price, the retail price, or 0 for unpaid export.
        leaf_hash: kept, so that proofs of others survive the destruction of this party's key; its salt is not.
    """

    __tablename__ = "fill"
    __table_args__ = (
        ForeignKeyConstraint(
            ["zone_id", "start", "readings_version"], ["clearing.zone_id", "clearing.start", "clearing.readings_version"], name="clearing"
        ),
        CheckConstraint("side IN (0, 1)", name="side"),
        CheckConstraint("leg IN ('pool', 'utility', 'unpaid')", name="leg"),
        CheckConstraint("(leg = 'pool') = (order_digest <> decode(repeat('00', 32), 'hex'))", name="order_of_the_pool"),
        CheckConstraint("leg <> 'unpaid' OR (side = 0 AND price_vnd_per_kwh = 0)", name="unpaid"),
        CheckConstraint("quantity_wh > 0", name="quantity"),
        Index("ix_fill_party", "party_id", "start"),
    )

    zone_id: Mapped[Bytes32] = mapped_column(primary_key=True)
    start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    readings_version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey(Party.id))
    meter_id: Mapped[Bytes32] = mapped_column(ForeignKey(MeterRow.id))
    order_digest: Mapped[Bytes32]
    side: Mapped[int] = mapped_column(SmallInteger)
    leg: Mapped[str] = mapped_column(Text)
    quantity_wh: Mapped[Wh]
    price_vnd_per_kwh: Mapped[int] = mapped_column(BigInteger)
    leaf_hash: Mapped[Bytes32]
