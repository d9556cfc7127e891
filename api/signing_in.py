"""The steps of signing in that the pages and the JSON routes share."""

from __future__ import annotations

import structlog
from fastapi import BackgroundTasks, Request

from api.access import client_of
from api.deps import Parts
from ledger.access import commands
from ledger.access.limits import spend
from ledger.access.rules import ASK_FOR_CODE, TRY_CODE, TRY_TOKEN
from ledger.errors import SonangError, WrongCodeError

__all__ = ["ask", "sign_in", "staff_sign_in"]

LABEL_LIMIT = 64

log = structlog.get_logger(__name__)


def ask(parts: Parts, request: Request, tasks: BackgroundTasks, label: str, channel: str | None) -> str:
    """Opens a sign-in and has a code sent once the answer has left; returns the ticket. The answer is the same for everybody.

    Raises:
        LimitError: asked too often, by this client, for this customer, or by all.
    """
    label = label.strip()[:LABEL_LIMIT]
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


def _send(parts: Parts, ticket: str, label: str, channel: str | None) -> None:
    """Nobody waits for this, so what goes wrong is logged, without saying for whom."""
    try:
        with parts.writing().begin() as session:
            commands.send_code(session, ticket, label, channel=channel, cooling_off_s=parts.settings.contact_cooling_off_s)
    except SonangError as wrong:
        log.warning("sign_in_code", problem=wrong.problem, fix=wrong.fix)
