"""Files given with a request: by its customer, or by its unit's staff; only they list and download them."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, Response, UploadFile
from pydantic import Field
from sqlalchemy.orm import Session

from api.access import CurrentCustomer, CurrentStaff, SameSite, current_customer, current_staff
from api.answers import Answer, Bytes32, Count, Page, Time
from api.deps import Parts, PartsAsked, SessionAsked, WritingAsked
from api.downloads import attachment as to_keep
from api.params import AttachmentId
from api.routes.own_requests import own_request
from api.routes.services import RequestNumber, seen_by
from ledger.services.acting import Actor
from ledger.services.attachments import PDF, SIZE_LIMIT, Vault, attach, attachment_of, attachments_of, content_of
from ledger.services.model import Request as ServiceRequest
from ledger.services.model import RequestAttachment
from ledger.services.pictures import JPEG, PNG

__all__ = ["ENDINGS", "download", "keep", "router"]

router = APIRouter(prefix="/api/v1", tags=["services"])

FileGiven = Annotated[UploadFile, File(description=f"A PDF of plain pages, a JPEG or a PNG, at most {SIZE_LIMIT >> 20} MB.")]
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
_BINARY = {"schema": {"type": "string", "contentEncoding": "binary"}}
KEPT: dict[int | str, dict[str, Any]] = {200: {"description": "The file as it was given.", "content": dict.fromkeys(ENDINGS, _BINARY)}}


class AttachmentAnswer(Answer):
    """A file given with a request. Its name may be personal data."""

    id: Bytes32
    name: str = Field(examples=["so-hong.pdf"])
    media: str = Field(examples=[PDF])
    size: Count = Field(description="Bytes.", examples=[184_212])
    sha256: Bytes32
    who: str = Field(description="customer or staff.", examples=["customer"])
    at: Time

    @classmethod
    def of(cls, row: RequestAttachment) -> AttachmentAnswer:
        """The answer about one."""
        return cls.model_validate(
            {"id": row.id, "name": row.name, "media": row.media, "size": row.size, "sha256": row.digest, "who": row.who, "at": row.at_s}
        )


@router.post("/staff/requests/{number}/attachments", dependencies=[SameSite])
def attach_for_customer(
    request: Request, session: WritingAsked, parts: PartsAsked, number: RequestNumber, file: FileGiven
) -> AttachmentAnswer:
    """Keeps a file a customer brought, after checking it. Refused with the reason when it holds more than plain pages."""
    staff = current_staff(request, session)
    return keep(session, parts, seen_by(session, staff, number), file, Actor("staff", staff.name, "counter"))


@router.get("/staff/requests/{number}/attachments")
def list_attachments(session: SessionAsked, staff: CurrentStaff, number: RequestNumber) -> Page[AttachmentAnswer]:
    """The files of a request of the unit."""
    return _listed(session, seen_by(session, staff, number))


@router.get("/staff/requests/{number}/attachments/{attachment}", response_class=Response, responses=KEPT)
def download_attachment(
    session: SessionAsked, parts: PartsAsked, staff: CurrentStaff, number: RequestNumber, attachment: AttachmentId
) -> Response:
    """A file as it was given."""
    return download(session, parts, seen_by(session, staff, number), attachment)


@router.post("/my/requests/{number}/attachments", dependencies=[SameSite])
def attach_mine(request: Request, session: WritingAsked, parts: PartsAsked, number: RequestNumber, file: FileGiven) -> AttachmentAnswer:
    """Keeps a file with one's own request, after checking it. Refused with the reason when it holds more than plain pages."""
    party = current_customer(request, session)
    return keep(session, parts, own_request(session, party, number), file, Actor("customer", party.id.hex(), "web"))


@router.get("/my/requests/{number}/attachments")
def my_attachments(session: SessionAsked, party: CurrentCustomer, number: RequestNumber) -> Page[AttachmentAnswer]:
    """The files of one's own request."""
    return _listed(session, own_request(session, party, number))


@router.get("/my/requests/{number}/attachments/{attachment}", response_class=Response, responses=KEPT)
def download_mine(
    session: SessionAsked, parts: PartsAsked, party: CurrentCustomer, number: RequestNumber, attachment: AttachmentId
) -> Response:
    """A file as it was given."""
    return download(session, parts, own_request(session, party, number), attachment)


def keep(session: Session, parts: Parts, row: ServiceRequest, file: UploadFile, actor: Actor) -> AttachmentAnswer:
    """Keeps a file that was sent; errors as `attachments.attach`."""
    data = file.file.read(SIZE_LIMIT + 1)
    vault = Vault.of(parts.settings)
    return AttachmentAnswer.of(attach(session, vault, row, name=file.filename or "", data=data, actor=actor, at=int(time.time())))


def _listed(session: Session, row: ServiceRequest) -> Page[AttachmentAnswer]:
    return Page(items=[AttachmentAnswer.of(one) for one in attachments_of(session, row)], next=None)


def download(session: Session, parts: Parts, request: ServiceRequest, attachment: bytes) -> Response:
    """A file of a request, to be kept under a name that tells nothing."""
    row = attachment_of(session, request, attachment)
    return to_keep(content_of(Vault.of(parts.settings), row), row.media, f"{row.id.hex()[:12]}.{ENDINGS[row.media]}")
