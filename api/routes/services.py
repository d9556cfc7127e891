"""Services, and the requests for them: taken in, listed for a unit's staff, followed, acted on."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import CurrentStaff, SameSite, current_staff
from api.answers import Page
from api.deps import Documents, SessionAsked, WritingAsked
from api.paging import PageAsked, page_of
from api.request_answers import ActBody, CounterBody, GivenAnswer, RequestAnswer, RequestDetail, ServiceAnswer
from ledger.access.model import Staff
from ledger.agreements.store import DocumentStore
from ledger.errors import NotFoundError
from ledger.parties.model import Unit
from ledger.parties.queries import parties_with_role
from ledger.services import commands, queries
from ledger.services.acting import Actor, facts_given, values_of
from ledger.services.catalogue import service_on, services_on
from ledger.services.documents import Papers
from ledger.services.intake import usual_channel
from ledger.services.model import Request as ServiceRequest
from ledger.services.reading import office_calendar
from ledger.services.routing import unit_by_code
from ledger.services.serving import contract_named, customer_named
from ledger.services.shown import described
from ledger.services.verbs import Told, perform

__all__ = ["RequestNumber", "papers_of", "router", "seen_by"]

router = APIRouter(prefix="/api/v1", tags=["services"])

ServiceCode = Annotated[str, Path(max_length=60, description="A service's code.", examples=["renewal"])]
RequestNumber = Annotated[int, Path(ge=1, lt=2**53, description="The request's number.", examples=[12])]
UnitAsked = Annotated[str | None, Query(max_length=60, description="Of this unit only; staff of a unit see theirs.", examples=["PA01HH"])]
OfService = Annotated[str | None, Query(max_length=60, description="Of this service only.", examples=["renewal"])]
InState = Annotated[str | None, Query(max_length=20, description="open, returned, closed, rejected, withdrawn or all.", examples=["open"])]


@router.get("/services")
def list_services() -> Page[ServiceAnswer]:
    """Every service and internal review as offered today: what it asks for, its steps, its deadline."""
    found = services_on(office_calendar().day_of(_now()))
    return Page(items=[ServiceAnswer.model_validate(described(one)) for one in found], next=None)


@router.get("/services/{service}")
def one_service(service: ServiceCode) -> ServiceAnswer:
    """One service as offered today."""
    return ServiceAnswer.model_validate(described(service_on(service, office_calendar().day_of(_now()))))


@router.post("/staff/requests", dependencies=[SameSite])
def submit_request(request: Request, session: WritingAsked, body: CounterBody) -> RequestDetail:
    """Takes a request in for a customer, and routes it to the unit that serves the place."""
    staff = current_staff(request, session)
    channel = body.channel if "channel" in body.model_fields_set else usual_channel(body.service, body.channel)
    made = commands.submit(
        session,
        service=body.service,
        given=body.given,
        actor=Actor("staff", staff.name, channel, staff.role),
        at=_now(),
        metering_point=body.metering_point,
        unit=unit_by_code(session, body.unit) if body.unit else None,
        party=customer_named(session, staff, body.party, "party") if body.party else None,
        contract=contract_named(session, staff, body.contract) if body.contract else None,
    )
    told = RequestDetail.in_full(session, made, _now())
    return (
        told if staff.sees(made.unit_id) else told.model_copy(update={"contract_code": None})
    )  # it went to the unit that serves the place


@router.get("/staff/requests")
def list_requests(
    session: SessionAsked,
    staff: CurrentStaff,
    paging: PageAsked,
    *,
    unit: UnitAsked = None,
    service: OfService = None,
    state: InState = None,
) -> Page[RequestAnswer]:
    """Requests by number; those that run unless a state is named."""
    wanted = queries.requests_where(unit=_unit(session, staff, unit), service=service, state=state)
    rows, following = page_of(session, wanted, [ServiceRequest.number], paging)
    return Page(items=[RequestAnswer.of(row, _now()) for row in rows], next=following)


@router.get("/staff/requests/overdue")
def overdue_requests(session: SessionAsked, staff: CurrentStaff, unit: UnitAsked = None) -> Page[RequestAnswer]:
    """Requests that are late, as a whole or at their step; the latest first."""
    now = _now()
    rows = queries.overdue(session, now, _unit(session, staff, unit))
    return Page(items=[RequestAnswer.of(row, now) for row in rows], next=None)


@router.get("/staff/requests/{number}")
def one_request(session: SessionAsked, staff: CurrentStaff, number: RequestNumber) -> RequestDetail:
    """One request's timeline."""
    return RequestDetail.in_full(session, seen_by(session, staff, number), _now())


@router.get("/staff/requests/{number}/given")
def what_was_given(session: SessionAsked, staff: CurrentStaff, number: RequestNumber) -> GivenAnswer:
    """What was given and written down. It holds personal data."""
    row = seen_by(session, staff, number)
    notes = [act.note or "" for act in row.acts]
    return GivenAnswer(values=values_of(row), facts=facts_given(row), metering_point=row.metering_point, notes=notes)


@router.post("/staff/requests/{number}/acts", dependencies=[SameSite])
def act_on_request(request: Request, session: WritingAsked, store: Documents, number: RequestNumber, body: ActBody) -> RequestDetail:
    """Does something with a request; refused when somebody acted since the version that was seen."""
    staff = current_staff(request, session)
    row = seen_by(session, staff, number)
    told = Told(
        given=body.given,
        reason=body.reason,
        step=body.step,
        unit=unit_by_code(session, body.unit) if body.unit else None,
        contract=contract_named(session, staff, body.contract) if body.contract else None,
        papers=papers_of(session, staff, store, body),
    )
    done = perform(session, row.id, body.verb, Actor("staff", staff.name, body.channel, staff.role), _now(), seen=body.seen, told=told)
    return RequestDetail.in_full(session, done, _now())


def papers_of(session: Session, staff: Staff, store: DocumentStore, body: ActBody) -> Papers | None:
    """What drafting needs: the installation's one utility signs for it.

    Raises:
        NotFoundError: a customer who is to sign beside is unknown, or another unit's.
    """
    utilities = parties_with_role(session, "utility")
    if len(utilities) != 1:
        return None
    others = [customer_named(session, staff, code, "beside") for code in body.beside]
    return Papers(store, utilities[0], body.facts, others, takes_effect=body.begins_s)


def _unit(session: Session, staff: Staff, code: str | None) -> Unit | None:
    """The unit whose requests are asked for: staff of a unit see theirs."""
    unit = unit_by_code(session, code) if code else staff.unit
    if unit is not None and not staff.sees(unit.id):
        raise NotFoundError(f"no requests of {unit.code} are yours to see", field="unit", fix="leave it out")
    return unit


def seen_by(session: Session, staff: Staff, number: int) -> ServiceRequest:
    """A request of the unit whose staff asks.

    Raises:
        NotFoundError: there is none, or it is another unit's.
    """
    row = session.scalars(select(ServiceRequest).where(ServiceRequest.number == number)).one_or_none()
    if row is None or (not staff.sees(row.unit_id) and row.unit_id is not None):
        raise NotFoundError("no such request", field="request", fix="take a number from the list of your unit")
    return row


def _now() -> int:
    return int(time.time())
