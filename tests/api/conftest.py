from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
import pytest
import structlog
from anyio.from_thread import BlockingPortal, start_blocking_portal
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from api.app import create_app
from ledger.agreements.store import DocumentStore
from ledger.chain import keys
from ledger.chain.deploying import deploy
from ledger.chain.devchain import running_anvil
from ledger.chain.gateway import Gateway
from ledger.db import connect, open_sessions
from ledger.embedded import EmbeddedPostgres
from ledger.metering.rules import local_day
from ledger.protocol.checkpoint import NoteKey, NoteSigner
from ledger.protocol.quantities import hex0x
from ledger.settings import Settings
from ledger.transparency.commands import sign_checkpoint
from ledger.transparency.queries import origin_of
from tests.conftest import TEMPLATE, World, administer, disposing
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.proven_day import ProvenDay, trade_a_day

DATABASE = "api"


@dataclass
class Client:
    """A real app, started, asked over its own ASGI interface as if from this machine."""

    app: FastAPI
    portal: BlockingPortal
    http: httpx.AsyncClient

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        """One request and its answer."""
        return self.portal.call(lambda: self.http.request(method, path, **more))  # type: ignore[arg-type]

    def get(self, path: str, **more: object) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: object) -> httpx.Response:
        return self.ask("POST", path, **more)


@contextmanager
def started(settings: Settings, client: tuple[str, int] = ("127.0.0.1", 50_000)) -> Iterator[Client]:
    """An app of these settings, from its start to its end."""
    app, ended = create_app(settings), anyio.Event()

    async def run(*, task_status: anyio.abc.TaskStatus[httpx.AsyncClient]) -> None:
        transport = httpx.ASGITransport(app=app, client=client, raise_app_exceptions=True)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            task_status.started(http)
            await ended.wait()

    with start_blocking_portal() as portal:
        future, http = portal.start_task(run)
        try:
            yield Client(app, portal, http)
        finally:
            portal.call(ended.set)
            future.result()


@dataclass
class Told:
    """An installation after a day of trade, everything of it on a real chain."""

    settings: Settings
    world: World
    day: ProvenDay
    log_key: NoteKey

    @property
    def zone(self) -> str:
        return hex0x(self.day.valley.zone.id)

    @property
    def date(self) -> str:
        """The day that was traded."""
        return str(local_day(self.day.valley.day, 0))


@pytest.fixture(scope="session")
def told(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The day, traded once for all tests that only read."""
    folder = tmp_path_factory.mktemp("api")
    administer(postgres, f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}")
    url = postgres.url(DATABASE).render_as_string(hide_password=False)
    with running_anvil(directory=folder / "chain") as chain, disposing(connect(postgres.url(DATABASE))) as engine:
        settings = Settings(
            state_dir=folder / "state", rpc_url=chain.url, deployment_file=folder / "deployment.json", database_url=url, log_level="error"
        )
        deploy(settings)
        gateway = Gateway.connect(settings)
        made = [key(settings, gateway.chain_id) for key in (keys.deployer_key, keys.operator_key, keys.guardian_key)]
        world = World(settings, chain, gateway, *made)
        sessions = open_sessions(engine)
        with sessions() as session:
            day = trade_a_day(session, world, Town(gateway, sessions, DocumentStore.of(settings), *made[1:]))
            signer = NoteSigner(origin_of(gateway.deployment), Ed25519PrivateKey.generate())
            sign_checkpoint(session, signer)
            session.commit()
            yield Told(settings, world, day, signer.key())
        gateway.close()
    administer(postgres, f"DROP DATABASE {DATABASE} WITH (FORCE)")


@pytest.fixture(scope="session")
def client(told: Told) -> Iterator[Client]:
    """The app of that installation."""
    with started(told.settings) as running:
        yield running


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, instead of printing it."""
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        yield entries


@dataclass(frozen=True)
class Places:
    """Identifiers of real things, by the names the paths give them."""

    values: Mapping[str, str]

    def path(self, template: str) -> str:
        """A path with real identifiers in it."""
        return template.format_map(self.values)


@pytest.fixture(scope="session")
def places(told: Told) -> Places:
    """Noon at the roof that sold to its neighbour."""
    valley, fill = told.day.valley, told.day.fill("pool")
    return Places(
        {
            "zone": told.zone,
            "date": told.date,
            "start": str(fill.start),
            "index": str(fill.index),
            "run": "1",
            "party": hex0x(valley.roof.party_id),
            "meter": hex0x(valley.roof.id),
            "order": hex0x(fill.order_digest),
            "agreement": hex0x(valley.agreements[valley.roof.id].id),
        }
    )


def readable(client: Client) -> list[str]:
    """Templates of every path that can be read."""
    return [path for path, operations in client.get("/openapi.json").json()["paths"].items() if "get" in operations]
