"""Rows of settlement. Energy in Wh, money in milli-đồng, times in Unix seconds UTC.

Every run restates the whole period; what a correction changes is the difference to the run before (`queries.changes`).
"""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from ledger.db import Base, Bytes32, Mvnd, Uint64, UtcSeconds
from ledger.metering.model import Zone
from ledger.parties.model import Party
from ledger.protocol.typed_data import SettlementRun, hash_struct

RECORDED = tuple(field.name for field in fields(SettlementRun) if field.name != "zone")
"""What a run's row and its record call by the same name."""


class SettlementRunRow(Base):
    """One run over a zone's period: the record Settlement keeps as a hash.

    Attributes:
        run: 1, 2, … ; a later run is a correction on newer readings.
        hash: `hashStruct(SettlementRun)`.
        intent_id: the outbox intent that settles it on chain.
    """

    __tablename__ = "settlement_run"
    __table_args__ = (
        CheckConstraint("run >= 1 AND readings_version >= 1 AND positions_count >= 0", name="counts"),
        CheckConstraint("period_start < period_end", name="period"),
        CheckConstraint("buyers_pay_mvnd + utility_pays_mvnd = sellers_get_mvnd + utility_gets_mvnd", name="money_is_conserved"),
        CheckConstraint("LEAST(buyers_pay_mvnd, utility_pays_mvnd, sellers_get_mvnd, utility_gets_mvnd) >= 0", name="not_negative"),
        CheckConstraint("octet_length(positions_root) = 32 AND octet_length(hash) = 32", name="hash_lengths"),
    )

    zone_id: Mapped[Bytes32] = mapped_column(ForeignKey(Zone.id), primary_key=True)
    period_start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    run: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    period_end: Mapped[UtcSeconds]
    readings_version: Mapped[int] = mapped_column(BigInteger)
    positions_root: Mapped[Bytes32]
    positions_count: Mapped[int] = mapped_column(BigInteger)
    buyers_pay_mvnd: Mapped[Mvnd]
    sellers_get_mvnd: Mapped[Mvnd]
    utility_pays_mvnd: Mapped[Mvnd]
    utility_gets_mvnd: Mapped[Mvnd]
    hash: Mapped[Bytes32]
    intent_id: Mapped[int] = mapped_column(ForeignKey("outbox_intent.id"))

    @classmethod
    def of(cls, record: SettlementRun, intent_id: int) -> SettlementRunRow:
        """The row of a record and of the intent that settles it."""
        return cls(zone_id=record.zone, hash=hash_struct(record), intent_id=intent_id, **{name: getattr(record, name) for name in RECORDED})

    def typed(self) -> SettlementRun:
        """The record as it is hashed and settled."""
        return SettlementRun(zone=self.zone_id, **{name: getattr(self, name) for name in RECORDED})


class Position(Base):
    """What one party sold, bought and is owed in one run; the utility has none, its side is in the run's totals.

    Attributes:
        sold_wh: pool and utility; unpaid export is not a sale.
        net_mvnd: what it gets less what it pays; negative when it owes.
        leaf_hash: its leaf in the positions tree.
    """

    __tablename__ = "position"
    __table_args__ = (
        ForeignKeyConstraint(
            ["zone_id", "period_start", "run"], ["settlement_run.zone_id", "settlement_run.period_start", "settlement_run.run"], name="run"
        ),
        CheckConstraint("sold_wh >= 0 AND bought_wh >= 0", name="not_negative"),
        Index("ix_position_party", "party_id", "period_start"),
    )

    zone_id: Mapped[Bytes32] = mapped_column(primary_key=True)
    period_start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    run: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey(Party.id), primary_key=True)
    sold_wh: Mapped[Uint64]
    bought_wh: Mapped[Uint64]
    net_mvnd: Mapped[Mvnd]
    leaf_hash: Mapped[Bytes32]
