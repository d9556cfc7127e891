"""The app: `uvicorn --factory api.app:create_app`, or `sonang serve`, which refuses to leave this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.applications import Starlette

from api import errors
from api.contract import describe
from api.deps import Parts
from api.doorway import Doorway
from api.metrics import Metrics
from api.pages import asking, contacts, customers, docs, files, front, requests, staff, verify
from api.pages import counter as counter_page
from api.pages import log as log_page
from api.pages import signing as signing_page
from api.routes import (
    access,
    agreements,
    attachments,
    chain,
    counter,
    market,
    metering,
    orders,
    own_contacts,
    own_requests,
    parties,
    services,
    settlement,
    verification,
)
from api.routes import log as log_routes
from api.routes import messages as message_routes
from api.routes import signing as signing_routes
from ledger.errors import SonangError
from ledger.settings import Settings, load_settings

__all__ = ["create_app"]

ROOMS = (
    chain,
    parties,
    agreements,
    log_routes,
    metering,
    market,
    orders,
    settlement,
    verification,
    services,
    own_requests,
    attachments,
    access,
    own_contacts,
    message_routes,
    signing_routes,
    counter,
)
"""JSON answers, in the order they are described."""

log = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None) -> FastAPI:
    """An app for one installation; reads the environment when no settings are given.

    Nothing is opened before it starts, and a part that is away then is looked for again by every request that needs it.
    """
    parts = Parts(settings or load_settings())
    app = FastAPI(
        title="Sổ Nắng",
        version=version("sonang"),
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: "-".join([*map(str, route.tags[:1]), route.name]),
    )
    app.state.parts = parts
    app.state.metrics = Metrics(parts)
    for room in ROOMS:
        app.include_router(room.router)
    for page in (front, docs, verify, log_page, customers, contacts, staff, counter_page, requests, files, asking, signing_page):
        app.include_router(page.router, include_in_schema=False)
    errors.register(app)
    describe(app)
    app.add_middleware(Doorway, metrics=app.state.metrics)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    await run_sync(_warm, parts)
    try:
        yield
    finally:
        await run_sync(parts.close)


def _warm(parts: Parts) -> None:
    """Opens what is there, so that the first request does not wait for it."""
    for part in (parts.sessions, parts.gateway):
        try:
            part()
        except SonangError as away:
            log.warning("away", part=part.__name__, problem=away.problem, fix=away.fix)
