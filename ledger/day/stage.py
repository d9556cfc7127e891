"""What a day runs on: the open database, the chain, the keys and the clock, and how it waits for the chain."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent
from ledger.day.keyring import Keyring
from ledger.errors import ChainError, RuleError, UnavailableError
from ledger.settings import Settings

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 120
ORDER = {"queued": 0, "sent": 1, "mined": 2, "final": 3}


@dataclass(frozen=True)
class Stage:
    """One run's open connections.

    Attributes:
        advance: called with a step's name, how much is done and how much there is; draws the progress bars.
        watch: raises when a process the day depends on has died.
    """

    settings: Settings
    sessions: sessionmaker[Session]
    gateway: Gateway
    deployment: Deployment
    keyring: Keyring
    replay: bool
    advance: Callable[[str, int, int], None] = field(default=lambda _step, _done, _total: None)
    watch: Callable[[], None] = field(default=lambda: None)

    def now(self) -> int:
        """The chain's time, Unix seconds: the only clock that rules consult."""
        return int(self.gateway.block("latest").timestamp)

    def reach(self, moment: int) -> None:
        """Moves the devchain's clock forward to a moment, or refuses when that cannot be.

        Raises:
            RuleError: the moment has passed on the chain, or this is no devchain and it has not come yet.
        """
        now = self.now()
        if now >= moment:
            return
        if not self.replay:
            raise RuleError(f"the chain's time is {now}, before {moment}", field="date", fix="wait until the day has ended, then run it again")
        self.gateway.set_next_block_time(moment)
        self.gateway.mine(1)

    def settle_intents(self, step: str = "", state: str = "mined") -> None:
        """Waits until every intent has reached a state on the chain.

        Raises:
            ChainError: the chain refused one; the first refusal is named.
            UnavailableError: nothing moved for two minutes.
        """
        last, moved = -1, time.monotonic()
        while True:
            pending, total = self._pending(state)
            if step:
                self.advance(step, total - pending, total)
            if pending == 0:
                return
            if pending != last:
                last, moved = pending, time.monotonic()
            if time.monotonic() - moved > PATIENCE_SECONDS:
                raise UnavailableError(
                    f"{pending} transactions have waited {PATIENCE_SECONDS} s", fix="look at the worker's log in .sonang/logs, then run it again"
                )
            self.watch()
            time.sleep(POLL_SECONDS)

    def _pending(self, state: str) -> tuple[int, int]:
        waiting = [name for name, rank in ORDER.items() if rank < ORDER[state]]
        with self.sessions() as session:
            failed = session.scalars(select(OutboxIntent).where(OutboxIntent.state == "failed").order_by(OutboxIntent.id).limit(1)).first()
            if failed is not None:
                raise ChainError(
                    f"{failed.contract}.{failed.function} was refused: {failed.error}",
                    field=failed.key,
                    fix="mend what the message names; on the devchain `make clean` starts over",
                )
            pending = session.scalar(select(func.count()).where(OutboxIntent.state.in_(waiting))) or 0
            total = session.scalar(select(func.count()).select_from(OutboxIntent)) or 0
        return pending, total
