"""The steps of signing in that the pages and the JSON routes share, and the way from a page to the door and back."""

from __future__ import annotations

import re
from urllib.parse import quote

import structlog
from fastapi import BackgroundTasks, Request
from fastapi.responses import RedirectResponse

from api.access import client_of
from api.deps import Parts
from ledger.access import commands
from ledger.access.limits import spend
from ledger.access.rules import ASK_FOR_CODE, TRY_CODE, TRY_TOKEN, as_asked
from ledger.errors import SonangError, WrongCodeError
from ledger.services.naming import called_now

__all__ = ["HOMES", "ask", "sign_in", "sign_in_first", "staff_sign_in", "way_back"]

LABEL_LIMIT = 64
HOMES = {"/my": "/sign-in", "/staff": "/staff/sign-in"}
"""Where customers and staff are, and the door of each."""
_PAGE = re.compile(r"(/my|/staff)((?:/[A-Za-z0-9_-]+)*)(\?[A-Za-z0-9_=&-]{0,200})?")

log = structlog.get_logger(__name__)


def ask(parts: Parts, request: Request, tasks: BackgroundTasks, label: str, channel: str | None) -> str:
    """Opens a sign-in and has a code sent once the answer has left; returns the ticket. The answer is the same for everybody.

    Raises:
        LimitError: asked too often, by this client, for this customer, or by all.
    """
    with parts.sessions()() as reading:
        label = called_now(reading, as_asked(label)[:LABEL_LIMIT])
    spend(parts.writing(), ASK_FOR_CODE, client_of(request), label.upper())
    with parts.writing().begin() as session:
        ticket = commands.ask_to_sign_in(session)
    tasks.add_task(_send, parts, ticket, label, channel)
    return ticket


def sign_in(parts: Parts, request: Request, ticket: str, code: str) -> str:
    """The token of a new session.

    Raises:
        WrongCodeError: the code does not sign in; why is not said.
        LimitError: tried too often.
    """
    spend(parts.writing(), TRY_CODE, client_of(request))
    with parts.writing().begin() as session:
        token = commands.sign_in(session, ticket, code)
    if token is None:
        log.info("sign_in_refused")
        fix = "check the digits, or ask for a new code; one code works once, for ten minutes and five tries"
        raise WrongCodeError("this code does not sign in", field="code", fix=fix)
    return token


def staff_sign_in(parts: Parts, request: Request, token: str) -> str:
    """Signs a browser in as staff; returns the session's token.

    Raises:
        AccessError: nobody's token.
        LimitError: tried too often.
    """
    spend(parts.writing(), TRY_TOKEN, client_of(request))
    with parts.writing().begin() as session:
        return commands.open_staff_session(session, commands.staff_by_token(session, token))


def sign_in_first(request: Request) -> RedirectResponse:
    """Leads to the door of the page that was asked for, and from there back to it; whoever sent a form begins anew."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    home = "/staff" if asked.startswith("/staff") else "/my"
    back = way_back(asked, home) if request.method == "GET" else home
    return RedirectResponse(HOMES[home] + (f"?to={quote(back, safe='/')}" if back != home else ""), 303)


def way_back(to: str, home: str) -> str:
    """The page to go to once signed in: one of this server's own under `home`, else `home` itself, whatever somebody put there."""
    found = _PAGE.fullmatch(to)
    return to if found is not None and found[1] == home and to.partition("?")[0] not in HOMES.values() else home


def _send(parts: Parts, ticket: str, label: str, channel: str | None) -> None:
    """Nobody waits for this, so what goes wrong is logged, without saying for whom."""
    try:
        with parts.writing().begin() as session:
            commands.send_code(session, ticket, label, channel=channel, cooling_off_s=parts.settings.contact_cooling_off_s)
    except SonangError as wrong:
        log.warning("sign_in_code", problem=wrong.problem, fix=wrong.fix)
