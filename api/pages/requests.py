"""Pages of requests: a unit's list with its bars and a request's timeline for staff, the customer's own with what is still to give."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.access import SameSite, current_customer, current_staff
from api.deps import Documents, Parts, PartsAsked, SessionAsked
from api.errors import kind_of
from api.fact_forms import facts_filled, in_words, sheets
from api.noted import told_note
from api.own_documents import titles
from api.pages.views import page
from api.request_answers import ActBody
from api.routes.attachments import ENDINGS
from api.routes.own_requests import actor_of, check_verb, own_request
from api.routes.services import papers_of, seen_by
from api.signing_in import sign_in_first
from api.timeline import bar_of, drawn
from ledger.access.model import Staff
from ledger.errors import AccessError, InputError, NotFoundError, SonangError
from ledger.parties.model import Unit
from ledger.services import queries
from ledger.services.acting import Actor, service_of, values_of
from ledger.services.attachments import SIZE_LIMIT, attachments_of
from ledger.services.catalogue import CHANNELS, Field
from ledger.services.documents import request_code
from ledger.services.intake import oddities
from ledger.services.model import Request as ServiceRequest
from ledger.services.reading import office_calendar
from ledger.services.returns import steps_behind
from ledger.services.routing import unit_by_code
from ledger.services.serving import contract_named
from ledger.services.shown import code_shown
from ledger.services.signatures import over_words, reasons_of
from ledger.services.twice import alike_words
from ledger.services.verbs import ACTS, VERBS, Told, customers_verbs_of, perform, verbs_of
from ledger.services.wording import PAPERS_SHOWN, STATES_SHOWN, WHY_SHOWN, moment_of, moment_words

__all__ = ["Filled", "Number", "router", "tried", "values_filled"]

router = APIRouter()


async def _filled(request: Request) -> FormData:
    return await request.form(max_files=0)


Filled = Annotated[FormData, Depends(_filled)]


def _numbered(number: Annotated[str, Path(max_length=40)]) -> int:
    """A request's number in an address; what is none leads nowhere."""
    if not re.fullmatch(r"[1-9][0-9]{0,14}", number):
        raise NotFoundError("nothing is here", fix="begin at / for pages, at /docs for programs")
    return int(number)


Number = Annotated[int, Depends(_numbered)]
LATE = "late"
"""Asked for as a state: what is late of what runs."""
StateAsked = Annotated[str | None, Query(max_length=20)]


@router.get("/staff/requests", response_class=HTMLResponse)
def unit_requests(request: Request, session: SessionAsked, state: StateAsked = None) -> Response:
    """Requests of the unit: what is late first, then by deadline."""
    try:
        staff = current_staff(request, session)
    except AccessError:
        return sign_in_first(request)
    now = int(time.time())
    found: Sequence[ServiceRequest] = session.scalars(queries.requests_where(unit=staff.unit, state=None if state == LATE else state)).all()
    late = {one.id for one in queries.overdue(session, now, staff.unit)}
    found = [one for one in found if state != LATE or one.id in late]
    rows = [_line(one, now) for one in sorted(found, key=lambda one: (one.id not in late, one.due_s, one.number))]
    return page("requests.html", staff=staff, rows=rows, late=len(late), state=state or "", states=STATES_SHOWN, home="/staff/requests")


@router.get("/staff/requests/{number}", response_class=HTMLResponse)
def staff_request(request: Request, session: SessionAsked, number: Number) -> Response:
    """One request: its timeline, what was given, and what may be done now."""
    try:
        staff = current_staff(request, session)
    except AccessError:
        return sign_in_first(request)
    return page("request.html", **_shown(session, seen_by(session, staff, number)), staff=True, problem=None, home="/staff/requests")


@router.post("/staff/requests/{number}", response_class=HTMLResponse, dependencies=[SameSite])
def staff_acts(parts: PartsAsked, store: Documents, request: Request, form: Filled, number: Number) -> Response:
    """Does what the form says, and shows the request again; a refusal is shown above the form; for more lines only the latter."""

    def work(session: Session) -> Response:
        staff = current_staff(request, session)
        row = seen_by(session, staff, number)
        if form.get("more"):
            shown = _shown(session, row, {name: str(value) for name, value in form.items()})
            return page("request.html", **shown, staff=True, problem=None, home="/staff/requests")
        told = _told(session, staff, store, form, row)
        actor = Actor("staff", staff.name, str(form.get("channel") or "internal"), staff.role)
        perform(session, row.id, str(form.get("verb", "")), actor, int(time.time()), seen=_seen(form), told=told)
        return RedirectResponse(f"/staff/requests/{number}", 303)

    return tried(parts, request, number, work, staff=True, form=form)


@router.get("/my/requests", response_class=HTMLResponse)
def my_requests(request: Request, session: SessionAsked) -> Response:
    """What the customer asked for, newest first."""
    try:
        party = current_customer(request, session)
    except AccessError:
        return sign_in_first(request)
    now = int(time.time())
    rows = [_line(one, now) for one in queries.requests_of_party(session, party)]
    return page("requests.html", staff=None, rows=rows, late=0, state="", states=STATES_SHOWN, home="/my/requests")


@router.get("/my/requests/{number}", response_class=HTMLResponse)
def my_request(request: Request, session: SessionAsked, number: Number) -> Response:
    """One of the customer's own requests."""
    try:
        party = current_customer(request, session)
    except AccessError:
        return sign_in_first(request)
    return page("request.html", **_shown(session, own_request(session, party, number)), staff=False, problem=None, home="/my/requests")


@router.post("/my/requests/{number}", response_class=HTMLResponse, dependencies=[SameSite])
def my_acts(parts: PartsAsked, request: Request, form: Filled, number: Number) -> Response:
    """Gives what is missing, or withdraws the request."""

    def work(session: Session) -> Response:
        party = current_customer(request, session)
        row = own_request(session, party, number)
        verb = str(form.get("verb", ""))
        check_verb(row, verb)
        told = Told(given=values_filled(form, _fields(row, verb)), reason=str(form.get("reason", "")))
        perform(session, row.id, verb, actor_of(party, "web"), int(time.time()), seen=_seen(form), told=told)
        return RedirectResponse(f"/my/requests/{number}", 303)

    return tried(parts, request, number, work, staff=False, form=form)


def tried(
    parts: Parts, request: Request, number: int, work: Callable[[Session], Response], *, staff: bool, form: FormData | None = None
) -> Response:
    """An act in a transaction of its own; when it is refused, the page again with the reason and what was typed."""
    try:
        with parts.writing().begin() as session:
            return work(session)
    except AccessError:
        return sign_in_first(request)
    except SonangError as refused:
        with parts.sessions()() as session:
            if staff:
                row = seen_by(session, current_staff(request, session), number)
            else:
                row = own_request(session, current_customer(request, session), number)
            home = "/staff/requests" if staff else "/my/requests"
            typed = {name: str(value) for name, value in (form or {}).items()}
            again = page("request.html", **_shown(session, row, typed), staff=staff, problem=in_words(refused), home=home)
        again.status_code = kind_of(refused).status
        return again


def _line(row: ServiceRequest, now: int) -> dict[str, Any]:
    service = service_of(row)
    step = service.step(row.step) if row.step else None
    names = (step.vi, step.en) if step else STATES_SHOWN[row.state]
    where: dict[str, Any] = {"number": row.number, "code": request_code(row), "vi": service.vi, "en": service.en, "step": names}
    where |= {"step_late": queries.step_late(row, now), "ended": row.step is None}
    return where | {"state": STATES_SHOWN[row.state], "channel": CHANNELS[row.channel], "bar": bar_of(queries.timing(row, now))}


def _shown(session: Session, row: ServiceRequest, typed: Mapping[str, str] | None = None) -> dict[str, Any]:
    now, service, calendar = int(time.time()), service_of(row), office_calendar()
    values, step = values_of(row), service.step(row.step) if row.step else None
    acts, signing = (
        [(moment_words(calendar, one.at_s), ACTS[one.verb], one, told_note(row, one)) for one in row.acts],
        queries.signing(session, row),
    )
    return {
        "line": _line(row, now),
        "row": row,
        "drawn": drawn(row, now),
        "given": [(field, values[field.name]) for field in service.fields() if field.name in values],
        "held": values | {name: "yes" if value else "no" for name, value in values.items() if isinstance(value, bool)},
        "lacking": queries.lacking(row) if step else (),
        "asks": step.records if step else (),
        "inputs": service.inputs,
        "sheets": sheets(row, now, typed or {}) if step else [],
        "may": [(verb, VERBS[verb]) for verb in verbs_of(row)],
        "back": steps_behind(row),
        "signing": signing,
        "stuck": over_words(signing),
        "odd": oddities(row),
        "twice": alike_words(row, customers=True),
        "reasons": reasons_of(signing),
        "papers_shown": PAPERS_SHOWN,
        "acts": acts,
        "code_shown": code_shown,
        "why": WHY_SHOWN[row.pauses[-1].why] if row.paused_s is not None else None,
        "own": customers_verbs_of(row),
        "channels": CHANNELS,
        "files": attachments_of(session, row),
        "kinds": {media: ending.upper() for media, ending in ENDINGS.items()},
        "largest": SIZE_LIMIT >> 20,
        "typed": typed or {},
        "titles": titles,
        "units": session.scalars(select(Unit).order_by(Unit.code)).all(),
        "reason": _reason(row),
    }


def _reason(row: ServiceRequest) -> str | None:
    """Why it was handed back, turned down or withdrawn, in the words of whoever did, while that is how it stands."""
    told = {"returned": "hand-back", "rejected": "reject", "withdrawn": "withdraw"}.get(row.state)
    return next((told_note(row, one) for one in reversed(row.acts) if one.verb == told), None)


def _told(session: Session, staff: Staff, store: Any, form: FormData, row: ServiceRequest) -> Told:
    unit, contract, begins = (str(form.get(name) or "") for name in ("unit", "contract", "begins"))
    body = ActBody(verb=str(form.get("verb", "")), seen=_seen(form), facts=facts_filled(form))
    body.begins_s = moment_of(office_calendar(), begins, "begins") if begins else None
    return Told(
        given=values_filled(form, _fields(row, str(form.get("verb", "")))),
        reason=str(form.get("reason") or ""),
        step=str(form.get("step") or ""),
        unit=unit_by_code(session, unit) if unit else None,
        contract=contract_named(session, staff, contract) if contract else None,
        papers=papers_of(session, staff, store, body),
    )


def _fields(row: ServiceRequest, verb: str) -> list[Field]:
    """The fields a verb may give."""
    service = service_of(row)
    asked = service.step(row.step).records if row.step and verb == "record" else service.inputs
    return [one.field for one in asked]


def values_filled(form: FormData, fields: list[Field]) -> dict[str, object]:
    """What a form says of fields; an empty one says nothing."""
    return {field.name: str(form[f"value.{field.name}"]) for field in fields if form.get(f"value.{field.name}")}


def _seen(form: FormData) -> int:
    given = str(form.get("seen", ""))
    if not given.isdecimal() or len(given) > 9:
        raise InputError("no version", field="seen", fix="open the request again")
    return int(given)
