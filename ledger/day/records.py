"""What a report and its evidence are read from: the stage of a running day, or a reader that runs nothing, on any chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.chain.gateway import Gateway
from ledger.settings import Settings

__all__ = ["Reader", "Records"]


class Records(Protocol):
    """The ledger, the chain and the documents."""

    @property
    def settings(self) -> Settings: ...
    @property
    def sessions(self) -> sessionmaker[Session]: ...
    @property
    def gateway(self) -> Gateway: ...
    @property
    def store(self) -> DocumentStore: ...

    def step(self, name: str, done: int, of: int, /) -> None:
        """Is told how far something long has come."""


@dataclass(frozen=True)
class Reader:
    """Somebody who looks at days that are over; nobody waits for progress bars."""

    settings: Settings
    sessions: sessionmaker[Session]
    gateway: Gateway

    @property
    def store(self) -> DocumentStore:
        """Where the documents are kept."""
        return DocumentStore.of(self.settings)

    def step(self, name: str, done: int, of: int, /) -> None:
        """Says nothing."""
