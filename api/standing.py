"""How the parts stand: the database, the chain with the contracts on it, and how far the indexer is behind."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api.deps import Parts
from ledger.chain.gateway import Block
from ledger.chain.model import STATES, IndexedBlock, OutboxIntent
from ledger.errors import SonangError, UnavailableError

__all__ = ["MAX_LAG_BLOCKS", "Standing", "standing_of"]

MAX_LAG_BLOCKS = 100
"""Blocks the indexer may be behind before answers count as stale."""


@dataclass(frozen=True)
class Standing:
    """What was found; a part that is away has its error and no figures.

    Attributes:
        chain_id: of the connected chain.
        head: its newest block.
        indexed: newest block taken in; None when there is none or the database is away.
        intents: outbox intents by state; empty when the database is away.
        errors: by part: `database`, `chain`, `indexer`.
    """

    chain_id: int | None
    head: Block | None
    indexed: int | None
    intents: dict[str, int]
    errors: dict[str, SonangError]

    @property
    def lag(self) -> int | None:
        """Blocks the indexer is behind; negative when the chain is shorter than what was taken in."""
        return None if self.head is None or self.indexed is None else self.head.number - self.indexed


def standing_of(parts: Parts) -> Standing:
    """Looks at every part; never raises for one that is away."""
    errors: dict[str, SonangError] = {}
    chain_id, head = _chain(parts, errors)
    indexed, intents = _database(parts, errors)
    standing = Standing(chain_id, head, indexed, intents, errors)
    if not errors:
        _check_lag(standing)
    return standing


def _chain(parts: Parts, errors: dict[str, SonangError]) -> tuple[int | None, Block | None]:
    try:
        gateway = parts.gateway()
        gateway.check_code(gateway.deployment)
        return gateway.chain_id, gateway.block("latest")
    except SonangError as away:
        errors["chain"] = away
        parts.forget_gateway()
        return None, None


def _database(parts: Parts, errors: dict[str, SonangError]) -> tuple[int | None, dict[str, int]]:
    try:
        with parts.sessions()() as session:
            return session.scalar(select(func.max(IndexedBlock.number))), _intents(session)
    except SonangError as away:
        errors["database"] = away
    except (DBAPIError, PoolTimeout):
        errors["database"] = UnavailableError("the database does not answer", fix="see that PostgreSQL runs, then ask again")
    return None, {}


def _intents(session: Session) -> dict[str, int]:
    counted = session.execute(select(OutboxIntent.state, func.count()).group_by(OutboxIntent.state)).all()
    return dict.fromkeys(STATES, 0) | {str(state): int(count) for state, count in counted}


def _check_lag(standing: Standing) -> None:
    lag = standing.lag
    if lag is None:
        standing.errors["indexer"] = UnavailableError("no block was taken in yet", fix="run `sonang worker`")
    elif lag < 0:
        problem = f"the chain ends {-lag} blocks before what was taken in: it is another chain, or was reset"
        standing.errors["indexer"] = UnavailableError(problem, fix="connect to the chain this database belongs to")
    elif lag > MAX_LAG_BLOCKS:
        standing.errors["indexer"] = UnavailableError(f"{lag} blocks are not taken in yet", fix="run `sonang worker`")
