"""Pages for staff: signing in by a token, and the messages that are stuck."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from api.access import STAFF, SameSite, current_staff, drop_cookie, keep_cookie, their_documents
from api.deps import PartsAsked, SessionAsked
from api.pages.customers import CHANNEL_NAMES, MESSAGE_STATES, ToAsked, ToGiven
from api.pages.views import page
from api.signing_in import HOMES, sign_in_first, staff_sign_in, way_back
from ledger.access.commands import sign_out
from ledger.access.model import Staff
from ledger.access.rules import STAFF_SESSION_S
from ledger.errors import AccessError
from ledger.messages.queries import counts, troubled
from ledger.messages.rules import masked

router = APIRouter()

HOME = "/staff"


@router.get("/staff", response_class=HTMLResponse)
def home(request: Request, session: SessionAsked) -> Response:
    """How far messages have come, and what is stuck."""
    staff = staff_or_none(request, session)
    if staff is None:
        return sign_in_first(request)
    theirs = their_documents(staff)
    seen = {"states": counts(session, theirs), "stuck": troubled(session, about=theirs)}
    return page("staff.html", staff=staff, masked=masked, named=MESSAGE_STATES, channels=CHANNEL_NAMES, **seen)


@router.get("/staff/sign-in", response_class=HTMLResponse)
def sign_in_form(to: ToAsked = HOME) -> Response:
    """Asks for the token."""
    return page("staff_sign_in.html", problem=None, to=way_back(to, HOME))


@router.post("/staff/sign-in", response_class=HTMLResponse, dependencies=[SameSite])
def signed_in(parts: PartsAsked, request: Request, token: Annotated[str, Form(max_length=200)], to: ToGiven = HOME) -> Response:
    """Leads to the page that was asked for, or to the staff's; or asks again."""
    try:
        session = staff_sign_in(parts, request, token)
    except AccessError as refused:
        again = page("staff_sign_in.html", problem=refused, to=way_back(to, HOME))
        again.status_code = 401
        return again
    answer = RedirectResponse(way_back(to, HOME), 303)
    keep_cookie(request, answer, STAFF, session, STAFF_SESSION_S)
    return answer


@router.post("/staff/sign-out", dependencies=[SameSite])
def signed_out(parts: PartsAsked, request: Request) -> Response:
    """Ends the session."""
    token = request.cookies.get(STAFF)
    if token:
        with parts.writing().begin() as session:
            sign_out(session, token)
    answer = RedirectResponse(HOMES[HOME], 303)
    drop_cookie(answer, STAFF)
    return answer


def staff_or_none(request: Request, session: Session) -> Staff | None:
    """Who is signed in; None when nobody is, and the page leads to where one signs in."""
    try:
        return current_staff(request, session)
    except AccessError:
        return None
