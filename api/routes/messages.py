"""What gateways report about the messages they carry."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Request
from pydantic import Field

from api.answers import Answer
from api.deps import PartsAsked, WritingAsked
from ledger.errors import AccessError, InputError
from ledger.messages.carriers.chosen import gateway_of
from ledger.messages.commands import REPORT_LIMIT, accept_report
from ledger.messages.model import State

router = APIRouter(prefix="/api/v1/messages", tags=["messages"])

Signature = Annotated[str, Header(description="`v1=` and the hexadecimal HMAC-SHA-256 of `report.<timestamp>.<body>`.", examples=["v1=…"])]
Stamp = Annotated[str, Header(description="The Unix seconds that were signed with it.", examples=["1464170400"])]


class ReportAnswer(Answer):
    """What a report did."""

    state: State = Field(description="The message's state now.", examples=["delivered"])
    moved: bool = Field(description="False when it was known already, or came too late to change anything.", examples=[True])


async def raw(request: Request) -> bytes:
    """The body as it was signed."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > REPORT_LIMIT:
            raise InputError(f"more than {REPORT_LIMIT} bytes", field="body", fix="send one report a request")
    return body


@router.post("/reports/{gateway}")
def report(
    parts: PartsAsked,
    session: WritingAsked,
    *,
    body: Annotated[bytes, Depends(raw)],
    gateway: Annotated[Literal["sms", "zalo"], Path(description="Whose report it is.", examples=["sms"])],
    x_sonang_signature: Signature = "",
    x_sonang_timestamp: Stamp = "",
) -> ReportAnswer:
    """Takes in a gateway's signed report: `id` or `reference`, `state`, `code`. Repeating one is safe."""
    known = gateway_of(parts.settings, gateway)
    if known is None:
        problem = "no secret is shared with this gateway"
        raise AccessError(problem, field="gateway", fix=f"set SONANG_{gateway.upper()}_SECRET on the server")
    done = accept_report(session, known, body, x_sonang_signature, x_sonang_timestamp)
    return ReportAnswer.model_validate({"state": done.state, "moved": done.moved})
