"""The page of a customer's contacts: where codes go, changing one, and the code that vouches for the change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access import SameSite, current_customer
from api.deps import Parts, PartsAsked, SessionAsked
from api.errors import kind_of
from api.own_contacts import change_own, own_contact, own_contacts
from api.pages.customers import CHANNEL_NAMES, customer_or_none
from api.pages.views import page
from api.signing_desk import DeskAsked
from api.signing_in import sign_in_first
from ledger.errors import AccessError, LimitError, SonangError
from ledger.parties.model import Party
from ledger.signing.codes import CodeSent
from ledger.signing.contacting import confirm_contact, confirm_vouch, request_contact_check, request_vouch
from ledger.signing.desk import SigningDesk

router = APIRouter()

HOME = "/my/contacts"
ContactNumber = Annotated[int, Path(ge=1, lt=2**53)]
Why = Literal["check", "vouch"]


@router.get("/my/contacts", response_class=HTMLResponse)
def contacts(request: Request, parts: PartsAsked) -> Response:
    """Where codes go, and whether they may."""
    return _shown(request, parts)


@router.post("/my/contacts", response_class=HTMLResponse, dependencies=[SameSite])
def change(
    request: Request,
    parts: PartsAsked,
    channel: Annotated[Literal["email", "sms", "zalo"], Form()],
    address: Annotated[str, Form(max_length=254)] = "",
) -> Response:
    """Records a new contact, and shows the list again with what is to be done next."""
    try:
        with parts.writing().begin() as session:
            change_own(parts, session, current_customer(request, session), channel, address)
    except AccessError:
        return sign_in_first(request)
    except SonangError as refused:
        return _shown(request, parts, refused, channel, address)
    return RedirectResponse(f"{HOME}#{channel}", 303)


@router.post("/my/contacts/{contact}/code", response_class=HTMLResponse, dependencies=[SameSite])
def send(
    *, desk: DeskAsked, request: Request, session: SessionAsked, parts: PartsAsked, contact: ContactNumber, why: Annotated[Why, Form()]
) -> Response:
    """Sends a code: to the contact itself, or to one from before that vouches for it; and asks for it."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    row = own_contact(session, customer, contact)
    try:
        sent = request_contact_check(desk, customer.id, row.channel) if why == "check" else request_vouch(desk, customer.id, row.id)
    except SonangError as refused:
        return _shown(request, parts, refused, row.channel)
    return _code_form(customer, contact, why, sent=sent)


@router.post("/my/contacts/{contact}/confirmation", response_class=HTMLResponse, dependencies=[SameSite])
def confirm(
    *,
    desk: DeskAsked,
    request: Request,
    session: SessionAsked,
    contact: ContactNumber,
    why: Annotated[Why, Form()],
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Takes the code and shows the list, or asks again."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    row = own_contact(session, customer, contact)
    try:
        _taker(desk, customer.id, why, contact, row.channel)(code)
    except SonangError as refused:
        again = _code_form(customer, contact, why, problem=refused)
        again.status_code = kind_of(refused).status
        return again
    return RedirectResponse(f"{HOME}#{row.channel}", 303)


def _taker(desk: SigningDesk, party: bytes, why: Why, contact: int, channel: str) -> Callable[[str], None]:
    if why == "check":
        return lambda code: confirm_contact(desk, party, channel, code)
    return lambda code: confirm_vouch(desk, party, contact, code)


def _code_form(customer: Party, contact: int, why: Why, *, sent: CodeSent | None = None, problem: SonangError | None = None) -> Response:
    return page("contact_code.html", contact=contact, why=why, own_key=customer.signer is not None, sent=sent, problem=problem)


def _shown(request: Request, parts: Parts, problem: SonangError | None = None, of: str = "", address: str = "") -> Response:
    """The list; a refusal stands in the part it is about, with what was typed."""
    cooling_off_s = parts.settings.contact_cooling_off_s
    with parts.sessions()() as session:
        customer = customer_or_none(request, session)
        if customer is None:
            return sign_in_first(request)
        standing = {one.channel: one for one in own_contacts(session, customer, cooling_off_s)}
        answer = page(
            "contacts.html",
            standing=standing,
            channels=CHANNEL_NAMES,
            own_key=customer.signer is not None,
            hours=-(-cooling_off_s // 3_600),
            problem=problem,
            of=of,
            address=address,
        )
    if problem is not None:
        answer.status_code = kind_of(problem).status
    if isinstance(problem, LimitError):
        answer.headers["retry-after"] = str(problem.retry_after_s)
    return answer
