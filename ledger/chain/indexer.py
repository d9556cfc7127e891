"""The indexer: the only one who says what happened on chain, and who takes it back when the chain does.

It keeps the hash of every block it has taken in. A page of blocks, the events in them and the fate of our own transactions are stored in
one database transaction, so a `kill -9` anywhere leaves a state the next run goes on from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.events import Event, EventDecoder
from ledger.chain.fates import Fate, read_fates, record_fates
from ledger.chain.gateway import Gateway
from ledger.chain.model import ChainEvent, IndexedBlock, OutboxIntent
from ledger.errors import UnavailableError

__all__ = ["Indexer", "Progress"]

log = structlog.get_logger(__name__)

PAGE_BLOCKS = 500
ANCESTOR_STEP = 100
PATIENCE = 20
"""Pages in a row that may turn out to be of a chain that moved while it was read."""


@dataclass(frozen=True)
class Progress:
    """What one `advance` did.

    Attributes:
        head: newest block taken in.
        blocks, events: taken in.
        mined, failed, final: intents that became so.
        rewound: blocks taken back.
    """

    head: int
    blocks: int = 0
    events: int = 0
    mined: int = 0
    failed: int = 0
    final: int = 0
    rewound: int = 0

    @property
    def moved(self) -> bool:
        """Whether anything changed."""
        return bool(self.blocks or self.final or self.rewound)


class _Newest(NamedTuple):
    """The newest block taken in."""

    number: int
    hash: bytes


@dataclass(frozen=True)
class _Page:
    blocks: list[dict[str, Any]]
    events: list[Event]
    fates: list[Fate]


class Indexer:
    """Follows the chain into the database.

    Args:
        gateway: the connected chain.
        confirmations: blocks on top of a transaction's own before it is final.
    """

    def __init__(self, gateway: Gateway, sessions: sessionmaker[Session], confirmations: int) -> None:
        self._gateway = gateway
        self._rpc = gateway.rpc
        self._sessions = sessions
        self._confirmations = confirmations
        self._decoder = EventDecoder({name: (each.address, each.abi) for name, each in gateway.deployment.contracts.items()})
        self._ripened_at = 0

    def advance(self) -> Progress:
        """Takes in every block up to the head, after taking back those the chain no longer has; marks intents mined and final.

        Raises:
            UnavailableError: the chain does not answer, or changes faster than it can be read.
            ChainError: the node's answers cannot be read.
        """
        done, restless = Progress(head=-1), 0
        while restless < PATIENCE:
            newest = self._newest()
            head, intact = self._look(newest)
            if newest is not None and not intact:
                done, restless = replace(done, rewound=done.rewound + self._rewind(newest.number)), restless + 1
                continue
            first = newest.number + 1 if newest else self._gateway.deployment.first_block
            if first > head:
                return replace(done, head=head, final=self._ripen(head))
            page = self._fetch(newest.hash if newest else None, first, min(head, first + PAGE_BLOCKS - 1))
            if page is None:
                restless += 1
            else:
                done = self._store(page, done)
        raise UnavailableError("the chain changed again and again while it was read", field="rpc_url", fix="try another node")

    def _newest(self) -> _Newest | None:
        newest = select(IndexedBlock.number, IndexedBlock.hash).order_by(IndexedBlock.number.desc()).limit(1)
        with self._sessions() as session:
            row = session.execute(newest).one_or_none()
        return None if row is None else _Newest(row.number, row.hash)

    def _look(self, newest: _Newest | None) -> tuple[int, bool]:
        """The head's number, and whether our newest block still stands."""
        if newest is None:
            return self._gateway.block("latest").number, True
        head, ours = self._rpc.ask_many([("eth_blockNumber", []), ("eth_getBlockByNumber", [hex(newest.number), False])])
        return int(head, 16), ours is not None and bytes.fromhex(ours["hash"][2:]) == newest.hash

    def _fetch(self, parent: bytes | None, first: int, last: int) -> _Page | None:
        """Blocks `first` to `last` with their events and our transactions in them; None when the chain moved meanwhile."""
        blocks = self._rpc.ask_many([("eth_getBlockByNumber", [hex(number), False]) for number in range(first, last + 1)])
        span = {"fromBlock": hex(first), "toBlock": hex(last), "address": self._decoder.addresses}
        logs, end = self._rpc.ask_many([("eth_getLogs", [span]), ("eth_getBlockByNumber", [hex(last), False])])
        if None in blocks or end is None or end["hash"] != blocks[-1]["hash"]:
            return None
        above = [None if parent is None else "0x" + parent.hex(), *(block["hash"] for block in blocks)]
        if any(expected not in (None, block["parentHash"]) for expected, block in zip(above, blocks, strict=False)):
            return None
        hashes = {block["hash"] for block in blocks}
        if any(each["blockHash"] not in hashes for each in logs):
            return None
        fates = read_fates(self._gateway, self._sessions, blocks)
        return None if fates is None else _Page(blocks, self._decoder.decode(logs), fates)

    def _store(self, page: _Page, done: Progress) -> Progress:
        with self._sessions.begin() as session:
            session.execute(insert(IndexedBlock), [_block_row(block) for block in page.blocks])
            if page.events:
                session.execute(insert(ChainEvent), [event._asdict() for event in page.events])
            record_fates(session, page.fates)
        failed = sum(fate.error is not None for fate in page.fates)
        for fate in page.fates:
            if fate.error is not None:
                log.warning(
                    "intent_reverted", intent=fate.intent_id, tx="0x" + fate.tx_hash.hex(), block=fate.block_number, error=fate.error
                )
        return replace(
            done,
            blocks=done.blocks + len(page.blocks),
            events=done.events + len(page.events),
            mined=done.mined + len(page.fates) - failed,
            failed=done.failed + failed,
        )

    def _rewind(self, newest: int) -> int:
        """Takes back every block after the newest one the chain still has; their intents are *sent* again. Returns how many blocks."""
        ancestor = self._common_ancestor(newest)
        with self._sessions.begin() as session:
            deep = session.scalars(
                select(OutboxIntent.id).where(OutboxIntent.state == "final", OutboxIntent.block_number > ancestor).order_by(OutboxIntent.id)
            ).all()
            removed = session.scalar(select(func.count()).select_from(IndexedBlock).where(IndexedBlock.number > ancestor)) or 0
            taken_back = OutboxIntent.block_number > ancestor
            unseen = {"block_number": None, "block_hash": None, "gas_used": None}
            session.execute(
                update(OutboxIntent).where(taken_back, OutboxIntent.nonce.is_not(None)).values(state="sent", error=None, **unseen)
            )
            session.execute(update(OutboxIntent).where(taken_back).values(unseen))
            session.execute(delete(IndexedBlock).where(IndexedBlock.number > ancestor))
        self._ripened_at = 0
        if deep:
            log.error("reorganisation_beyond_confirmations", ancestor=ancestor, intents=list(deep), fix="raise SONANG_CONFIRMATIONS")
        log.warning("rewound", ancestor=ancestor, blocks=removed)
        return removed

    def _common_ancestor(self, newest: int) -> int:
        """Number of the newest stored block that is still on the chain, or -1."""
        below = newest + 1
        while True:
            with self._sessions() as session:
                older = select(IndexedBlock.number, IndexedBlock.hash).where(IndexedBlock.number < below)
                stored = session.execute(older.order_by(IndexedBlock.number.desc()).limit(ANCESTOR_STEP)).all()
            if not stored:
                return -1
            found = self._rpc.ask_many([("eth_getBlockByNumber", [hex(row.number), False]) for row in stored])
            for row, block in zip(stored, found, strict=True):
                if block is not None and bytes.fromhex(block["hash"][2:]) == row.hash:
                    return int(row.number)
            below = stored[-1].number

    def _ripen(self, head: int) -> int:
        """Marks final what has enough blocks on top; a revert so deep gives its transaction number up, and its command may try again."""
        if head == self._ripened_at:
            return 0
        deep = OutboxIntent.block_number.between(self._ripened_at - self._confirmations, head - self._confirmations)
        with self._sessions.begin() as session:
            ripe = update(OutboxIntent).where(OutboxIntent.state == "mined", deep).values(state="final").returning(OutboxIntent.id)
            count = len(session.execute(ripe).all())
            session.execute(
                update(OutboxIntent).where(OutboxIntent.state == "failed", OutboxIntent.nonce.is_not(None), deep).values(nonce=None)
            )
        self._ripened_at = head
        return count


def _block_row(block: Mapping[str, Any]) -> dict[str, object]:
    return {
        "number": int(block["number"], 16),
        "hash": bytes.fromhex(block["hash"][2:]),
        "parent_hash": bytes.fromhex(block["parentHash"][2:]),
        "timestamp": int(block["timestamp"], 16),
    }
