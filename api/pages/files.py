"""Files of a request, given and taken on its page: by its customer, or by its unit's staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from api.access import SameSite, current_customer, current_staff
from api.deps import Parts, PartsAsked, SessionAsked
from api.pages.requests import Number, tried
from api.params import AttachmentId
from api.routes.attachments import download, keep
from api.routes.own_requests import own_request
from api.routes.services import seen_by
from api.signing_in import sign_in_first
from ledger.errors import AccessError, InputError
from ledger.services.acting import Actor
from ledger.services.model import Request as ServiceRequest

router = APIRouter()

NAME_SHOWN = 60
Given = Annotated[list[UploadFile], File()]
"""A phone sends the front and the back of a card at once."""


@router.post("/my/requests/{number}/files", response_class=HTMLResponse, dependencies=[SameSite])
def give_files(parts: PartsAsked, request: Request, number: Number, file: Given) -> Response:
    """Keeps them all, or none and says why."""

    def work(session: Session) -> Response:
        party = current_customer(request, session)
        row = own_request(session, party, number)
        _keep_all(session, parts, row, file, Actor("customer", party.id.hex(), "web"))
        return RedirectResponse(f"/my/requests/{number}#files", 303)

    return tried(parts, request, number, work, staff=False)


@router.post("/staff/requests/{number}/files", response_class=HTMLResponse, dependencies=[SameSite])
def give_files_for_customer(parts: PartsAsked, request: Request, number: Number, file: Given) -> Response:
    """Keeps what a customer brought to the counter."""

    def work(session: Session) -> Response:
        staff = current_staff(request, session)
        row = seen_by(session, staff, number)
        _keep_all(session, parts, row, file, Actor("staff", staff.name, "counter"))
        return RedirectResponse(f"/staff/requests/{number}#files", 303)

    return tried(parts, request, number, work, staff=True)


@router.get("/my/requests/{number}/files/{attachment}")
def my_file(parts: PartsAsked, request: Request, session: SessionAsked, number: Number, attachment: AttachmentId) -> Response:
    """A file as it was given."""
    try:
        row = own_request(session, current_customer(request, session), number)
    except AccessError:
        return sign_in_first(request)
    return download(session, parts, row, attachment)


@router.get("/staff/requests/{number}/files/{attachment}")
def their_file(parts: PartsAsked, request: Request, session: SessionAsked, number: Number, attachment: AttachmentId) -> Response:
    """A file as it was given."""
    try:
        row = seen_by(session, current_staff(request, session), number)
    except AccessError:
        return sign_in_first(request)
    return download(session, parts, row, attachment)


def _keep_all(session: Session, parts: Parts, row: ServiceRequest, files: list[UploadFile], actor: Actor) -> None:
    """Keeps files in one transaction; of several, the refusal names which one it is about."""
    for one in files:
        try:
            keep(session, parts, row, one, actor)
        except InputError as refused:
            name = "".join(letter for letter in one.filename or "" if letter.isprintable())[-NAME_SHOWN:]
            named = f"“{name}”: {refused.problem}" if name and len(files) > 1 else refused.problem
            raise InputError(named, field="file", fix=refused.fix) from None
