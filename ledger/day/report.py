"""The report of a day as plain JSON values: energy in Wh, money in milli-đồng, every record with its transaction, every sum checked.

`price_vnd_per_kwh` of a slot is 0 where nothing was traded. Several days are one report with these under `days` (`ledger.day.period`).
It is read from the ledger and the chain alone, so that the same day gives the same report however often it is asked for. Only its files are
named for the reader: from the folder it was asked for in when they lie below it, else in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow, AgreementTerm
from ledger.agreements.queries import standings
from ledger.chain.model import OutboxIntent
from ledger.day.checks import on_chain, sums
from ledger.day.data import NOTICE, READINGS
from ledger.day.papers import agreement_on
from ledger.day.proofs import Proofs
from ledger.day.records import Records
from ledger.invocation import near
from ledger.market.model import ClearingRow
from ledger.market.queries import UnitOfDay, units_of_day
from ledger.metering.model import Import, Mechanism, MeterRow, Profile, Zone
from ledger.metering.queries import anchor_of, meters_of_zone, readings_of_day
from ledger.metering.rules import DAY_S, local_day
from ledger.protocol.canonical import parse_canonical
from ledger.protocol.quantities import hex0x
from ledger.settlement.model import SettlementRunRow
from ledger.settlement.queries import positions_of, run_of
from oracle.vee import Quality

__all__ = ["Report", "day_report"]

Report = dict[str, Any]
SUMMED = ("surplus_wh", "demand_wh", "traded_wh", "to_utility_wh", "from_utility_wh", "unpaid_wh")
PAID = ("buyers_pay_mvnd", "sellers_get_mvnd", "utility_pays_mvnd", "utility_gets_mvnd")


def day_report(stage: Records, zone: Zone, day: int, proofs: Proofs) -> Report:
    """The report of a settled day.

    Raises:
        NotFoundError: it is not settled.
    """
    with stage.sessions() as session:
        row = session.get_one(Zone, zone.id)
        run = run_of(session, row, day)
        units = units_of_day(session, row, day, run.readings_version)
        meters = {meter.party_id: meter for meter in meters_of_zone(session, row)}
        report: Report = {
            **_heading(row, day, units[0].clearing),
            "slots": [_slot(session, row, unit) for unit in units],
            "totals": _totals(session, row, day, run, units),
            "positions": _positions(session, run, meters),
            "unread": _unread(session, row, day, run),
            "agreements": _agreements(stage, session, day, meters),
            "anchors": [_anchor(session, row, day, run)],
            "settlement": _settlement(session, run),
            "evidence": proofs.as_json(),
            "sources": _sources(session, row),
            "chain": _chain(stage, proofs),
        }
        anchor, clearings = anchor_of(session, row, day, run.readings_version).typed(), [unit.clearing for unit in units]
        report["checks"] = [*sums(report), *on_chain(stage.gateway, anchor, clearings, run)]
        return report


def _heading(zone: Zone, day: int, clearing: ClearingRow) -> Report:
    """What the day stood under; its prices are those it was cleared with, whatever the zone's are now."""
    prices = (clearing.published_price_vnd_per_kwh, clearing.retail_price_vnd_per_kwh)
    unchanged = prices == (zone.published_price_vnd_per_kwh, zone.retail_price_vnd_per_kwh)
    return {
        "zone": zone.name,
        "date": local_day(day, zone.utc_offset_s).isoformat(),
        "time_zone": zone.time_zone,
        "interval_minutes": zone.interval_s // 60,
        "zone_id": hex0x(zone.id),
        "mechanism": Mechanism(clearing.mechanism).name.lower(),
        "published_price_vnd_per_kwh": clearing.published_price_vnd_per_kwh,
        "retail_price_vnd_per_kwh": clearing.retail_price_vnd_per_kwh,
        "price_reference": zone.price_reference if unchanged else "",
    }


def _slot(session: Session, zone: Zone, unit: UnitOfDay) -> Report:
    row: ClearingRow = unit.clearing
    return {
        "start": moment(row.start, zone.utc_offset_s),
        "price_vnd_per_kwh": row.price_vnd_per_kwh,
        "orders": unit.orders,
        **{name: getattr(row, name) for name in SUMMED},
        "fills": row.fills_count,
        "orders_root": hex0x(row.orders_root),
        "fills_root": hex0x(row.fills_root),
        "clearing_hash": hex0x(row.hash),
        "transaction": _transaction(session, row.intent_id)["transaction"],
    }


def _totals(session: Session, zone: Zone, day: int, run: SettlementRunRow, units: Sequence[UnitOfDay]) -> Report:
    readings = readings_of_day(session, zone, day, run.readings_version)
    return {
        "export_wh": sum(reading.export_wh for reading in readings),
        "import_wh": sum(reading.import_wh for reading in readings),
        **{name: sum(getattr(unit.clearing, name) for unit in units) for name in SUMMED},
        **{name: getattr(run, name) for name in PAID},
    }


def _positions(session: Session, run: SettlementRunRow, meters: Mapping[bytes, MeterRow]) -> list[Report]:
    rows = [
        {
            "party": hex0x(one.party_id),
            "home": meters[one.party_id].label,
            "sold_wh": one.sold_wh,
            "bought_wh": one.bought_wh,
            "net_mvnd": one.net_mvnd,
        }
        for one in positions_of(session, run)
    ]
    return sorted(rows, key=lambda row: str(row["home"]))


def _unread(session: Session, zone: Zone, day: int, run: SettlementRunRow) -> list[Report]:
    """Meters with intervals nobody read: a silent one sent no profile, a refused one's profile no oracle accepted, the others had gaps."""
    gaps = Counter(one.meter_id for one in readings_of_day(session, zone, day, run.readings_version) if one.quality == Quality.MISSING)
    rows = [
        {"home": session.get_one(MeterRow, meter).label, "intervals": count, "why": _why(session, zone, meter, day, count)}
        for meter, count in gaps.items()
    ]
    return sorted(rows, key=lambda row: str(row["home"]))


def _why(session: Session, zone: Zone, meter: bytes, day: int, gaps: int) -> str:
    signed = select(Profile.version).where(Profile.meter_id == meter, Profile.period_start == day).limit(1)
    if session.scalar(signed) is None:
        return "silent"
    return "refused" if gaps == DAY_S // zone.interval_s else "gaps"


def _agreements(stage: Records, session: Session, day: int, meters: Mapping[bytes, MeterRow]) -> list[Report]:
    held = [(meter, found) for meter in meters.values() if (found := agreement_on(session, meter.party, day)) is not None]
    known = standings(session, [agreement.id for _, agreement in held])
    dated = _dates(session, [agreement.id for _, agreement in held])
    rows = [
        {
            "id": hex0x(agreement.id),
            "home": meter.label,
            "file": near(stage.store.path(agreement.id)),
            "sealed_sha256": (agreement.sealed_digest or b"").hex(),
            "lookup_code": agreement.lookup_code,
            "status": known[agreement.id].status,
            "dated": dated[agreement.id],
            "valid_from": moment(agreement.valid_from),
            "valid_to": moment(agreement.valid_to),
            **_transaction(session, _recording(agreement)),
        }
        for meter, agreement in held
    ]
    return sorted(rows, key=lambda row: str(row["home"]))


def _dates(session: Session, agreements: Sequence[bytes]) -> dict[bytes, str]:
    """The date each document bears, `YYYY-MM-DD`."""
    terms = select(AgreementTerm.agreement_id, AgreementTerm.value)
    rows = session.execute(terms.where(AgreementTerm.path == "document.date", AgreementTerm.agreement_id.in_(agreements)))
    return {agreement: str(parse_canonical(value.encode())) for agreement, value in rows}


def _recording(agreement: AgreementRow) -> int:
    return next(act.intent_id for act in agreement.acts if act.act == "record")


def _anchor(session: Session, zone: Zone, day: int, run: SettlementRunRow) -> Report:
    anchor = anchor_of(session, zone, day, run.readings_version)
    return {
        "zone": hex0x(zone.id),
        "period_start": moment(anchor.period_start, zone.utc_offset_s),
        "period_end": moment(anchor.period_end, zone.utc_offset_s),
        "version": anchor.version,
        "root": hex0x(anchor.root),
        "count": anchor.count,
        "oracles": [hex0x(signer) for signer in anchor.signers],
        **_transaction(session, anchor.intent_id),
    }


def _settlement(session: Session, run: SettlementRunRow) -> Report:
    return {
        "run": run.run,
        "readings_version": run.readings_version,
        "positions_root": hex0x(run.positions_root),
        "positions": run.positions_count,
        "hash": hex0x(run.hash),
        **_transaction(session, run.intent_id),
    }


def _sources(session: Session, zone: Zone) -> list[Report]:
    """The files the readings came from, and the notice a file of ours asks for."""
    imports = session.scalars(select(Import).where(Import.zone_id == zone.id).order_by(Import.first_start, Import.id))
    own = sha256(READINGS.read_bytes()).digest()
    return [
        {"file": one.file_name, "sha256": one.sha256.hex(), "rows": one.rows, "notice": NOTICE if one.sha256 == own else ""}
        for one in imports
    ]


def _chain(stage: Records, proofs: Proofs) -> Report:
    deployment = stage.gateway.deployment
    return {
        "client": stage.gateway.ask("web3_clientVersion"),
        "chain_id": stage.gateway.chain_id,
        "blocks": proofs.block.number,
        "trust_block": {
            "number": proofs.block.number,
            "hash": hex0x(proofs.block.hash),
            "time": moment(proofs.block.timestamp),
        },
        "contracts": {name: hex0x(each.address) for name, each in deployment.contracts.items()},
    }


def _transaction(session: Session, intent_id: int) -> Report:
    intent = session.scalars(select(OutboxIntent).where(OutboxIntent.id == intent_id)).one()
    return {
        "transaction": None if intent.tx_hash is None else hex0x(intent.tx_hash),
        "block": intent.block_number,
        "gas_used": intent.gas_used,
        "transaction_state": intent.state,
    }


def moment(seconds: int, utc_offset_s: int = 0) -> str:
    """A moment as ISO 8601 text with its offset."""
    zone = UTC if utc_offset_s == 0 else timezone(timedelta(seconds=utc_offset_s))
    return datetime.fromtimestamp(seconds, zone).isoformat()
