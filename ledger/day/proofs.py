"""Evidence of a settled day: one agreement, one reading, one trade and one position as bundles that verify offline.

They are made once, of one final block, and kept beside a small record of what they are; a second run finds them there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.chain.gateway import Block
from ledger.day.papers import agreement_on
from ledger.day.records import Records
from ledger.evidence.build import agreement_bundle, position_bundle, provable_block, reading_bundle, trade_bundle
from ledger.invocation import near
from ledger.market.model import Fill, Leg
from ledger.metering.model import MeterRow, Reading, Zone
from ledger.metering.rules import DAY_S, local_day, shown
from ledger.protocol.quantities import hex0x
from ledger.settlement.model import Position, SettlementRunRow
from ledger.settlement.queries import run_of
from ledger.whole_files import put

__all__ = ["Proofs", "prove"]

RECORD = "proofs.json"
STEP = "Gói bằng chứng · Evidence bundles"


@dataclass(frozen=True)
class Proof:
    """One bundle: what it shows, its file and the file's SHA-256."""

    kind: str
    shows: str
    file: Path
    sha256: str


@dataclass(frozen=True)
class Proofs:
    """A day's bundles and the block whose hash a reader must trust."""

    block: Block
    bundles: tuple[Proof, ...]

    def as_json(self) -> list[dict[str, str]]:
        """The bundles as plain JSON values, their files as `near` names them."""
        return [{"kind": one.kind, "shows": one.shows, "file": near(one.file), "sha256": one.sha256} for one in self.bundles]


def prove(stage: Records, zone: Zone, day: int) -> Proofs:
    """The bundles of a settled day, made when they are not all there.

    Raises:
        RuleError: the chain does not hold what the ledger says.
    """
    folder = stage.settings.state_dir / "evidence" / zone.id.hex()[:16] / str(local_day(day, zone.utc_offset_s))
    found = _found(folder)
    if found is not None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    block = provable_block(stage.gateway)
    with stage.sessions() as session:
        made = []
        for kind, shows, bundle in _bundles(stage, session, zone, day, block):
            file = folder / f"{kind}.zip"
            put(file, bundle)
            made.append(Proof(kind, shows, file, sha256(bundle).hexdigest()))
            stage.step(STEP, len(made), 4)
    stage.step(STEP, 4, 4)
    proofs = Proofs(block, tuple(made))
    put(folder / RECORD, _record(proofs))
    return proofs


def _bundles(stage: Records, session: Session, zone: Zone, day: int, block: Block) -> Iterator[tuple[str, str, bytes]]:
    """Kind, subject and bytes of each bundle: the day's largest trade, and the reading, the position and the agreement behind it."""
    run = run_of(session, zone, day)
    fill = _largest_fill(session, zone, day, run)
    if fill is None:
        return
    meter = session.get_one(MeterRow, fill.meter_id)
    at = f"{meter.label}, {shown(fill.start, zone.utc_offset_s)}"
    agreement = agreement_on(session, meter.party, day)
    if agreement is not None:
        yield "agreement", meter.label, agreement_bundle(session, stage.gateway, stage.store, agreement, block=block)
    reading = session.get_one(Reading, (fill.meter_id, fill.start, fill.readings_version))
    yield "reading", at, reading_bundle(session, stage.gateway, reading, block=block)
    yield "trade", at, trade_bundle(session, stage.gateway, fill, block=block)
    position = session.get_one(Position, (zone.id, day, run.run, fill.party_id))
    yield "position", meter.label, position_bundle(session, stage.gateway, position, block=block)


def _largest_fill(session: Session, zone: Zone, day: int, run: SettlementRunRow) -> Fill | None:
    """The day's largest sale to a neighbour; where nobody traded, the largest line of any kind."""
    wanted = select(Fill).where(Fill.zone_id == zone.id, Fill.readings_version == run.readings_version)
    wanted = wanted.where(Fill.start >= day, Fill.start < day + DAY_S, Fill.leg != Leg.UNPAID)
    order = ((Fill.leg == Leg.POOL).desc(), Fill.side, Fill.quantity_wh.desc(), Fill.start, Fill.index)
    return session.scalars(wanted.order_by(*order).limit(1)).one_or_none()


def _record(proofs: Proofs) -> bytes:
    block = proofs.block
    bundles = [{**one, "file": Path(one["file"]).name} for one in proofs.as_json()]
    return orjson.dumps(
        {
            "block": block.number,
            "hash": hex0x(block.hash),
            "parent_hash": hex0x(block.parent_hash),
            "timestamp": block.timestamp,
            "bundles": bundles,
        },
        option=orjson.OPT_INDENT_2,
    )


def _found(folder: Path) -> Proofs | None:
    """The bundles made before; None when one is missing or altered, and all are made again."""
    try:
        record: dict[str, Any] = orjson.loads((folder / RECORD).read_bytes())
        bundles = tuple(Proof(one["kind"], one["shows"], folder / one["file"], one["sha256"]) for one in record["bundles"])
        whole = all(sha256(one.file.read_bytes()).hexdigest() == one.sha256 for one in bundles)
        block = Block(record["block"], _bytes(record["hash"]), _bytes(record["parent_hash"]), record["timestamp"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Proofs(block, bundles) if whole else None


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
