"""Rows by the identifiers a request gives, with errors that name a party by its pseudonym and never by its label."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger.errors import NotFoundError, RuleError
from ledger.metering import queries
from ledger.metering.model import MeterRow, Reading, Zone
from ledger.parties.model import Party
from ledger.protocol.quantities import hex0x

__all__ = ["check_open", "meter_by_id", "reading_at", "zone_by_id"]


def zone_by_id(session: Session, zone_id: bytes) -> Zone:
    """The zone.

    Raises:
        NotFoundError: there is none.
    """
    zone = session.get(Zone, zone_id)
    if zone is None:
        raise NotFoundError(f"no zone {hex0x(zone_id)}", field="zone", fix="take an id from /api/v1/zones")
    return zone


def meter_by_id(session: Session, meter_id: bytes) -> MeterRow:
    """The meter.

    Raises:
        NotFoundError: there is none.
    """
    meter = session.get(MeterRow, meter_id)
    if meter is None:
        raise NotFoundError(f"no meter {hex0x(meter_id)}", field="meter", fix="take an id from /api/v1/zones/{zone}/meters")
    return meter


def reading_at(session: Session, meter: MeterRow, start: int, version: int | None) -> Reading:
    """A reading whose leaf can be opened, in the newest anchored version when none is named.

    Raises:
        NotFoundError: there is none, or it is not anchored.
        RuleError: the key it is salted with was destroyed.
    """
    reading, _ = queries.reading_at(session, meter, start, version)
    if reading.salted:
        check_open(meter.party)
    return reading


def check_open(party: Party) -> None:
    """Whether the salted records of a party can be opened.

    Raises:
        RuleError: its key was destroyed on request.
    """
    if party.salt_key is None:
        raise RuleError("the key of this party was destroyed", field="party", fix="its salted records cannot be opened; this is final")
