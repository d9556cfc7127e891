"""A customer's own requests: asked for, followed, completed, withdrawn."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import CurrentCustomer, SameSite, current_customer
from api.answers import Page
from api.deps import SessionAsked, WritingAsked
from api.paging import PageAsked, page_of
from api.request_answers import ActBody, GivenAnswer, RequestAnswer, RequestBody, RequestDetail
from api.routes.services import RequestNumber
from ledger.agreements.model import AgreementRow
from ledger.errors import InputError, NotFoundError
from ledger.parties.model import Party, Unit
from ledger.services import commands
from ledger.services.acting import Actor, service_of, values_of
from ledger.services.intake import contract_with_code
from ledger.services.model import Request as ServiceRequest
from ledger.services.routing import unit_by_code
from ledger.services.verbs import Told, customers_may, perform

__all__ = ["actor_of", "check_verb", "own_contract", "own_request", "router", "unit_named"]

router = APIRouter(prefix="/api/v1/my", tags=["services"])

CHANNELS = ("web", "app", "api", "portal")


@router.post("/requests", dependencies=[SameSite])
def ask_for_service(request: Request, session: WritingAsked, body: RequestBody) -> RequestDetail:
    """Asks for a service; what is missing is named and may be given later."""
    party = current_customer(request, session)
    made = commands.submit(
        session,
        service=body.service,
        given=body.given,
        actor=actor_of(party, body.channel),
        at=int(time.time()),
        metering_point=body.metering_point,
        unit=unit_named(session, body.unit) if body.unit else None,
        party=party,
        contract=own_contract(session, party, body.contract) if body.contract else None,
    )
    return RequestDetail.in_full(session, made, int(time.time()), customers=True)


@router.get("/requests")
def my_requests(session: SessionAsked, party: CurrentCustomer, paging: PageAsked) -> Page[RequestAnswer]:
    """What the customer asked for, by number."""
    wanted = select(ServiceRequest).where(ServiceRequest.party_id == party.id)
    rows, following = page_of(session, wanted, [ServiceRequest.number], paging)
    return Page(items=[RequestAnswer.of(row, int(time.time())) for row in rows], next=following)


@router.get("/requests/{number}")
def my_request(session: SessionAsked, party: CurrentCustomer, number: RequestNumber) -> RequestDetail:
    """One request's timeline."""
    return RequestDetail.in_full(session, own_request(session, party, number), int(time.time()), customers=True)


@router.get("/requests/{number}/given")
def my_values(session: SessionAsked, party: CurrentCustomer, number: RequestNumber) -> GivenAnswer:
    """What the customer gave and the staff wrote down."""
    row = own_request(session, party, number)
    notes = [act.note or "" for act in row.acts]
    return GivenAnswer(values=values_of(row), facts={}, metering_point=row.metering_point, notes=notes)


@router.post("/requests/{number}/acts", dependencies=[SameSite])
def act_on_mine(request: Request, session: WritingAsked, number: RequestNumber, body: ActBody) -> RequestDetail:
    """Gives what is missing, or withdraws the request."""
    party = current_customer(request, session)
    row = own_request(session, party, number)
    check_verb(row, body.verb)
    told = Told(given=body.given, reason=body.reason)
    done = perform(session, row.id, body.verb, actor_of(party, body.channel), int(time.time()), seen=body.seen, told=told)
    return RequestDetail.in_full(session, done, int(time.time()), customers=True)


def own_request(session: Session, party: Party, number: int) -> ServiceRequest:
    """A request the customer made.

    Raises:
        NotFoundError: there is none of that number, or it is somebody else's.
    """
    row = session.scalars(select(ServiceRequest).where(ServiceRequest.number == number, ServiceRequest.party_id == party.id)).one_or_none()
    if row is None:
        raise NotFoundError("no such request", field="request", fix="take one from the list of your requests")
    return row


def unit_named(session: Session, code: str) -> Unit:
    """The unit a customer names.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return unit_by_code(session, code)
    except NotFoundError as unknown:
        fix = "choose one in the form at /my/ask, or ask the utility which unit serves the place"
        raise NotFoundError(unknown.problem, field="unit", fix=fix) from None


def check_verb(row: ServiceRequest, verb: str) -> None:
    """Passes for what a customer may do with their request now.

    Raises:
        InputError: it is the staff's to do; says what the customer may.
    """
    step = service_of(row).step(row.step) if row.step else None
    may = customers_may(step.does, row.state, step.by) if step else ("withdraw",)
    if verb not in may:
        raise InputError("not a customer's act", field="verb", fix=f"one of: {', '.join(may)}")


def own_contract(session: Session, party: Party, code: str) -> AgreementRow:
    """A contract the customer signed, by its look-up code.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    row = contract_with_code(session, code)
    if all(one.party_id != party.id for one in row.signatories):
        fix = "read it again from the foot of any page of the contract"
        raise NotFoundError("no agreement of yours has that code", field="contract", fix=fix)
    return row


def actor_of(party: Party, channel: str) -> Actor:
    """The customer as who acts, by a channel customers have.

    Raises:
        InputError: another channel.
    """
    if channel not in CHANNELS:
        raise InputError(f"no channel of customers {channel[:40]!r}", field="channel", fix=f"give one of {', '.join(CHANNELS)}")
    return Actor("customer", party.id.hex(), channel)
