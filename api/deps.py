"""What a request needs: a session on the database, the chain, the documents; opened on first need, once an app."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

import structlog
from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.chain.gateway import Gateway
from ledger.db import open_engine, open_sessions, upgrade
from ledger.errors import SonangError, UnavailableError
from ledger.messages.sealing import prepare
from ledger.settings import Settings

__all__ = ["ChainAsked", "Documents", "Parts", "PartsAsked", "SessionAsked", "WritingAsked"]

log = structlog.get_logger(__name__)


@dataclass
class Parts:
    """The parts an app stands on. Each is opened when it is first needed and found again when it comes back, so the app outlives both."""

    settings: Settings
    _engine: Engine | None = None
    _gateway: Gateway | None = None
    _prepared: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def store(self) -> DocumentStore:
        """The documents of this installation."""
        return DocumentStore.of(self.settings)

    def sessions(self) -> sessionmaker[Session]:
        """Sessions that only read, each on one snapshot of the database.

        Raises:
            UnavailableError: the database does not answer.
        """
        with self._lock:
            if self._engine is None:
                self._engine = _opened(self.settings)
            snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return open_sessions(snapshots)

    def writing(self) -> sessionmaker[Session]:
        """Sessions that write; whoever opens one commits it.

        Raises:
            UnavailableError: the database does not answer.
        """
        self.sessions()
        assert self._engine is not None  # noqa: S101 - just opened
        writing = open_sessions(self._engine)
        if not self._prepared:
            self._prepared = True
            _prepare_messages(writing, self.settings)
        return writing

    def gateway(self) -> Gateway:
        """The chain.

        Raises:
            UnavailableError, NotFoundError, ChainError, SettingsError: as `Gateway.connect`.
        """
        with self._lock:
            if self._gateway is None:
                self._gateway = Gateway.connect(self.settings)
            return self._gateway

    def forget_gateway(self) -> None:
        """Lets the next request connect anew: the node went away, and may come back elsewhere or as another chain."""
        with self._lock:
            gateway, self._gateway = self._gateway, None
        if gateway is not None:
            gateway.close()

    def close(self) -> None:
        """Puts everything away."""
        self.forget_gateway()
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()


def _opened(settings: Settings) -> Engine:
    try:
        engine = open_engine(settings)
    except UnavailableError:
        fix = "start PostgreSQL or mend SONANG_DATABASE_URL, then ask again"
        raise UnavailableError("the database does not answer", field="database", fix=fix) from None
    try:
        upgrade(engine)
    except DBAPIError as wrong:
        engine.dispose()
        log.warning("schema", problem=str(wrong.orig).strip().partition("\n")[0])
        fix = "name another database, or move the state folder away (`make clean` removes it); the log says more"
        raise UnavailableError("the database cannot be brought to this program's schema", field="database", fix=fix) from None
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare_messages(sessions: sessionmaker[Session], settings: Settings) -> None:
    """Makes the key of messages where they go to a folder; elsewhere somebody makes it once, and queueing says so."""
    if not settings.uses_mailbox:
        return
    try:
        with sessions.begin() as session:
            prepare(session, settings)
    except SonangError as wrong:
        log.warning("messages", problem=wrong.problem, fix=wrong.fix)


def parts(request: Request) -> Parts:
    """The parts of the app that answers."""
    found: Parts = request.app.state.parts
    return found


def session(request: Request) -> Iterator[Session]:
    """A session for one request."""
    with parts(request).sessions()() as opened:
        yield opened


def writing(request: Request) -> Iterator[Session]:
    """A session for one request that writes: committed once the route has answered, rolled back when it raised."""
    with parts(request).writing().begin() as opened:
        yield opened


def chain(request: Request) -> Iterator[Gateway]:
    """The chain for one request; a node that is away is looked for again by the next."""
    try:
        yield parts(request).gateway()
    except UnavailableError:
        with contextlib.suppress(UnavailableError):
            parts(request).forget_gateway()
        raise


def documents(request: Request) -> DocumentStore:
    """The documents of this installation."""
    return parts(request).store


PartsAsked = Annotated[Parts, Depends(parts)]
SessionAsked = Annotated[Session, Depends(session)]
WritingAsked = Annotated[Session, Depends(writing, scope="function")]
"""Committed before the answer leaves, so that nobody is told of what was not kept."""
ChainAsked = Annotated[Gateway, Depends(chain)]
Documents = Annotated[DocumentStore, Depends(documents)]
