from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import anyio
import httpx
import pytest
import structlog
from anyio.from_thread import BlockingPortal, start_blocking_portal
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy import delete, make_url, select
from sqlalchemy.orm import Session, sessionmaker

from api.app import create_app
from ledger.access.model import AskedOften
from ledger.access.staff import add_staff
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.chain import keys
from ledger.chain.deploying import deploy
from ledger.chain.devchain import running_anvil
from ledger.chain.gateway import Gateway
from ledger.db import connect, open_sessions
from ledger.embedded import EmbeddedPostgres
from ledger.messages.model import Message
from ledger.messages.sealing import load_opener
from ledger.metering.rules import local_day
from ledger.parties.commands import draft_party
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Party
from ledger.protocol.checkpoint import NoteKey, NoteSigner
from ledger.protocol.quantities import hex0x
from ledger.settings import Settings
from ledger.transparency.commands import sign_checkpoint
from ledger.transparency.queries import origin_of
from tests.conftest import TEMPLATE, World, administer, disposing
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.proven_day import ProvenDay, trade_a_day

DATABASE = "api"
SIGNED = ("/api/v1/my/", "/api/v1/staff/", "/api/v1/signing")
"""Paths of a customer's own, of a unit's work, or of who came by a signing link."""
UTILITY = "Điện lực Mộc Miên"
"""What the utility is called here: the bare word stands in the law's names of services too."""


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
    token: str
    """Of an auditor, who sees every unit's."""

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
            day.valley.utility.label, day.valley.utility.name = UTILITY, f"Công ty {UTILITY}"
            _, token = add_staff(session, name="kiem.toan", role="admin", unit=None)
            signer = NoteSigner(origin_of(gateway.deployment), Ed25519PrivateKey.generate())
            sign_checkpoint(session, signer)
            session.commit()
            yield Told(settings, world, day, signer.key(), token)
        gateway.close()
    administer(postgres, f"DROP DATABASE {DATABASE} WITH (FORCE)")


@pytest.fixture(scope="session")
def client(told: Told) -> Iterator[Client]:
    """The app of that installation, asked by an auditor who may see everything."""
    with started(told.settings) as running:
        running.http.headers["authorization"] = f"Bearer {told.token}"
        yield running


@pytest.fixture(scope="session")
def stranger(told: Told) -> Iterator[Client]:
    """The same installation, asked by nobody it knows."""
    with started(told.settings) as running:
        yield running


@dataclass
class Homes:
    """The installation with a mailbox, and a customer who can be reached: the owner of the roof that traded."""

    settings: Settings
    sessions: sessionmaker[Session]
    label: str
    agreement: AgreementRow
    other: AgreementRow
    number: int = 1

    def browser(self) -> tuple[str, int]:
        """An address nobody asked from yet."""
        self.number += 1
        return f"127.0.0.{self.number}", 50_000

    def code(self, ticket: str) -> str | None:
        """The code that was sent for a ticket."""
        with self.sessions() as session:
            key = f"sign-in/{sha256(ticket.encode()).hexdigest()[:32]}"
            message = session.scalars(select(Message).where(Message.key == key)).one_or_none()
        if message is None or message.body is None:
            return None
        found = re.search(r"(\d{3}) (\d{3})", load_opener(self.settings.state_dir / "message.key").open(message.handle, message.body))
        assert found is not None
        return found[1] + found[2]


@pytest.fixture(scope="session")
def homes(told: Told) -> Iterator[Homes]:
    """The installation of the day, with a mailbox and a customer in reach."""
    assert told.settings.database_url is not None
    with disposing(connect(make_url(told.settings.database_url))) as engine:
        sessions = open_sessions(engine)
        valley = told.day.valley
        with sessions.begin() as session:
            owner = session.get_one(Party, valley.roof.party_id)
            give_contacts(session, owner, {"email": "roof@example.vn"}, by="staff:an", now_s=int(time.time()))
            newcomer = draft_party(session, label="NEWCOMER", role="customer", name="Trần Mới", signer=None)
            give_contacts(session, newcomer, {"sms": "0938111678"}, by="staff:an", now_s=int(time.time()))
        agreement, other = valley.agreements[valley.roof.id], valley.agreements[valley.spare_roof.id]
        yield Homes(told.settings.model_copy(update={"mailbox": True}), sessions, owner.label, agreement, other)


@pytest.fixture(scope="session")
def open_house(homes: Homes) -> Iterator[Client]:
    """The app of that installation, started once for all who come to it."""
    with started(homes.settings) as running:
        yield running


@pytest.fixture
def site(homes: Homes, open_house: Client) -> Iterator[Client]:
    """The app, asked by a browser and from an address of its own, with all limits untouched."""
    with homes.sessions.begin() as session:
        session.execute(delete(AskedOften))
    app, portal = open_house.app, open_house.portal
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=homes.browser()), base_url="http://127.0.0.1")
    yield Client(app, portal, browser)
    portal.call(browser.aclose)


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
            "service": "renewal",
        }
    )


def readable(client: Client) -> list[str]:
    """Templates of every path about the day, for who may see it."""
    paths = client.get("/openapi.json").json()["paths"].items()
    return [path for path, operations in paths if "get" in operations and not path.startswith(SIGNED)]
