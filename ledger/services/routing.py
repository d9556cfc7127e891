"""Which unit serves a metering point: the table of places first, since a code's prefix no longer proves who serves it; then the prefix."""

from __future__ import annotations

import shlex

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import InputError, NotFoundError
from ledger.messages.model import Channel
from ledger.parties.model import Unit
from ledger.services.model import ServedPlace, UnitDesk
from ledger.services.rules import UNIT_CODE_LENGTH, metering_point, prefixes_of

__all__ = ["desk", "serve", "unit_by_code", "unit_of"]

READ_BY: tuple[Channel, ...] = ("email", "sms", "zalo")


def unit_of(session: Session, point: str, at: int) -> Unit | None:
    """The unit that serves a metering point at a moment; None when neither the table nor the prefix says.

    Args:
        point: as `rules.metering_point` writes it.
    """
    places = prefixes_of(point)
    rows = session.scalars(
        select(ServedPlace).where(ServedPlace.place.in_(places), ServedPlace.since_s <= at).order_by(ServedPlace.since_s)
    )
    newest = {row.place: row.unit for row in rows}
    for place in places:
        if place in newest:
            return newest[place]
    return session.scalars(select(Unit).where(Unit.code == places[-1])).one_or_none()


def unit_by_code(session: Session, code: str) -> Unit:
    """The unit with a code.

    Raises:
        NotFoundError: there is none.
    """
    unit = session.scalars(select(Unit).where(Unit.code == code.strip().upper())).one_or_none()
    if unit is None:
        asked = shlex.quote(code[:40].strip().upper())
        fix = f"run `sonang service unit add {asked} --name …`, or take a code from `sonang service unit list`"
        raise NotFoundError(f"no unit {code[:40]!r}", field="unit", fix=fix)
    return unit


def serve(session: Session, place: str, unit: Unit, since_s: int) -> ServedPlace:
    """Says that a unit serves a metering point, a customer, or every code that begins so, from a moment on.

    Raises:
        InputError: the place is none of these.
    """
    text = place.strip().upper()
    if len(text) != UNIT_CODE_LENGTH or not text.isalnum():
        text = metering_point(text)
        text = text[:-3] if len(place.strip()) == 13 else text
    row = session.get(ServedPlace, (text, since_s)) or ServedPlace(place=text, since_s=since_s)
    row.unit = unit
    session.add(row)
    session.flush()
    return row


def desk(session: Session, unit: Unit, *, channel: str, address: str) -> UnitDesk:
    """Says where a unit reads its reminders.

    Raises:
        InputError: no such channel, or no address.
    """
    known = next((one for one in READ_BY if one == channel), None)
    if known is None or not address.strip():
        raise InputError("no channel, or no address", field="desk", fix="give email, sms or zalo, and the address")
    row = session.get(UnitDesk, unit.id) or UnitDesk(unit_id=unit.id)
    row.channel, row.address = known, address.strip()
    session.add(row)
    session.flush()
    return row
