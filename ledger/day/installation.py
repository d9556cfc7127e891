"""Second step: the zone's terms go to the Exchange and every meter into the MeterRegistry, by its own signature."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ledger.chain.model import OutboxIntent
from ledger.day.people import owner_label, owner_of
from ledger.day.stage import Stage
from ledger.metering.commands import configure_zone, draft_meter, install_meter
from ledger.metering.model import MeterRow, Zone
from ledger.metering.queries import HomeData, meters_of_zone
from ledger.protocol.typed_data import digest
from oracle.vee import CONNECTION_W

__all__ = ["capacity_w", "install"]

SERVICE_S = 10 * 366 * 86_400
STEP = "Lắp công tơ · Meters installed"


def capacity_w(home: HomeData, zone: Zone) -> int:
    """The plant's power in W: as the list of homes gives it, else the most the home ever exported, within what a connection carries."""
    return min(home.peak_export_wh * 3600 // zone.interval_s, CONNECTION_W) if home.capacity_w is None else home.capacity_w


def install(stage: Stage, zone: Zone, homes: Sequence[HomeData], since: int) -> list[int]:
    """Configures the zone and installs every meter that is missing; returns the intents to wait for.

    Args:
        since: first second a new meter is in service: the start of the first day.
    """
    with stage.sessions.begin() as session:
        row = session.get_one(Zone, zone.id)
        if _to_ask(session, row.intent_id):
            configure_zone(session, stage.calls, row)
        known = {meter.label: meter for meter in meters_of_zone(session, row)}
        intents = [row.intent_id]
        for done, home in enumerate(homes):
            stage.step(STEP, done, len(homes))
            meter = known.get(home.label) or _drafted(stage, session, row, home, since)
            if _to_ask(session, meter.intent_id):
                _, sign = stage.keyring.meter(owner_label(zone, home.label))
                signature = sign(digest(stage.calls.deployment.domain("MeterRegistry"), meter.typed()))
                install_meter(session, stage.calls, meter, signature)
            intents.append(meter.intent_id)
    stage.step(STEP, len(homes), len(homes))
    return [intent for intent in intents if intent is not None]


def _drafted(stage: Stage, session: Session, zone: Zone, home: HomeData, since: int) -> MeterRow:
    signer, _ = stage.keyring.meter(owner_label(zone, home.label))
    return draft_meter(
        session,
        zone=zone,
        party=owner_of(session, zone, home.label),
        label=home.label,
        signer=signer,
        capacity_w=capacity_w(home, zone),
        valid_from=since,
        valid_to=since + SERVICE_S,
    )


def _to_ask(session: Session, intent_id: int | None) -> bool:
    """Whether the chain is still to be asked: never asked, or refused."""
    return intent_id is None or session.get_one(OutboxIntent, intent_id).state == "failed"
