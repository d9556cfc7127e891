"""Pages for customers: signing in by a code, their own documents, and finding a document by its code."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from api.access import CUSTOMER, SameSite, current_customer, drop_cookie, keep_cookie
from api.deps import ChainAsked, Documents, PartsAsked, SessionAsked, WritingAsked
from api.downloads import attachment
from api.looking_up import CodeAsked, FileAsked, look_up
from api.own_documents import (
    ENDS,
    ROLES,
    WORDS,
    all_files,
    chain_time,
    file_name,
    own_document,
    own_documents,
    own_file,
    titles,
)
from api.own_evidence import evidence_name, own_evidence
from api.pages.log import ANCHORS, EVENTS, entries_about
from api.pages.views import moment, page
from api.params import AgreementId
from api.signing_desk import DeskAsked
from api.signing_in import ask, sign_in, sign_in_first, way_back
from ledger.access.commands import sign_out
from ledger.access.rules import CODE_S, CUSTOMER_SESSION_S
from ledger.errors import AccessError, InputError, NotFoundError
from ledger.messages.model import Message
from ledger.messages.rules import masked
from ledger.parties.model import Party
from ledger.signing.links import new_token
from ledger.signing.reaching import LINK, REMINDER

router = APIRouter()

MINE = "/my"
ToAsked = Annotated[str, Query(max_length=500)]
ToGiven = Annotated[str, Form(max_length=500)]
"""The page to go to once signed in."""
CHANNELS = {"": None, "email": "email", "sms": "sms", "zalo": "zalo"}
CHANNEL_NAMES = {"sms": "SMS", "email": "E-mail", "zalo": "Zalo"}
"""In the order the page of contacts has them."""
MESSAGE_STATES = {
    "queued": "đang chờ gửi · waiting",
    "sent": "đã gửi · sent",
    "delivered": "đã nhận · delivered",
    "failed": "không gửi được · failed",
    "expired": "đã bỏ · given up",
}

MESSAGE_KINDS = {
    LINK: "Đường dẫn ký · Link to sign",
    REMINDER: "Nhắc ký · Reminder to sign",
    "one-time-code/": "Mã dùng một lần · One-time code",
}
"""What a message without a subject is, such as an SMS, by how its key begins."""


@router.get("/sign-in", response_class=HTMLResponse)
def sign_in_form(to: ToAsked = MINE) -> Response:
    """Asks for the customer code."""
    return page("sign_in.html", to=way_back(to, MINE))


@router.post("/sign-in", response_class=HTMLResponse, dependencies=[SameSite])
def code_form(
    *,
    parts: PartsAsked,
    request: Request,
    tasks: BackgroundTasks,
    label: Annotated[str, Form(max_length=200)],
    channel: Annotated[str, Form(max_length=10)] = "",
    to: ToGiven = MINE,
) -> Response:
    """Asks for the code that was sent, if the customer exists; the page is the same if not."""
    ticket = ask(parts, request, tasks, label, CHANNELS.get(channel))
    return page("sign_in_code.html", ticket=ticket, minutes=CODE_S // 60, problem=None, to=way_back(to, MINE))


@router.post("/sign-in/code", response_class=HTMLResponse, dependencies=[SameSite])
def signed_in(
    parts: PartsAsked,
    request: Request,
    ticket: Annotated[str, Form(max_length=100)],
    code: Annotated[str, Form(max_length=40)],
    to: ToGiven = MINE,
) -> Response:
    """Leads to the page that was asked for, or to the customer's documents; or asks for the code again."""
    try:
        token = sign_in(parts, request, ticket, code)
    except AccessError as refused:
        again = page("sign_in_code.html", ticket=ticket, minutes=CODE_S // 60, problem=refused, to=way_back(to, MINE))
        again.status_code = 401
        return again
    answer = RedirectResponse(way_back(to, MINE), 303)
    keep_cookie(request, answer, CUSTOMER, token, CUSTOMER_SESSION_S)
    return answer


@router.post("/sign-out", dependencies=[SameSite])
def signed_out(parts: PartsAsked, request: Request) -> Response:
    """Ends the session and leads to the front page."""
    token = request.cookies.get(CUSTOMER)
    if token:
        with parts.writing().begin() as session:
            sign_out(session, token)
    answer = RedirectResponse("/", 303)
    drop_cookie(answer, CUSTOMER)
    return answer


@router.get("/my", response_class=HTMLResponse)
def mine(request: Request, session: SessionAsked, store: Documents) -> Response:
    """The customer's documents."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    return page("my.html", customer=customer, documents=own_documents(session, store, customer), clock=chain_time(session), **_words())


@router.get("/my/documents/{agreement}", response_class=HTMLResponse)
def one_of_mine(request: Request, session: SessionAsked, store: Documents, agreement: AgreementId) -> Response:
    """One document: its state, its file, and what was sent about it."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    one = own_document(session, store, customer, agreement)
    logged = {"entries": entries_about(session, agreement), "events": EVENTS, "anchors": ANCHORS}
    return page("my_document.html", one=one, customer=customer, clock=chain_time(session), **logged, **_words())


@router.post("/my/documents/{agreement}/sign", dependencies=[SameSite])
def sign_mine(desk: DeskAsked, request: Request, session: WritingAsked, store: Documents, agreement: AgreementId) -> Response:
    """Leads whom it waits for to the page where it is signed, by a new link; the ones before are good no more."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    one = own_document(session, store, customer, agreement)
    if not one.my_turn:
        return RedirectResponse(f"/my/documents/{one.id}", 303)
    answer = RedirectResponse(f"/sign#{new_token(session, desk, one.row, customer)}", 303)
    answer.headers["cache-control"] = "no-store"
    return answer


@router.get("/my/documents/{agreement}/file")
def my_file(request: Request, session: SessionAsked, store: Documents, agreement: AgreementId) -> Response:
    """The best file there is of it."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    one = own_document(session, store, customer, agreement)
    return attachment(own_file(store, one), "application/pdf", file_name(one))


@router.get("/my/documents/{agreement}/evidence")
def my_evidence(
    *, parts: PartsAsked, request: Request, session: SessionAsked, gateway: ChainAsked, store: Documents, agreement: AgreementId
) -> Response:
    """The evidence package of it."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    one = own_document(session, store, customer, agreement)
    return attachment(own_evidence(parts, session, gateway, one), "application/zip", evidence_name(one))


@router.get("/my/documents.zip")
def my_files(request: Request, session: SessionAsked, store: Documents) -> Response:
    """All their files in one archive."""
    customer = customer_or_none(request, session)
    if customer is None:
        return sign_in_first(request)
    return attachment(all_files(store, own_documents(session, store, customer)), "application/zip", "documents.zip")


@router.get("/find", response_class=HTMLResponse)
def find_form() -> Response:
    """Asks for the code on a document's pages."""
    return page("find.html", found=None, problem=None, code="", **_words())


@router.post("/find", response_class=HTMLResponse)
def found(parts: PartsAsked, request: Request, code: CodeAsked, file: FileAsked = None) -> Response:
    """What the code finds; a mistyped one is asked for again."""
    try:
        told = look_up(parts, request, code, file)
        with parts.sessions()() as session:
            clock = chain_time(session)
        return page("find.html", found=told, clock=clock, problem=None, code=code, **_words())
    except (InputError, NotFoundError) as refused:
        again = page("find.html", found=None, problem=refused, code=code, **_words())
        again.status_code = 404 if isinstance(refused, NotFoundError) else 422
        return again


def customer_or_none(request: Request, session: Session) -> Party | None:
    """Who is signed in; None when nobody is, and the page leads to where one signs in."""
    try:
        return current_customer(request, session)
    except AccessError:
        return None


def _words() -> dict[str, object]:
    return {"titles": titles, "words": WORDS, "roles": ROLES, "ends": ENDS, "told": _told}


def _told(message: Message) -> tuple[str, str, str, str]:
    """Channel and address, state, when, and what it was, for people."""
    what = message.subject or next((words for begins, words in MESSAGE_KINDS.items() if message.key.startswith(begins)), "")
    where = f"{CHANNEL_NAMES[message.channel]} {masked(message.address)}"
    return where, MESSAGE_STATES[message.state], moment(message.queued_s), what
