"""The page on which a customer asks for a service: a choice of services, then the form of one."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import SameSite, current_customer
from api.deps import PartsAsked, SessionAsked
from api.errors import kind_of
from api.pages.requests import Filled, values_filled
from api.pages.views import page
from api.routes.own_requests import actor_of, own_contract, unit_named
from api.signing_in import sign_in_first
from ledger.errors import AccessError, SonangError
from ledger.parties.contacts import contacts_of
from ledger.parties.model import Party, Unit
from ledger.services.annexes import terms_of
from ledger.services.catalogue import Asked, Service, service_on, services_on
from ledger.services.commands import submit
from ledger.services.following import contract_at
from ledger.services.reading import office_calendar
from ledger.services.rules import metering_point

router = APIRouter()

TERMS = {"identity_number": "customer.identity", "phone": "customer.phone", "email": "customer.email", "supply_address": "supply.address"}
"""Fields a customer need not type again, each with the term of their contract that says it."""
ServiceAsked = Annotated[str | None, Query(max_length=60)]


@router.get("/my/ask", response_class=HTMLResponse)
def choose(request: Request, session: SessionAsked, service: ServiceAsked = None) -> Response:
    """The services there are, or the form of the one that was chosen."""
    try:
        party = current_customer(request, session)
    except AccessError:
        return sign_in_first(request)
    today = office_calendar().day_of(int(time.time()))
    chosen = service_on(service, today, "electronic") if service else None
    return _form(session, chosen, _known(session, party, chosen))


@router.post("/my/ask", response_class=HTMLResponse, dependencies=[SameSite])
def asked(parts: PartsAsked, request: Request, form: Filled, service: Annotated[str, Query(max_length=60)]) -> Response:
    """Takes the request in; a refusal is shown above what was filled in."""
    entry = service_on(service, office_calendar().day_of(int(time.time())), "electronic")
    given = {name: str(value) for name, value in form.items()}
    try:
        with parts.writing().begin() as session:
            party = current_customer(request, session)
            made = submit(
                session,
                service=service,
                given=values_filled(form, [one.field for one in entry.inputs]),
                actor=actor_of(party, "web"),
                at=int(time.time()),
                metering_point=given.get("metering_point") or None,
                unit=unit_named(session, given["unit"]) if given.get("unit") else None,
                party=party,
                contract=own_contract(session, party, given["contract"]) if given.get("contract") else None,
            )
            return RedirectResponse(f"/my/requests/{made.number}", 303)
    except AccessError:
        return sign_in_first(request)
    except SonangError as refused:
        with parts.sessions()() as session:
            again = _form(session, entry, given, refused)
        again.status_code = kind_of(refused).status
        return again


def _form(session: Session, chosen: Service | None, given: dict[str, Any], problem: SonangError | None = None) -> Response:
    today = office_calendar().day_of(int(time.time()))
    units = session.scalars(select(Unit).order_by(Unit.name)).all()
    conditions = {one.field.name: _condition(chosen, one) for one in chosen.inputs} if chosen else {}
    shown = {"chosen": chosen, "conditions": conditions, "given": given, "problem": problem, "units": units}
    return page("ask.html", services=services_on(today, "electronic"), **shown)


def _condition(service: Service, one: Asked) -> str:
    """When a field is needed, where it is not always: of a choice, in the words of its answers."""
    if one.when is None:
        return ""
    other = next(field for field in service.fields() if field.name == one.when.field)
    yes_no = {True: ("có", "yes"), False: ("không", "no")}
    words = [yes_no[value] if isinstance(value, bool) else other.choices.get(str(value), (str(value),) * 2) for value in one.when.values]
    vi, en = (", ".join(word[at] for word in words) for at in (0, 1))
    return f"Cần khi {other.vi} là {vi} · Needed when {other.en} is {en}"


def _known(session: Session, party: Party, chosen: Service | None) -> dict[str, Any]:
    """What the customer's own contract and contacts say already, to be filled in for them."""
    point = _code(party.label)
    known = {"value.customer_name": party.name or "", "metering_point": point}
    if chosen is None or chosen.named_by != "customer_name":
        return known | {"value.customer_name": ""} if chosen else known
    for one in contacts_of(session, party):
        if one.ended_s is None and one.address and (name := {"sms": "phone", "email": "email"}.get(one.channel)):
            known[f"value.{name}"] = one.address
    contract = contract_at(session, metering_point(point), party) if point else None
    if contract is None:
        return known
    terms = terms_of(contract)
    said = {f"value.{name}": str(terms[path]) for name, path in TERMS.items() if terms.get(path)}
    return said | known | ({"contract": contract.code or ""} if chosen.of_contract else {})


def _code(label: str) -> str:
    """A label that is a customer's code, to be filled in for them."""
    return label if len(label) == 13 and label.isalnum() else ""
