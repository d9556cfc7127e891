"""A witness over HTTP, for programs on the same machine: C2SP's tlog-witness, and what it cosigned last."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ledger.protocol.checkpoint import WITNESS, signature_line
from ledger.protocol.errors import ProtocolError, SonangError
from ledger.witness.errors import StaleError, StateError, WitnessError
from ledger.witness.witness import Witness, parse_request

WITNESS_KEY: web.AppKey[Witness] = web.AppKey("witness", Witness)
TURN: web.AppKey[asyncio.Lock] = web.AppKey("turn", asyncio.Lock)
BODY_LIMIT = 256 * 1024
SIZE = "text/x.tlog.size"


def build_app(witness: Witness) -> web.Application:
    """The routes of one witness."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app[WITNESS_KEY] = witness
    app[TURN] = asyncio.Lock()
    app.router.add_post("/add-checkpoint", add_checkpoint)
    app.router.add_get("/seen", seen)
    app.router.add_get("/health", health)
    return app


async def add_checkpoint(request: web.Request) -> web.Response:
    """A request to cosign → the cosignature's line; 409 with the size to start from, 403, 404 or 422 when there will be none."""
    try:
        asked = parse_request(await request.read())
        async with request.app[TURN]:
            signature = await asyncio.to_thread(request.app[WITNESS_KEY].cosign, asked)
    except StaleError as stale:
        return web.Response(text=f"{stale.size}\n", status=stale.status, content_type=SIZE)
    except SonangError as wrong:
        return _refused(wrong)
    return web.Response(body=signature_line(signature), content_type="text/plain", charset="utf-8")


async def seen(request: web.Request) -> web.Response:
    """`?origin=` → the last checkpoint cosigned of that log, with the log's signature and the cosignature."""
    try:
        note = request.app[WITNESS_KEY].seen(request.query.get("origin", ""))
    except SonangError as wrong:
        return _refused(wrong)
    if note is None:
        return web.Response(text="no checkpoint of this log was cosigned yet\n", status=404)
    return web.Response(body=note.to_bytes(), content_type="text/plain", charset="utf-8")


async def health(request: web.Request) -> web.Response:
    """The witness's published key and the logs it watches."""
    witness = request.app[WITNESS_KEY]
    return web.json_response({"status": "ready", "key": witness.signer.key(WITNESS).text(), "logs": sorted(witness.logs)})


def _refused(wrong: SonangError) -> web.Response:
    status = wrong.status if isinstance(wrong, WitnessError) else 400 if isinstance(wrong, ProtocolError) else 500
    where = "" if isinstance(wrong, StateError) else f"{wrong.field}: "  # a path is nobody else's business
    return web.Response(text=f"{where}{wrong.problem} – {wrong.fix}\n", status=status)
