"""Contracts sealed to PAdES B-LTA and written into the log, beside the libraries other people would use.

Usage: python -m scripts.bench.sealing
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from time import perf_counter, process_time

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
from scripts.bench.rows import Row, answer_of
from scripts.sample import sealed

APPROVALS = (Approval("Khách hàng / Customer", "OTP"), Approval("Điện lực / Utility", "ví điện tử / wallet"))
FAST, STOCK, CHECKED = 300, 12, 12
EVENTS = 5_000
PEER = Path(__file__).with_name("log_peer.py")


def run() -> list[Row]:
    """Every row."""
    return [*contracts_sealed(), *events_logged()]


def contracts_sealed() -> list[Row]:
    """Two signatures, three time stamps and the validation data: by the fixed layout, and by pyHanko as it is; one authority for both.

    Processor time is what one core seals; the authority is another process. Wall time waits for its stamps one by one.
    """
    pdf = sealed()
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder, running_test_authority(Path(folder)):
        sealer = open_sealer(Settings(state_dir=Path(folder)))
        batch = BatchSealer(sealer)
        for _ in range(2):
            batch.issue_and_read(pdf, APPROVALS)
            asyncio.run(sealer._issue(pdf, list(APPROVALS)))
        begun, used = perf_counter(), process_time()
        made = [batch.issue_and_read(pdf, APPROVALS)[0] for _ in range(FAST)]
        wall, core = (perf_counter() - begun) / FAST, (process_time() - used) / FAST
        begun, used = perf_counter(), process_time()
        for _ in range(STOCK):
            asyncio.run(sealer._issue(pdf, list(APPROVALS)))
        their_wall, their_core = (perf_counter() - begun) / STOCK, (process_time() - used) / STOCK
        for issued in made[:: FAST // CHECKED]:
            check_issued(issued, pdf, sealer.trust_roots)
    told = "B-LTA, two signatures and three stamps each; ours read back too, theirs not"
    return [
        Row("contracts sealed, per core", 1 / core, "files/s", "pyHanko as it is", 1 / their_core, aim=20, note=told),
        Row("contracts sealed, stamps awaited", 1 / wall, "files/s", "pyHanko as it is", 1 / their_wall, aim=20, note="one connection"),
    ]


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
