"""What every request passes before the app and every answer after it: who may ask, how much they may send, ids, logs, figures, headers."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import PLAIN, answer_problem, unexpected
from api.metrics import Metrics
from ledger.evidence.container import SIZE_LIMIT
from ledger.loopback import is_loopback

__all__ = ["TAKES_FILES", "Doorway"]

log = structlog.get_logger("api.request")

LARGEST_BODY = 2 * SIZE_LIMIT + 2**20
"""Bytes a request may have: a document, its bundle, and the form around them."""
LARGEST_TEXT = 2**20
"""Bytes of any other request than a form with files: such a body is read into memory whole, before anything is known of who sent it."""
TAKES_FILES = re.compile(r"(/api/v1)?/(verify|find|look-up)|/.+/(files|attachments)")
"""Where a form may bring files; anywhere else one is a text like any other."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_STRANGER = next(kind for kind in PLAIN if kind.status == HTTPStatus.MISDIRECTED_REQUEST)


class Doorway:
    """ASGI middleware around the whole app. Nothing an app raises passes it: what was not foreseen is logged and answered as a problem."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        scope["request_id"] = given if _ID.fullmatch(given) else uuid4().hex
        visit = _Visit(scope, receive, send)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=scope["request_id"]):
            await self._answer(visit)
            self._note(scope, visit.status, time.perf_counter() - started)

    async def _answer(self, visit: _Visit) -> None:
        request = Request(visit.scope)
        try:
            if not _from_here(visit.scope):
                fix = "ask from this machine, by 127.0.0.1 or localhost"
                answer = answer_problem(request, _STRANGER, "this server answers its own machine only", field="Host", fix=fix)
                await answer(visit.scope, visit.receive, visit.send)
                return
            await self._app(visit.scope, visit.receive, visit.send)
        except Exception as error:
            answer = unexpected(request, error)
            if visit.status is None:  # else an answer has begun, and the connection just ends
                await answer(visit.scope, visit.receive, visit.send)

    def _note(self, scope: Scope, status: int | None, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.requests.labels(scope["method"], route, str(status)).observe(seconds)
        log.info("request", method=scope["method"], path=scope["path"], route=route, status=status, ms=round(seconds * 1000, 1))


class _Visit:
    """One request, no larger than allowed, and its answer, whose head gets the headers every answer has."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.status: int | None = None
        self._receive = receive
        self._send = send
        self._size = 0
        self._largest = LARGEST_BODY if _has_files(scope) else LARGEST_TEXT

    async def receive(self) -> Message:
        """The next part of the body.

        Raises:
            HTTPException: it grew too large; the app answers it as any other.
        """
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._largest or _announced(self.scope) > self._largest:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {self._largest >> 20} MiB")
        return message

    async def send(self, message: Message) -> None:
        """Sends a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.scope["request_id"]
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _has_files(scope: Scope) -> bool:
    form = Headers(scope=scope).get("content-type", "").lower().startswith("multipart/form-data")
    return form and TAKES_FILES.fullmatch(scope["path"]) is not None


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _from_here(scope: Scope) -> bool:
    """A request of this machine's own, by this machine's own name: another web site open in the browser here has neither."""
    client = scope.get("client")
    try:
        host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname or ""
    except ValueError:
        return False
    return is_loopback(host) and (client is None or is_loopback(client[0]))
