"""Contracts sealed to PAdES B-LTA and written into the log, beside the libraries other people would use.

Usage: python -m scripts.bench.sealing
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from ledger.db import connect, open_sessions, upgrade
from ledger.embedded import EmbeddedPostgres
from ledger.sealing.batch import BatchSealer
from ledger.sealing.levels import check_issued
from ledger.sealing.rules import Approval
from ledger.sealing.sealer import open_sealer
from ledger.settings import Settings
from ledger.test_authority.running import running_test_authority
from ledger.transparency.commands import DocumentEvent, log_events
from ledger.transparency.queries import root_at
from scripts.bench.clearing import peers_python
from scripts.bench.issuing import seconds_a_file
from scripts.bench.rows import Row, answer_of
from scripts.sample import sealed

APPROVALS = (Approval("Khách hàng / Customer", "OTP"), Approval("Điện lực / Utility", "ví điện tử / wallet"))
ROUNDS, FAST, STOCK, CHECKED = 5, 100, 3, 12
"""A round of ours is a multiple of fifty, so that pyHanko reads its share in each."""
EVENTS = 5_000
PEER = Path(__file__).with_name("log_peer.py")


def run() -> list[Row]:
    """Every row."""
    return [*contracts_sealed(), *events_logged()]


def contracts_sealed() -> list[Row]:
    """Two signatures, three time stamps and the validation data: by the fixed layout, and by pyHanko as it is; one authority for both.

    They take turns; each figure is the median of its rounds. Processor time is what sealing and reading back take, pyHanko's sample in the
    process beside included; the authority's is not. By the clock, as many files are made at once as a worker of the queue makes.
    """
    pdf = sealed()
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder, running_test_authority(Path(folder)):
        sealer = open_sealer(Settings(state_dir=Path(folder)))
        batch = BatchSealer(sealer)
        with ThreadPoolExecutor(batch.at_once) as pool:
            made, ours, theirs = list[bytes](), list[_Seconds](), list[_Seconds]()
            for number in range(-1, ROUNDS):
                begun = _Seconds.now(batch)
                made = list(pool.map(lambda _: batch.issue_and_read(pdf, APPROVALS)[0], range(FAST)))
                between = _Seconds.now(batch)
                for _ in range(STOCK):
                    asyncio.run(sealer._issue(pdf, list(APPROVALS)))
                if number >= 0:
                    ours.append(between.since(begun, FAST))
                    theirs.append(_Seconds.now(batch).since(between, STOCK))
        for issued in made[:: FAST // CHECKED]:
            check_issued(issued, pdf, sealer.trust_roots)
        queued = seconds_a_file(Path(folder), BatchSealer(sealer))
    (core, wall), (their_core, their_wall) = _medians(ours), _medians(theirs)
    told = "B-LTA, two signatures and three stamps each; ours read back too, one in fifty by pyHanko, theirs not"
    by_clock = f"{batch.at_once} made at once"
    with_rows = "ours from the queue to disk, database and log, as `sonang seal` does it; for scale, no aim"
    return [
        Row("contracts sealed, per core", 1 / core, "files/s", "pyHanko as it is", 1 / their_core, aim=20, note=told),
        Row("contracts sealed, by the clock", 1 / wall, "files/s", "pyHanko as it is", 1 / their_wall, aim=20, note=by_clock),
        Row("contracts issued from the queue", 1 / queued, "files/s", "pyHanko as it is", 1 / their_wall, aim=0, note=with_rows),
    ]


class _Seconds(NamedTuple):
    """Of processors, and by the clock."""

    core: float
    wall: float

    @classmethod
    def now(cls, batch: BatchSealer) -> _Seconds:
        return cls(process_time() + batch.audited_s, perf_counter())

    def since(self, begun: _Seconds, files: int) -> _Seconds:
        return _Seconds((self.core - begun.core) / files, (self.wall - begun.wall) / files)


def _medians(rounds: Sequence[_Seconds]) -> tuple[float, float]:
    return median(one.core for one in rounds), median(one.wall for one in rounds)


def events_logged() -> list[Row]:
    """Events appended to the log with their tree and root: ours durably in PostgreSQL, with numbers without gaps."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        engine = connect(server.url())
        try:
            upgrade(engine)
            sessions, unit, best = open_sessions(engine), os.urandom(32), float("inf")
            for _ in range(4):
                events = [DocumentEvent(unit, "sealed", os.urandom(32), os.urandom(32)) for _ in range(EVENTS)]
                begun = perf_counter()
                with sessions.begin() as session:
                    size = log_events(session, events)
                    root_at(session, size)
                best = min(best, perf_counter() - begun)
        finally:
            engine.dispose()
            server.close()
    theirs = answer_of([str(peers_python()), str(PEER), str(EVENTS)])
    ours, what = EVENTS / best, "document events logged"
    return [
        Row(what, ours, "events/s", "pymerkle, each with its root", theirs["singly"], aim=5, note="ours durable in PostgreSQL"),
        Row(what, ours, "events/s", "pymerkle, bytes in bulk", theirs["in_bulk"], aim=0, note="for scale; no aim"),
    ]


if __name__ == "__main__":
    for row in run():
        print(row)
