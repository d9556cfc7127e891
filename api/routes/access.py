"""Signing in as a customer, one's own documents, and finding a document by its code."""

from __future__ import annotations

import time
from typing import Literal

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import Field

from api.access import CUSTOMER, CurrentCustomer, CurrentStaff, SameSite, drop_cookie, keep_cookie, their_documents
from api.answers import Answer, Bytes32, Count, Page, Time
from api.deps import ChainAsked, Documents, PartsAsked, SessionAsked, WritingAsked
from api.downloads import EVIDENCE, PDF, ZIP, attachment
from api.looking_up import CodeAsked, FileAsked, FileVerdict, look_up
from api.own_documents import FileState, OwnDocument, State, all_files, file_name, own_document, own_documents, own_file, titles
from api.own_evidence import evidence_name, own_evidence
from api.paging import PageAsked, part_of
from api.params import AgreementId
from api.signing_desk import DeskAsked
from api.signing_in import ask, sign_in
from ledger.access.commands import customer_of, sign_out
from ledger.access.rules import CODE_S, CUSTOMER_SESSION_S
from ledger.errors import RuleError
from ledger.messages.model import Message
from ledger.messages.model import State as MessageState
from ledger.messages.queries import counts, troubled
from ledger.messages.rules import masked
from ledger.signing.links import new_token

router = APIRouter(prefix="/api/v1", tags=["access"])
ENDED = "When it ends for another reason than its term, be it past or to come: the first second no longer in force."
THEN = "What it becomes then, while `ended` is still to come."


class SignInAsked(Answer):
    """Who wants to sign in."""

    label: str = Field(max_length=200, description="The customer code.", examples=["PE15000123456"])
    channel: Literal["email", "sms", "zalo"] | None = Field(default=None, description="Where the code should go; anywhere without it.")


class TicketAnswer(Answer):
    """The same whether or not there is such a customer."""

    ticket: str = Field(description="Needed beside the code.", examples=["gN6Yx0m1Vb1Zt2n8kqk3yq6w4yCwq9p5wQbV0a7hXbU"])
    expires: Time


class CodeTried(Answer):
    """A code that came back."""

    ticket: str = Field(max_length=100)
    code: str = Field(max_length=40)


class SessionAnswer(Answer):
    """Signed in; the session itself is a cookie."""

    customer: Bytes32
    expires: Time


class SignedOut(Answer):
    """Whatever was, nobody is signed in now."""

    signed_out: bool = Field(examples=[True])


class MessageAnswer(Answer):
    """A message sent about a document."""

    channel: str = Field(examples=["sms"])
    address: str = Field(description="In part.", examples=["+84…678"])
    subject: str = Field(examples=["Mời ký hợp đồng · Please sign"])
    state: MessageState = Field(examples=["delivered"])
    reason: str | None = Field(description="Why it is stuck; null when it is not.", examples=[None])
    queued: Time


class OwnDocumentAnswer(Answer):
    """A document of the customer who is signed in."""

    id: Bytes32
    kind: str = Field(examples=["rooftop-surplus-sale"])
    title_vi: str = Field(examples=["Hợp đồng mua bán điện dư"])
    title_en: str = Field(examples=["Surplus sale agreement"])
    state: State = Field(examples=["in-force"])
    valid_from: Time
    valid_to: Time
    ended: Time | None = Field(description=ENDED, examples=[None])
    then: State | None = Field(description=THEN, examples=[None])
    file: FileState | None = Field(description="The best file there is; null when it was erased or is missing.", examples=["issued"])
    waits: bool = Field(description="Signed by all; the utility's seal and time stamp are still to come.", examples=[False])
    missing: bool = Field(description="The best file there was is gone, unerased: the utility must restore it.", examples=[False])
    lookup_code: str = Field(examples=["7K3M-9QWX-2BTD-4ZHR-V8NC"])
    my_turn: bool = Field(description="It waits for this customer's signature: `POST …/signing-link` leads there.", examples=[False])
    messages: list[MessageAnswer]

    @classmethod
    def of(cls, one: OwnDocument) -> OwnDocumentAnswer:
        """The answer about one."""
        title_vi, title_en = titles(one.row.kind)
        own = {name: getattr(one.row, name) for name in ("id", "kind", "valid_from", "valid_to", "lookup_code")}
        own |= {"title_vi": title_vi, "title_en": title_en, "ended": one.standing.ended_at}
        said = {name: getattr(one, name) for name in ("state", "then", "file", "waits", "missing", "my_turn")}
        return cls.model_validate(own | said | {"messages": [_message(each) for each in one.messages]})


class SigningLinkAnswer(Answer):
    """Where a document is read and signed; for this customer alone."""

    page: str = Field(description="A path of this server; the token stands behind the `#`.", examples=["/sign#gN6Yx0m1Vb1Zt2n8kqk3yq6w"])


class FoundAnswer(Answer):
    """What whoever holds a code is told: nothing of it names anybody."""

    kind: str = Field(examples=["rooftop-surplus-sale"])
    title_vi: str = Field(examples=["Hợp đồng mua bán điện dư"])
    title_en: str = Field(examples=["Surplus sale agreement"])
    valid_from: Time
    valid_to: Time
    state: State = Field(examples=["in-force"])
    ended: Time | None = Field(description=ENDED, examples=[None])
    then: State | None = Field(description=THEN, examples=[None])
    file: FileVerdict | None = Field(description="What the given file is; null when none was given.", examples=["authentic"])


class StaffAnswer(Answer):
    """The member of staff whose token it is."""

    name: str = Field(examples=["an.nguyen"])
    role: Literal["agent", "counter", "inspector", "admin"] = Field(examples=["counter"])
    unit: str | None = Field(description="Code of their unit; null for an admin of all.", examples=["PA01HH"])


class StuckMessage(Answer):
    """A message that is queued, failed or was given up."""

    key: str = Field(examples=["signing-code/7"])
    channel: str = Field(examples=["sms"])
    state: MessageState = Field(examples=["queued"])
    tries: Count
    reason: str | None = Field(examples=["the gateway refuses it (503)"])
    next_try: Time | None = Field(description="Null when it is not tried again.")


class DeliveryAnswer(Answer):
    """How far messages have come."""

    states: dict[str, int] = Field(description="How many are in each state.", examples=[{"queued": 1, "delivered": 48}])
    stuck: list[StuckMessage]


@router.post("/sign-in", dependencies=[SameSite])
def ask_for_code(parts: PartsAsked, request: Request, tasks: BackgroundTasks, asked: SignInAsked) -> TicketAnswer:
    """Sends a one-time code to the customer's own contact, if there is such a customer; the answer does not say."""
    ticket = ask(parts, request, tasks, asked.label, asked.channel)
    return TicketAnswer.model_validate({"ticket": ticket, "expires": int(time.time()) + CODE_S})


@router.post("/sign-in/code", dependencies=[SameSite])
def try_code(parts: PartsAsked, request: Request, response: Response, tried: CodeTried) -> SessionAnswer:
    """Signs in: the session comes as a cookie."""
    token = sign_in(parts, request, tried.ticket, tried.code)
    keep_cookie(request, response, CUSTOMER, token, CUSTOMER_SESSION_S)
    with parts.sessions()() as session:
        customer = customer_of(session, token)
    return SessionAnswer.model_validate({"customer": customer.id, "expires": int(time.time()) + CUSTOMER_SESSION_S})


@router.post("/sign-out", dependencies=[SameSite])
def end_session(parts: PartsAsked, request: Request, response: Response) -> SignedOut:
    """Ends the session, here and in the browser."""
    token = request.cookies.get(CUSTOMER)
    if token:
        with parts.writing().begin() as session:
            sign_out(session, token)
    drop_cookie(response, CUSTOMER)
    return SignedOut(signed_out=True)


@router.get("/my/documents")
def my_documents(session: SessionAsked, store: Documents, customer: CurrentCustomer, paging: PageAsked) -> Page[OwnDocumentAnswer]:
    """Every document the customer is a party to, newest first."""
    listed = list(enumerate(own_documents(session, store, customer)))
    rows, following = part_of(listed, lambda each: each[0], paging)
    return Page(items=[OwnDocumentAnswer.of(each) for _, each in rows], next=following)


@router.get("/my/documents/{agreement}")
def my_document(session: SessionAsked, store: Documents, customer: CurrentCustomer, agreement: AgreementId) -> OwnDocumentAnswer:
    """One of them; somebody else's is not there."""
    return OwnDocumentAnswer.of(own_document(session, store, customer, agreement))


@router.post("/my/documents/{agreement}/signing-link", dependencies=[SameSite])
def my_signing_link(
    desk: DeskAsked, response: Response, session: WritingAsked, customer: CurrentCustomer, agreement: AgreementId
) -> SigningLinkAnswer:
    """A new link for whom it waits for; the ones before are good no more."""
    one = own_document(session, desk.store, customer, agreement)
    if not one.my_turn:
        raise RuleError("it does not wait for your signature", field="agreement", fix="your list, /my, shows which documents do")
    response.headers["cache-control"] = "no-store"
    return SigningLinkAnswer(page="/sign#" + new_token(session, desk, one.row, customer))


@router.get("/my/documents/{agreement}/file", response_class=Response, responses=PDF)
def my_file(session: SessionAsked, store: Documents, customer: CurrentCustomer, agreement: AgreementId) -> Response:
    """The best file there is of it, named by what it is: issued, sealed (while the utility's seal is awaited) or draft."""
    one = own_document(session, store, customer, agreement)
    return attachment(own_file(store, one), "application/pdf", file_name(one))


@router.get("/my/documents/{agreement}/evidence", response_class=Response, responses=EVIDENCE)
def my_evidence(
    *, parts: PartsAsked, session: SessionAsked, gateway: ChainAsked, store: Documents, customer: CurrentCustomer, agreement: AgreementId
) -> Response:
    """Everything that proves an issued document, to be checked offline with programs that are not ours; its README has the commands."""
    one = own_document(session, store, customer, agreement)
    return attachment(own_evidence(parts, session, gateway, one), "application/zip", evidence_name(one))


@router.get("/my/documents.zip", response_class=Response, responses=ZIP)
def my_files(session: SessionAsked, store: Documents, customer: CurrentCustomer) -> Response:
    """All their files in one archive, each named by its kind and the code on its pages."""
    return attachment(all_files(store, own_documents(session, store, customer)), "application/zip", "documents.zip")


@router.post("/look-up")
def find(parts: PartsAsked, request: Request, code: CodeAsked, file: FileAsked = None) -> FoundAnswer:
    """Finds a document by the code on its pages, and says whether a file is that document. Needs no sign-in and names nobody."""
    found = look_up(parts, request, code, file)
    title_vi, title_en = titles(found.kind)
    return FoundAnswer.model_validate(vars(found) | {"title_vi": title_vi, "title_en": title_en})


@router.get("/staff/me")
def who_am_i(staff: CurrentStaff) -> StaffAnswer:
    """The member of staff whose token or session it is."""
    return StaffAnswer.model_validate({"name": staff.name, "role": staff.role, "unit": None if staff.unit is None else staff.unit.code})


@router.get("/staff/messages")
def delivery(session: SessionAsked, staff: CurrentStaff) -> DeliveryAnswer:
    """How far messages about their unit's documents have come, and the newest that are stuck, with the reason; who has no unit sees all."""
    theirs = their_documents(staff)
    stuck = [
        {name: getattr(one, name) for name in ("key", "channel", "state", "tries", "reason")}
        | {"next_try": one.next_try_s if one.state == "queued" else None}
        for one in troubled(session, about=theirs)
    ]
    return DeliveryAnswer.model_validate({"states": counts(session, theirs), "stuck": stuck})


def _message(one: Message) -> dict[str, object]:
    said = {name: getattr(one, name) for name in ("channel", "subject", "state")}
    return said | {"address": masked(one.address), "reason": one.reason, "queued": one.queued_s}
