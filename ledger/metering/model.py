"""Rows of metering. Energy in Wh, times in Unix seconds UTC, power in W, prices in whole đồng per kWh.

Names (of zones, meters, homes) live only in this database; the chain knows each by its random 32 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import get_args

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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.db import Base, Bytes32, UtcSeconds, Wh
from ledger.law.entries import Region
from ledger.parties.model import Party
from ledger.protocol.typed_data import LoadProfile, Meter, Readings

UNRECORDED_WH = 2**64 - 1
"""What a meter signs for an interval it did not record; NULL in the arrays here."""


class Mechanism(IntEnum):
    """How a zone's surplus finds its buyer, numbered as on chain."""

    SINGLE_BUYER = 1
    UNIFORM_PRICE = 2


class Zone(Base):
    """Metering points that are cleared together, and the rules of their market.

    Attributes:
        id: the random pseudonym on chain.
        name: what people here call it; never leaves this database.
        time_zone: name the data's times were read in, for display, such as `Asia/Ho_Chi_Minh` or `UTC-8`.
        interval_s: the market time unit.
        region: the part of the country whose price frame limits what its sale agreements may pay.
        utc_offset_s: fixed seconds east of UTC in which the zone's days are counted, summer time left out.
        gate_lead_s: how long before a unit begins its orders are committed.
        challenge_window_s: how long after it is posted a clearing can be challenged.
        published_price_vnd_per_kwh: what the utility pays for residual surplus.
        retail_price_vnd_per_kwh: what the utility takes for residual demand.
        price_reference: the legal sources of the two prices, or that a person set them.
        intent_id: the outbox intent that configures it on chain; None before.
    """

    __tablename__ = "zone"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("octet_length(id) = 32", name="id_length"),
        CheckConstraint(f"region IN {get_args(Region)}", name="region"),
        CheckConstraint("interval_s BETWEEN 60 AND 86400 AND 86400 % interval_s = 0", name="interval_divides_day"),
        CheckConstraint("utc_offset_s BETWEEN -50400 AND 50400", name="utc_offset"),
        CheckConstraint("gate_lead_s BETWEEN 0 AND 4294967295 AND challenge_window_s BETWEEN 0 AND 4294967295", name="windows"),
        CheckConstraint("mechanism IN (1, 2)", name="mechanism"),
        CheckConstraint("published_price_vnd_per_kwh BETWEEN 0 AND 4294967295", name="published_price"),
        CheckConstraint("retail_price_vnd_per_kwh BETWEEN published_price_vnd_per_kwh AND 4294967295", name="retail_price"),
    )

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    region: Mapped[Region] = mapped_column(Text)
    interval_s: Mapped[int]
    utc_offset_s: Mapped[int]
    gate_lead_s: Mapped[int] = mapped_column(BigInteger)
    challenge_window_s: Mapped[int] = mapped_column(BigInteger)
    mechanism: Mapped[int] = mapped_column(SmallInteger)
    published_price_vnd_per_kwh: Mapped[int] = mapped_column(BigInteger)
    retail_price_vnd_per_kwh: Mapped[int] = mapped_column(BigInteger)
    price_reference: Mapped[str] = mapped_column(Text)
    intent_id: Mapped[int | None] = mapped_column(BigInteger)


class MeterRow(Base):
    """A meter in service for one party in one zone, as the MeterRegistry will hold it.

    Attributes:
        label: the home's name in imported files; never leaves this database.
        signer: ERC-7913 bytes of the meter's own key.
        intent_id: the outbox intent that installs it on chain; None before.
    """

    __tablename__ = "meter"
    __table_args__ = (
        UniqueConstraint("zone_id", "label"),
        CheckConstraint("octet_length(id) = 32", name="id_length"),
        CheckConstraint("octet_length(signer) >= 20", name="signer_length"),
        CheckConstraint("capacity_w >= 0", name="capacity"),
        CheckConstraint("valid_from >= 0 AND valid_from < valid_to", name="validity"),
    )

    id: Mapped[Bytes32] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    party_id: Mapped[Bytes32] = mapped_column(ForeignKey(Party.id), index=True)
    zone_id: Mapped[Bytes32] = mapped_column(ForeignKey(Zone.id))
    signer: Mapped[bytes] = mapped_column(LargeBinary)
    capacity_w: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[UtcSeconds]
    valid_to: Mapped[UtcSeconds]
    intent_id: Mapped[int | None] = mapped_column(BigInteger)

    zone: Mapped[Zone] = relationship()
    party: Mapped[Party] = relationship()

    def typed(self) -> Meter:
        """What the meter signs to be installed."""
        return Meter(
            meter=self.id,
            party=self.party_id,
            zone=self.zone_id,
            signer=self.signer,
            capacity_w=self.capacity_w,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class Import(Base):
    """One file that was imported, whole.

    Attributes:
        sha256: of the file as stored, so that the same file is known when it comes again.
        settings: how it was read (columns, unit, time zone, interval).
        first_start, last_end: bounds of its intervals.
    """

    __tablename__ = "import"
    __table_args__ = (UniqueConstraint("zone_id", "sha256"), CheckConstraint("octet_length(sha256) = 32", name="sha256_length"))

    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[Bytes32] = mapped_column(ForeignKey(Zone.id))
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[Bytes32]
    settings: Mapped[dict[str, str]] = mapped_column(JSONB)
    rows: Mapped[int] = mapped_column(BigInteger)
    homes: Mapped[int]
    first_start: Mapped[UtcSeconds]
    last_end: Mapped[UtcSeconds]
    imported_s: Mapped[UtcSeconds] = mapped_column(server_default=text("extract(epoch FROM now())::bigint"))


class ImportedHome(Base):
    """A home named in imported files, with its PV power when a list of homes gave it; `capacity_w` is 0 for a home without PV.

    The id is a random number, so that an import can number its homes while it copies.
    """

    __tablename__ = "imported_home"
    __table_args__ = (UniqueConstraint("zone_id", "label"), CheckConstraint("capacity_w >= 0", name="capacity"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    zone_id: Mapped[Bytes32] = mapped_column(ForeignKey(Zone.id))
    label: Mapped[str] = mapped_column(Text)
    capacity_w: Mapped[int | None] = mapped_column(BigInteger)


class ImportedInterval(Base):
    """One interval of one home from a file, not yet signed by anybody; only COPY writes it.

    There is no foreign key: the import writes homes and intervals in one transaction, and a check per row halves its speed.
    """

    __tablename__ = "imported_interval"
    __table_args__ = (CheckConstraint("import_wh >= 0 AND export_wh >= 0", name="not_negative"),)

    home_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    import_wh: Mapped[Wh]
    export_wh: Mapped[Wh]
    import_id: Mapped[int]


class Profile(Base):
    """A load profile signed by its meter and accepted: one meter, one local day; versions are never edited.

    The salt of its leaves is not kept: it follows from the party's key, so that destroying that key erases.
    """

    __tablename__ = "profile"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint(
            "cardinality(import_wh) = 86400 / interval_s AND cardinality(export_wh) = cardinality(import_wh)", name="whole_day"
        ),
    )

    meter_id: Mapped[Bytes32] = mapped_column(ForeignKey(MeterRow.id), primary_key=True)
    period_start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    interval_s: Mapped[int]
    import_wh: Mapped[list[int | None]] = mapped_column(ARRAY(BigInteger))
    export_wh: Mapped[list[int | None]] = mapped_column(ARRAY(BigInteger))
    signature: Mapped[bytes] = mapped_column(LargeBinary)

    @classmethod
    def of(cls, profile: LoadProfile, signature: bytes) -> Profile:
        """The row of a signed profile."""
        return cls(
            meter_id=profile.meter,
            period_start=profile.period_start,
            version=profile.version,
            interval_s=profile.interval_s,
            import_wh=[None if wh == UNRECORDED_WH else wh for wh in profile.import_wh],
            export_wh=[None if wh == UNRECORDED_WH else wh for wh in profile.export_wh],
            signature=signature,
        )

    def typed(self) -> LoadProfile:
        """What the meter signed."""
        return LoadProfile(
            meter=self.meter_id,
            period_start=self.period_start,
            interval_s=self.interval_s,
            version=self.version,
            import_wh=signed_energies(self.import_wh),
            export_wh=signed_energies(self.export_wh),
        )


def signed_energies(stored: Iterable[int | None]) -> tuple[int, ...]:
    """Stored energies as a meter signs them: NULL stands for 2^64-1, not recorded."""
    return tuple(UNRECORDED_WH if wh is None else wh for wh in stored)


class Reading(Base):
    """One validated reading: exactly one per meter, unit and version. A correction is the next version of the whole period.

    Attributes:
        salted: False when the meter was silent: the oracles know no salt then and use zero.
        leaf_hash: its leaf in the day's tree; kept so that the proofs of others outlive the destruction of one party's key.
    """

    __tablename__ = "reading"
    __table_args__ = (
        Index("ix_reading_period", "zone_id", "start", "version"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("import_wh >= 0 AND export_wh >= 0", name="not_negative"),
        CheckConstraint("quality BETWEEN 0 AND 4", name="quality"),
        CheckConstraint("octet_length(leaf_hash) = 32", name="leaf_hash_length"),
    )

    meter_id: Mapped[Bytes32] = mapped_column(ForeignKey(MeterRow.id), primary_key=True)
    start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    zone_id: Mapped[Bytes32]
    import_wh: Mapped[Wh]
    export_wh: Mapped[Wh]
    quality: Mapped[int] = mapped_column(SmallInteger)
    salted: Mapped[bool]
    leaf_hash: Mapped[Bytes32]


class Anchor(Base):
    """A root of one version of a zone's day that f+1 oracles signed, and the outbox intent that anchors it."""

    __tablename__ = "anchor"
    __table_args__ = (
        ForeignKeyConstraint(["zone_id"], ["zone.id"]),
        CheckConstraint("version >= 1 AND count >= 0", name="version_and_count"),
        CheckConstraint("octet_length(root) = 32", name="root_length"),
        CheckConstraint("period_start < period_end", name="period"),
        CheckConstraint("cardinality(signers) = cardinality(signatures)", name="one_signature_a_signer"),
    )

    zone_id: Mapped[Bytes32] = mapped_column(primary_key=True)
    period_start: Mapped[UtcSeconds] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    period_end: Mapped[UtcSeconds]
    root: Mapped[Bytes32]
    count: Mapped[int] = mapped_column(BigInteger)
    signers: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    signatures: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    intent_id: Mapped[int] = mapped_column(BigInteger)

    def typed(self) -> Readings:
        """What the oracles signed."""
        return Readings(
            zone=self.zone_id,
            period_start=self.period_start,
            period_end=self.period_end,
            version=self.version,
            root=self.root,
            count=self.count,
        )
