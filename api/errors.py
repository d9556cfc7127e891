"""One error shape for every answer that is not a success: RFC 9457 problem details, filled from one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.addressing import to_the_asker
from api.pages.views import page
from api.vietnamese import sentences_in_vietnamese
from ledger.errors import (
    AccessError,
    ChainError,
    ConflictError,
    ForbiddenError,
    InputError,
    LimitError,
    LinkError,
    NotFoundError,
    ProtocolError,
    RuleError,
    SettingsError,
    SignatureError,
    SonangError,
    UnavailableError,
    WrongCodeError,
)

__all__ = ["KINDS", "PLAIN", "PROBLEM_TYPE", "Kind", "Problem", "answer_problem", "register", "unexpected"]

log = structlog.get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 5


class Problem(BaseModel):
    """What every error answers: what is wrong, where, and what to do next."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Kind of problem; its page explains it.", examples=["/docs#problem-not-found"])
    title: str = Field(description="The kind in words.", examples=["Không tìm thấy · Not found"])
    status: int = Field(description="The HTTP status.", ge=400, le=599, examples=[404])
    detail: str = Field(description="What is wrong with this request.", examples=["no such zone"])
    instance: str = Field(description="Path that was asked for.", examples=["/api/v1/zones/0x00"])
    field: str = Field(description="The parameter, part or setting concerned; empty when there is none.", examples=["zone"])
    fix: str = Field(description="What to do next.", examples=["take an id from /api/v1/zones"])
    vi: str = Field(
        description="Both in Vietnamese, where people meet it; empty elsewhere.",
        examples=["Không có gì ở địa chỉ này. Bắt đầu từ trang đầu."],
    )
    request_id: str = Field(description="Names this request in the logs.", examples=["5b0f0c6c2f6d4a5b9f3a7f0f7a0c1d2e"])


class Kind(NamedTuple):
    """A kind of problem: its name in `type`, its status, its title, and when it is met."""

    name: str
    status: int
    title: str
    meaning: str


KINDS: Mapping[type[Exception], Kind] = {
    InputError: Kind("input", 422, "Dữ liệu sai · Malformed input", "A parameter, a form field or a file is malformed."),
    ProtocolError: Kind("input", 422, "Dữ liệu sai · Malformed input", "A parameter, a form field or a file is malformed."),
    RuleError: Kind("rule", 409, "Không được phép theo quy tắc · Against a rule", "Well-formed, but a rule or an erasure forbids it."),
    ConflictError: Kind("conflict", 409, "Mâu thuẫn · Conflict", "It contradicts what is recorded."),
    NotFoundError: Kind("not-found", 404, "Không tìm thấy · Not found", "Nothing is known under that name."),
    AccessError: Kind("access", 401, "Cần đăng nhập · Sign in first", "Who asks did not sign in, or may not see this."),
    ForbiddenError: Kind("forbidden", 403, "Không có quyền · Not yours to do", "Who asks may not do this, or it came from another site."),
    WrongCodeError: Kind("code", 401, "Mã không đúng · The code is wrong", "The one-time code is not the one sent, or not good any more."),
    LinkError: Kind("link", 401, "Đường dẫn không còn dùng được · The link is not good", "A signing link that lapsed or was replaced."),
    SignatureError: Kind(
        "signature", 401, "Chữ ký không hợp lệ · The signature does not hold", "A report or a passkey's answer is not signed as it must be."
    ),
    LimitError: Kind("limit", 429, "Quá nhiều lần · Too many requests", "Asked too often; wait as long as `Retry-After` says."),
    UnavailableError: Kind("unavailable", 503, "Tạm thời gián đoạn · Unavailable", "The database or the chain is away; try again."),
    ChainError: Kind("chain", 502, "Chuỗi từ chối · Refused by the chain", "The chain's node refused to answer this."),
    SettingsError: Kind("settings", 500, "Cấu hình sai · Misconfigured", "This installation is misconfigured."),
    SonangError: Kind("internal", 500, "Lỗi nội bộ · Internal error", "A fault of this program; the request id finds it in the logs."),
}
"""Every error of ours with its answer; the nearest class of an error decides."""

PLAIN = (
    Kind("request", 400, "Yêu cầu hỏng · Broken request", "The request cannot be read."),
    KINDS[NotFoundError],
    Kind("method", 405, "Không dùng cách này · Method not allowed", "The path is there, but not for this method."),
    Kind("too-large", 413, "Tệp quá lớn · Too large", "The request is larger than any agreement and its bundle."),
    Kind("stranger", 421, "Chỉ phục vụ tại máy này · This machine only", "It came from elsewhere, or by another name."),
)
"""What goes wrong before anything of ours is asked."""

_FIXES = {
    400: "send the request again; for a form, as multipart/form-data",
    404: "begin at / for pages, at /docs for programs",
    405: "use a method that /docs lists for this path",
    413: "send a smaller file",
}
_NO_FILE = "Expected UploadFile"
"""How FastAPI begins when a form's file was left empty."""
_AWAY = (OperationalError, InterfaceError, PoolTimeout)
_PROGRAMS = re.compile(r"/(api|health|ready|metrics|openapi\.json)(/.*)?")
"""Paths that answer programs; every other path answers people."""
_SHOWABLE = re.compile(r"[A-Za-z0-9_.\[\]-]{1,64}")


def kind_of(error: Exception) -> Kind:
    """The row of the table for an error."""
    return next(KINDS[each] for each in type(error).__mro__ if each in KINDS)


def answer_problem(request: Request, kind: Kind, detail: str, *, field: str = "", fix: str = "") -> Response:
    """The answer for a problem, a page where a browser asked for one.

    A field that is no plain name (a path, an address) is left out: it could tell of this machine.
    """
    problem = Problem(
        type=f"/docs#problem-{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=request.url.path,
        field=field if _SHOWABLE.fullmatch(field) else "",
        fix=fix or "see /docs",
        vi=sentences_in_vietnamese(detail, fix),
        request_id=request.scope.get("request_id", ""),
    )
    answer: Response
    if not _PROGRAMS.fullmatch(request.url.path) and "text/html" in request.headers.get("accept", ""):
        answer = page("problem.html", problem=problem)
        answer.status_code = kind.status
    else:
        answer = Response(problem.model_dump_json(), kind.status, media_type=PROBLEM_TYPE)
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["retry-after"] = str(RETRY_AFTER_S)
    return answer


def register(app: FastAPI) -> None:
    """Lets every error of the app answer in the one shape."""
    app.add_exception_handler(SonangError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _database)
    app.add_exception_handler(UnicodeEncodeError, _no_text)


def unexpected(request: Request, error: Exception) -> Response:
    """The answer when nothing foresaw an error: nothing of it is shown, all of it is logged."""
    log.error("unexpected", path=request.url.path, exc_info=error)
    return answer_problem(
        request, KINDS[SonangError], "this program met a fault it did not expect", fix="report it with the request id; trying again is safe"
    )


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, SonangError)  # noqa: S101 - registered for it
    kind = kind_of(error)
    if kind.name == "input" and error.field in request.path_params and not _PROGRAMS.fullmatch(request.url.path):
        return _nothing_here(request)
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("refused", problem=error.problem, field=error.field, fix=error.fix)
    answer = answer_problem(request, kind, to_the_asker(request, error.problem), field=error.field, fix=error.fix)
    if isinstance(error, LimitError):
        answer.headers["retry-after"] = str(error.retry_after_s)
    return answer


def _database(request: Request, error: Exception) -> Response:
    if isinstance(error, _AWAY) or getattr(error, "connection_invalidated", False):
        away = UnavailableError("the database does not answer", field="database", fix="see that PostgreSQL runs, then ask again")
        return _ours(request, away)
    return _no_text(request, error) if isinstance(error, DataError) and "NUL" in str(error.orig) else unexpected(request, error)


def _no_text(request: Request, error: Exception) -> Response:
    """What UTF-8 or the database cannot hold was in what somebody sent: half a character, or the character NUL."""
    log.info("no_text", kind=type(error).__name__)
    fix = "take it out, or type the text again, and ask again"
    return _ours(request, InputError("a character that is none is in it", field="text", fix=fix))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    kind = next((each for each in PLAIN if each.status == error.status_code), PLAIN[0]._replace(status=error.status_code))
    answer = answer_problem(request, kind, _sentence(request, error), fix=_FIXES.get(kind.status, ""))
    answer.headers.update(error.headers or {})
    return answer


def _sentence(request: Request, error: HTTPException) -> str:
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"{request.method} is not possible here"
    return "nothing is here" if error.status_code == HTTPStatus.NOT_FOUND else str(error.detail)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    first = error.errors()[0]
    if first["loc"][0] == "path" and not _PROGRAMS.fullmatch(request.url.path):
        return _nothing_here(request)
    if first["type"] == "json_invalid":
        problem = f"the body is no JSON: {first['ctx']['error']}"
        return answer_problem(request, KINDS[InputError], problem, field="body", fix="send JSON in UTF-8, as /docs shows")
    place = ".".join(str(part) for part in first["loc"][1:]) or "body"
    detail = str(first["msg"]).removeprefix("Value error, ")
    if detail.startswith(_NO_FILE):
        return answer_problem(request, KINDS[InputError], "no file was chosen", field="file", fix="choose a file, then send")
    return answer_problem(request, KINDS[InputError], detail, field=place, fix=f"mend {place} and ask again; /docs describes it")


def _nothing_here(request: Request) -> Response:
    """To a person an address that is none is one page, whatever of it cannot be read; a program is told what."""
    return answer_problem(request, KINDS[NotFoundError], "nothing is here", fix=_FIXES[HTTPStatus.NOT_FOUND])
