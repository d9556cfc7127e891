"""The page where staff see how a customer is reached, record a new contact, and vouch for a change once they saw an identity card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import SameSite, current_staff, staff_with
from api.deps import PartsAsked, SessionAsked
from api.errors import kind_of
from api.own_contacts import check_new, own_contact, own_contacts
from api.pages.customers import CHANNEL_NAMES
from api.pages.views import page
from api.params import PartyId
from api.routes.counter import DESKS
from api.signing_in import sign_in_first
from ledger.access.commands import CUSTOMERS
from ledger.access.model import Staff
from ledger.errors import AccessError, ForbiddenError, NotFoundError, SonangError
from ledger.parties.contacts import contacts_of
from ledger.parties.model import Party
from ledger.parties.queries import party_by_id
from ledger.protocol.quantities import hex0x
from ledger.services.serving import check_served, serves
from ledger.signing.contacting import change_contact, vouch_by_staff
from ledger.signing.desk import wall_clock

router = APIRouter()

Work = Callable[[Session, Staff, Party], None]

HOME = "/staff/contacts"
COUNTER = ("counter", "admin")
"""Who sees an identity card."""
Channel = Annotated[Literal["email", "sms", "zalo"], Form()]
Address = Annotated[str, Form(max_length=254)]


@router.get("/staff/contacts", response_class=HTMLResponse)
def whose(request: Request, session: SessionAsked) -> Response:
    """Asks for the customer code."""
    try:
        _desk(request, session)
    except AccessError as refused:
        return _turned_away(request, refused)
    return page("staff_contacts.html", party=None, label="", problem=None)


@router.post("/staff/contacts", response_class=HTMLResponse, dependencies=[SameSite])
def find(request: Request, session: SessionAsked, label: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Leads to the customer of this code."""
    try:
        staff = _desk(request, session)
        return RedirectResponse(f"{HOME}/{hex0x(_customer(session, staff, label).id)}", 303)
    except AccessError as refused:
        return _turned_away(request, refused)
    except NotFoundError as refused:
        again = page("staff_contacts.html", party=None, label=label, problem=refused)
        again.status_code = kind_of(refused).status
        return again


@router.get("/staff/contacts/{party}", response_class=HTMLResponse)
def contacts(request: Request, parts: PartsAsked, session: SessionAsked, party: PartyId) -> Response:
    """How the customer is reached, and was."""
    try:
        staff = _desk(request, session)
    except AccessError as refused:
        return _turned_away(request, refused)
    return _shown(parts, session, staff, check_served(session, staff, party_by_id(session, party)))


@router.post("/staff/contacts/{party}", response_class=HTMLResponse, dependencies=[SameSite])
def change(request: Request, parts: PartsAsked, party: PartyId, channel: Channel, address: Address = "") -> Response:
    """Records a new contact; the one before is told, and the new one cools off."""

    def work(session: Session, staff: Staff, customer: Party) -> None:
        check_new(session, customer, channel, address)
        change_contact(session, customer, channel, address, by=f"staff:{staff.name}", now_s=wall_clock())

    return _tried(request, parts, party, work, of=channel, address=address)


@router.post("/staff/contacts/{party}/vouching", response_class=HTMLResponse, dependencies=[SameSite])
def vouch(request: Request, parts: PartsAsked, party: PartyId, contact: Annotated[int, Form(ge=1, lt=2**53)]) -> Response:
    """Keeps that an identity card was seen, and by whom. Who recorded the change cannot vouch for it."""

    def work(session: Session, staff: Staff, customer: Party) -> None:
        staff_with(staff, "counter")
        vouch_by_staff(session, own_contact(session, customer, contact), staff=staff.name, now_s=wall_clock())

    return _tried(request, parts, party, work)


def _desk(request: Request, session: Session) -> Staff:
    return staff_with(current_staff(request, session), *DESKS)


def _turned_away(request: Request, refused: AccessError) -> Response:
    """Who did not sign in does so first; who did and has another role is told."""
    if isinstance(refused, ForbiddenError):
        raise refused
    return sign_in_first(request)


def _customer(session: Session, staff: Staff, label: str) -> Party:
    wanted = {label.strip(), label.strip().upper()}
    found = session.scalars(select(Party).where(Party.label.in_(wanted), Party.role.in_(CUSTOMERS)).order_by(Party.label)).first()
    if found is None or not serves(session, staff, found):
        fix = "read the code again from a bill or the contract; another unit's customers are served there"
        raise NotFoundError("no customer of this code", field="label", fix=fix)
    return found


def _tried(request: Request, parts: PartsAsked, party: bytes, work: Work, **typed: str) -> Response:
    """An act in a transaction of its own; when it is refused, the page again with the reason and what was typed."""
    try:
        with parts.writing().begin() as session:
            staff = _desk(request, session)
            work(session, staff, check_served(session, staff, party_by_id(session, party)))
        return RedirectResponse(f"{HOME}/{hex0x(party)}#{typed.get('of', '')}", 303)
    except SonangError as refused:
        if isinstance(refused, AccessError) and not isinstance(refused, ForbiddenError):
            return sign_in_first(request)
        with parts.sessions()() as session:
            staff = _desk(request, session)
            customer = check_served(session, staff, party_by_id(session, party))
            again = _shown(parts, session, staff, customer, problem=refused, **typed)
        again.status_code = kind_of(refused).status
        return again


def giver(given_by: str) -> str:
    """Who gave a contact, in words: the customer, or a member of staff by name."""
    return "khách hàng · the customer" if given_by == "party" else given_by.removeprefix("staff:")


def _shown(parts: PartsAsked, session: Session, staff: Staff, party: Party, **said: Any) -> Response:
    every, cooling_off_s = contacts_of(session, party), parts.settings.contact_cooling_off_s
    return page(
        "staff_contacts.html",
        party=party,
        home=f"{HOME}/{hex0x(party.id)}",
        addresses={one.id: one.address for one in every},
        standing={one.channel: one for one in own_contacts(session, party, cooling_off_s)},
        history=[one for one in every if one.ended_s is not None],
        channels=CHANNEL_NAMES,
        own_key=party.signer is not None,
        given_by={one.id: giver(one.given_by) for one in every},
        recorded_here={one.id for one in every if one.given_by == f"staff:{staff.name}"},
        may_vouch=staff.role in COUNTER,
        hours=-(-cooling_off_s // 3_600),
        **({"problem": None, "of": "", "address": ""} | said),
    )
