"""The front page, and the page of a day."""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - a path's own parameter is called date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from api.days import DayState, days_of
from api.deps import ChainAsked, PartsAsked
from api.found import zone_by_id
from api.pages.customers import customer_or_none
from api.pages.staff import staff_or_none
from api.pages.views import page
from api.params import DayOf, ZoneId
from api.seeing import current_sight
from api.standing import Standing, standing_of
from ledger.day.page import render_shown
from ledger.day.proofs import prove
from ledger.day.records import Reader
from ledger.day.report import day_report
from ledger.day.trading import next_gate
from ledger.errors import AccessError
from ledger.metering.model import Zone
from ledger.metering.queries import zones
from ledger.metering.rules import day_start
from ledger.protocol.quantities import hex0x
from ledger.settlement.queries import run_of

router = APIRouter()

SUN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="12" cy="12" r="8" fill="#e0a100"/></svg>'


@router.get("/", response_class=HTMLResponse)
def front(parts: PartsAsked, request: Request) -> Response:
    """Where each begins, who is signed in greeted by name; zones and their days; the state of this server."""
    standing = standing_of(parts)  # before the session: a request never holds two connections, or a full pool waits for itself
    with parts.sessions()() as session:
        listed = [_listed(session, zone, standing) for zone in zones(session)]
        known = {"customer": customer_or_none(request, session), "staff": staff_or_none(request, session)}
        return page("front.html", zones=listed, standing=standing, **known)


def _listed(session: Session, zone: Zone, standing: Standing) -> tuple[Zone, str, list[DayState], str | None]:
    """A zone, its id, its days, and the first one not run yet whose gates are still ahead: of any, while the chain is away."""
    days, now = days_of(session, zone), 0 if standing.head is None else standing.head.timestamp
    waiting = ((each.day, day_start(Date.fromisoformat(each.day), zone.utc_offset_s)) for each in days if not each.readings_version)
    gates = ((shown, next_gate(session, zone, [start])) for shown, start in waiting)
    return zone, hex0x(zone.id), days, next((shown for shown, gate in gates if gate is None or now <= gate), None)


@router.get("/zones/{zone}/days/{date}", response_class=HTMLResponse)
def day(parts: PartsAsked, request: Request, gateway: ChainAsked, zone: ZoneId, date: DayOf) -> Response:
    """The report of a settled day, as it stands now, its checks against the chain made anew; each home for who sees every home only."""
    with parts.sessions()() as session:
        homes = _sees_homes(request, session)
        row = zone_by_id(session, zone)
        start = day_start(date, row.utc_offset_s)
        run_of(session, row, start)
    reader = Reader(parts.settings, parts.sessions(), gateway)
    return page("day.html", shown=render_shown(day_report(reader, row, start, prove(reader, row, start)), homes=homes))


def _sees_homes(request: Request, session: Session) -> bool:
    try:
        return current_sight(request, session).parties is None
    except AccessError:
        return False


@router.get("/favicon.ico")
def favicon() -> Response:
    """The sign browsers ask for."""
    return Response(SUN, media_type="image/svg+xml")
