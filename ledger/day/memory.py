"""What the database remembers of a devchain: contracts are deployed on it once, or nothing recorded before would be theirs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.deploying import Guard
from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent
from ledger.errors import ConflictError, NotFoundError
from ledger.invocation import as_typed
from ledger.settings import Settings

__all__ = ["afresh", "only_once"]


def only_once(settings: Settings, sessions: sessionmaker[Session]) -> Guard:
    """A guard of `deploy` that refuses a second deployment on a devchain this database remembers.

    The guard raises:
        NotFoundError: the record of this chain's contracts is missing.
        ConflictError: the chain is new and the database is not.
    """

    def guard(gateway: Gateway, record: Path) -> None:
        if not gateway.is_devchain:
            return
        with sessions() as session:
            recorded = select(OutboxIntent).where(OutboxIntent.state.in_(("mined", "final")))
            first = session.scalars(recorded.order_by(OutboxIntent.block_number).limit(1)).one_or_none()
        if first is None:
            return
        if not record.exists() and _holds(gateway, first):
            raise NotFoundError(
                "the contracts of this chain are deployed, but the record that says where is missing",
                field=str(record),
                fix=f"put that file back, or name where it is with SONANG_DEPLOYMENT_FILE=…; else {afresh(settings)}",
            )
        raise ConflictError(
            f"the chain is new, but the database of {settings.state_dir} remembers another one", field="devchain", fix=afresh(settings)
        )

    return guard


def afresh(settings: Settings) -> str:
    """How to start with another chain: in another folder, or in this one with nothing in it."""
    if settings.in_default_state:
        here = "`make clean`"
    else:
        folder = as_typed(settings.state_dir)
        here = f"`sonang devchain down` with SONANG_STATE_DIR={folder}, then remove {folder}"
    database = "" if settings.database_url is None else "; give it an empty database with SONANG_DATABASE_URL=…"
    return f"use another folder (SONANG_STATE_DIR=…), or start afresh in this one: {here}{database}"


def _holds(gateway: Gateway, intent: OutboxIntent) -> bool:
    """Whether the chain has the block an intent was mined in."""
    try:
        return intent.block_number is not None and gateway.block(intent.block_number).hash == intent.block_hash
    except NotFoundError:
        return False
