"""Who asks: the customer or the member of staff a request is signed by, where it comes from, and how often."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from sqlalchemy import Select, select

from api.addressing import asked_by
from api.deps import SessionAsked
from ledger.access.commands import customer_of, staff_by_token, staff_of
from ledger.access.model import Staff
from ledger.access.staff import check_role as staff_with
from ledger.agreements.model import AgreementRow
from ledger.errors import ForbiddenError
from ledger.parties.model import Party

__all__ = ["CurrentCustomer", "CurrentStaff", "SameSite", "client_of", "drop_cookie", "keep_cookie", "staff_with", "their_documents"]

CUSTOMER, STAFF = "sonang_session", "sonang_staff"
"""Cookies; each holds a random token and nothing else."""
_BEARER = "bearer "


def current_customer(request: Request, session: SessionAsked) -> Party:
    """The customer who signed in; 401 when nobody did."""
    customer = customer_of(session, request.cookies.get(CUSTOMER))
    asked_by(request, customer.label)
    return customer


def current_staff(request: Request, session: SessionAsked) -> Staff:
    """The member of staff who asks: by `Authorization: Bearer TOKEN`, or signed in by the form; 401 when neither."""
    given = request.headers.get("authorization", "")
    if given.lower().startswith(_BEARER):
        return staff_by_token(session, given[len(_BEARER) :])
    return staff_of(session, request.cookies.get(STAFF))


def same_site(request: Request) -> None:
    """Refuses what another site made a browser send: by `Sec-Fetch-Site`, or by `Origin` where that is missing; programs send neither.

    Raises:
        ForbiddenError: it came from elsewhere.
    """
    said, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = said in ("none", "same-origin") if said else origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not own:
        raise ForbiddenError("another site made this browser ask", field="Origin", fix="open this site's own page and do it there")


CurrentCustomer = Annotated[Party, Depends(current_customer)]
CurrentStaff = Annotated[Staff, Depends(current_staff)]
SameSite = Depends(same_site)
"""Among a route's `dependencies`, for everything that changes something on the strength of a cookie."""


def their_documents(staff: Staff) -> Select[bytes] | None:
    """The ids of the documents of their unit; None when they see every unit's."""
    return None if staff.unit_id is None else select(AgreementRow.id).where(AgreementRow.unit_id == staff.unit_id)


def client_of(request: Request) -> str:
    """Whom a limit counts for: the address that asks."""
    return "none" if request.client is None else request.client.host


def keep_cookie(request: Request, response: Response, name: str, token: str, lasting_s: int) -> None:
    """Gives the browser a session it sends to this site only, out of reach of any script."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, token, max_age=lasting_s, path="/", httponly=True, samesite="strict", secure=secure)


def drop_cookie(response: Response, name: str) -> None:
    """Takes it back."""
    response.delete_cookie(name, path="/", httponly=True, samesite="strict")
