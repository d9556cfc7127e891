"""What a day runs on: the open database, the chain, the keys and the chain's clock, and how a step waits for the chain."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.chain.calls import Calls
from ledger.chain.gateway import Gateway
from ledger.chain.model import STATES, OutboxIntent
from ledger.day.keyring import Keyring
from ledger.day.processes import Child
from ledger.errors import ChainError, RuleError, UnavailableError
from ledger.settings import Settings

__all__ = ["DAYS", "Stage", "Step"]

POLL_S = 0.01
PATIENCE_S = 120.0

DAYS = "Ngày · Days"
"""The step that counts several days; what each of them does is told day by day under the same names."""

Step = Callable[[str, int, int], None]
"""Told a step's name, how much of it is done and how much there is; draws the progress bars."""


@dataclass
class Stage:
    """One run's open connections and processes.

    Attributes:
        step: told how far each step is.
        children: processes started for this run; ended with it.
        worker: the process that sends; None while there is nothing to send.
    """

    settings: Settings
    sessions: sessionmaker[Session]
    gateway: Gateway
    keyring: Keyring
    step: Step
    children: list[Child] = field(default_factory=list)
    worker: Child | None = None

    @property
    def calls(self) -> Calls:
        """Calls of the deployed contracts as bytes."""
        return self.gateway.calls

    @property
    def store(self) -> DocumentStore:
        """Where the documents are kept."""
        return DocumentStore.of(self.settings)

    def now(self) -> int:
        """The chain's time, Unix seconds: the only clock that rules consult."""
        return self.gateway.block("latest").timestamp

    def reach(self, moment: int) -> None:
        """Moves the devchain's clock forward to a moment; does nothing when that has come.

        Raises:
            RuleError: it has not come and this is no devchain.
        """
        now = self.now()
        if now >= moment:
            return
        if not self.gateway.is_devchain:
            raise RuleError(f"the chain's time is {now}, before {moment}", field="date", fix="wait, then run the same command again")
        self.gateway.set_next_block_time(moment)
        self.gateway.mine(1)

    def wait(self, intents: Iterable[int | None], state: str = "mined", step: str = "") -> None:
        """Waits until the worker has brought intents to a state on the chain.

        Raises:
            ChainError: the chain refused one of them; the first refusal is named.
            UnavailableError: the worker ended, or nothing moved for two minutes.
        """
        wanted = sorted({intent for intent in intents if intent is not None})
        last, moved = -1, time.monotonic()
        while True:
            open_now = self._short_of(wanted, state)
            if step:
                self.step(step, len(wanted) - open_now, len(wanted))
            if not open_now:
                return
            now = time.monotonic()
            if open_now != last:
                last, moved = open_now, now
            elif now - moved > PATIENCE_S:
                log = self.settings.state_dir / "logs" / "worker.log"
                problem = f"{open_now} transactions have waited {PATIENCE_S:.0f} s"
                raise UnavailableError(problem, fix=f"read {log}, then run the same command again")
            if self.worker is not None:
                self.worker.check()
            time.sleep(POLL_S)

    def _short_of(self, intents: list[int], state: str) -> int:
        """How many have not come as far as `state` yet."""
        with self.sessions() as session:
            found = session.execute(select(OutboxIntent.id, OutboxIntent.state).where(OutboxIntent.id.in_(intents))).all()
            failed = next((intent for intent, at in found if at == "failed"), None)
            if failed is not None:
                refused = session.get_one(OutboxIntent, failed)
                raise ChainError(
                    f"{refused.contract}.{refused.function} was refused: {refused.error}",
                    field=refused.key,
                    fix="mend what the message names, then run the same command again; on the devchain `make clean` starts over",
                )
        return sum(STATES.index(at) < STATES.index(state) for _, at in found)
