"""A node's answers over HTTP, for programs on the same machine: JSON in, JSON out, problem details (RFC 9457) when something is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from aiohttp import web

from ledger.protocol.errors import ProtocolError, SonangError
from ledger.protocol.quantities import check_time, check_uint, unhex
from oracle.errors import ChainUnavailableError, NodeError, OtherRootError, StatementError
from oracle.node import Asked, Node

NODE: web.AppKey[Node] = web.AppKey("node", Node)
FAILED: web.AppKey[asyncio.Event] = web.AppKey("failed", asyncio.Event)
"""Set when the disk failed: the process must end rather than go on without its journal."""

BODY_LIMIT = 32 << 20
BATCH_LIMIT = 2_000
REFUSALS_SHOWN = 1_000
JSON = "application/json"

STATUSES: dict[type[SonangError], tuple[int, str]] = {
    ProtocolError: (422, "malformed"),
    OtherRootError: (409, "other-root"),
    StatementError: (409, "cannot-state"),
    ChainUnavailableError: (503, "chain-unavailable"),
    NodeError: (500, "journal"),
}
"""HTTP status and code of an error; the first kind that fits."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_app(node: Node, failed: asyncio.Event) -> web.Application:
    """The routes of one node."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_problems])
    app[NODE] = node
    app[FAILED] = failed
    app.router.add_post("/profiles", post_profiles)
    app.router.add_get("/profiles", get_profiles)
    app.router.add_post("/statements", post_statements)
    app.router.add_get("/statements", get_statements)
    app.router.add_get("/refusals", get_refusals)
    app.router.add_get("/health", get_health)
    return app


async def post_profiles(request: web.Request) -> web.Response:
    """`{"profiles": [...]}` → `{"answers": [...]}`: one answer a profile, in order."""
    body = await _body(request, {"profiles"})
    profiles = body.get("profiles")
    if not isinstance(profiles, list) or len(profiles) > BATCH_LIMIT:
        raise ProtocolError(f"must be a list of at most {BATCH_LIMIT}", field="profiles", fix="send a day in several requests")
    return _answer({"answers": await request.app[NODE].accept(profiles)})


async def get_profiles(request: web.Request) -> web.Response:
    """`?zone=&period_start=&version=` → the profiles that count for that version, and the statement built from them if there is one."""
    _only(request, {"zone", "period_start", "version"})
    zone, period_start, version = _zone(request.query.get("zone")), _integer(request, "period_start"), _integer(request, "version")
    return _answer(await request.app[NODE].profiles(zone, check_time(period_start, "period_start"), 1 if version is None else version))


async def post_statements(request: web.Request) -> web.Response:
    """`{"zone", "period_start", "version", "root"?}` → this node's signed statement and what its leaves are built from."""
    body = await _body(request, {"zone", "period_start", "version", "root"})
    root = body.get("root")
    asked = Asked(
        zone=_zone(body.get("zone")),
        period_start=check_time(body.get("period_start"), "period_start"),
        version=_version(body.get("version")),
        root=None if root is None else unhex(root, "root", 32),
    )
    return _answer((await request.app[NODE].state(asked)).to_json())


async def get_statements(request: web.Request) -> web.Response:
    """`?zone=&period_start=&version=`, each optional → `{"statements": [...]}`."""
    _only(request, {"zone", "period_start", "version"})
    zone = _zone(request.query["zone"]) if "zone" in request.query else None
    found = await request.app[NODE].statements(zone, _integer(request, "period_start"), _integer(request, "version"))
    return _answer({"statements": found})


async def get_refusals(request: web.Request) -> web.Response:
    """`?limit=` → `{"refusals": [...], "count": N}`, newest first; `count` is all that the journal keeps."""
    _only(request, {"limit"})
    limit = _integer(request, "limit")
    holdings = request.app[NODE].holdings
    return _answer({"refusals": holdings.refusals(REFUSALS_SHOWN if limit is None else limit), "count": holdings.refusal_count})


async def get_health(request: web.Request) -> web.Response:
    """Who the node is and what it holds; 503 while it could not sign."""
    health = await request.app[NODE].health()
    return _answer(health, 200 if health["status"] == "ready" else 503)


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as wrong:
        return _problem(wrong.status, "http", SonangError(wrong.reason, fix="see docs/oracle.md"))
    except SonangError as wrong:
        if isinstance(wrong, NodeError):
            request.app[FAILED].set()
        status, code = next((how for kind, how in STATUSES.items() if isinstance(wrong, kind)), (500, "internal"))
        return _problem(status, code, wrong)


async def _body(request: web.Request, known: set[str]) -> dict[str, Any]:
    if request.content_type != JSON:
        raise ProtocolError(f"the content type is {request.content_type}", field="Content-Type", fix=f"send {JSON}")
    try:
        body = orjson.loads(await request.read())
    except ValueError:
        raise ProtocolError("the body is not JSON", fix="send one JSON object") from None
    if not isinstance(body, dict) or not set(body) <= known:
        raise ProtocolError("not the fields of this request", fix=f"send an object with {', '.join(sorted(known))}")
    return body


def _only(request: web.Request, known: set[str]) -> None:
    unknown = sorted(set(request.query) - known)
    if unknown:
        raise ProtocolError("no such parameter", field=unknown[0][:40], fix=f"known are {', '.join(sorted(known))}")


def _zone(value: object) -> bytes:
    return unhex(value, "zone", 32)


def _version(value: object) -> int:
    version = check_uint(value, 32, "version")
    if version == 0:
        raise ProtocolError("versions begin at 1", field="version", fix="give 1, or the next number for a correction")
    return version


def _integer(request: web.Request, field: str) -> int | None:
    text = request.query.get(field)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ProtocolError(f"{text[:40]!r} is no whole number", field=field, fix="give decimal digits")
    return int(text)


def _problem(status: int, code: str, wrong: SonangError) -> web.Response:
    detail = {"type": "about:blank", "status": status, "title": wrong.problem, "code": code, "field": wrong.field, "fix": wrong.fix}
    return web.Response(body=orjson.dumps(detail), status=status, content_type="application/problem+json")


def _answer(value: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type=JSON)
