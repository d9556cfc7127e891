"""The chain's two ends against web3.py on one devchain, and what a record costs in gas.

Ours is the whole path: an intent committed with its decision, foreseen, signed, stored, sent, found in its block and final. The peer is
`contract.functions.f(…).transact()`, which returns as soon as the node has the transaction and remembers nothing.

Usage: python -m scripts.bench.chain
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.deploying import deploy
from ledger.chain.devchain import running_anvil
from ledger.chain.events import EventDecoder
from ledger.chain.gateway import Gateway
from ledger.chain.keys import PUBLISHED_KEYS
from ledger.chain.model import OutboxIntent
from ledger.chain.outbox import enqueue
from ledger.db import database
from ledger.protocol.leaves import FillLeaf
from ledger.protocol.merkle import MerkleTree
from ledger.protocol.signers import eoa_signer, sign_eoa
from ledger.protocol.typed_data import Agreement, Clearing, Readings, RegisterParty, TypedStruct, digest
from ledger.settings import Settings
from scripts.bench.rows import Row, race, seconds

ROUNDS = 3
OUR_CALLS, THEIR_CALLS = 1_000, 100
"""Calls of one round."""
UNITS, UNIT_S = 48, 1_800
FILLS = 100
"""Fills of one market time unit."""
METERS = 40
ZONES = 10
"""Zones whose days are anchored together."""
TRANSFER_GAS = 21_000
"""What any transaction costs before it does anything."""


class Ground:
    """A fresh chain with the contracts and a fresh database, both in a folder that goes away."""

    def __init__(self, settings: Settings, gateway: Gateway, sessions: sessionmaker[Session]) -> None:
        self.settings = settings
        self.gateway = gateway
        self.sessions = sessions
        self.zone = os.urandom(32)

    def ask(self, calls: Sequence[tuple[str, str, Sequence[Any]]]) -> list[int]:
        """Commits the wish for calls; returns their intents' ids."""
        with self.sessions.begin() as session:
            return [
                enqueue(session, self.gateway.calls, key=os.urandom(8).hex(), contract=contract, function=function, args=args).id
                for contract, function, args in calls
            ]

    def wait(self) -> None:
        """Returns once the worker has brought everything to its end."""
        still_open = select(OutboxIntent.id).where(OutboxIntent.state.in_(("queued", "sent", "mined"))).limit(1)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with self.sessions() as session:
                if session.scalar(still_open) is None:
                    return
            time.sleep(0.02)
        raise RuntimeError("the worker did not finish in two minutes")

    def gas(self, ids: Sequence[int]) -> int:
        """What finished intents cost; raises when one of them failed."""
        with self.sessions() as session:
            rows = session.scalars(select(OutboxIntent).where(OutboxIntent.id.in_(ids))).all()
        failed = [row.error for row in rows if row.state != "final"]
        if failed:
            raise RuntimeError(f"a call did not become final: {failed[0]}")
        return sum(row.gas_used or 0 for row in rows)

    def done(self, *calls: tuple[str, str, Sequence[Any]]) -> int:
        """Makes calls happen and returns their gas."""
        ids = self.ask(calls)
        self.wait()
        return self.gas(ids)

    def sign(self, contract: str, value: TypedStruct, key: bytes) -> bytes:
        """A signature over a struct for one of the contracts."""
        return sign_eoa(key, digest(self.gateway.deployment.domain(contract), value))

    def web3(self, contract: str) -> Any:
        """web3.py's view of a contract, sending from the operator's account."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from web3 import HTTPProvider, Web3  # noqa: PLC0415 - a peer, slow to import
        web3 = Web3(HTTPProvider(self.settings.rpc_url))
        web3.eth.default_account = Web3.to_checksum_address(eoa_signer(PUBLISHED_KEYS[1]))
        return web3.eth.contract(Web3.to_checksum_address(self.gateway.deployment.address(contract)), abi=self.gateway.abi(contract))


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """Starts everything and takes it down again."""
    with tempfile.TemporaryDirectory() as folder, running_anvil(directory=Path(folder) / "chain") as chain:
        settings = Settings(state_dir=Path(folder), rpc_url=chain.url, deployment_file=Path(folder) / "deployment.json")
        deploy(settings)
        with database(settings) as sessions, contextlib.closing(Gateway.connect(settings)) as gateway:
            program = [sys.executable, "-m", "ledger.cli", "worker"]
            worker = subprocess.Popen(program, env=environment(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                here = Ground(settings, gateway, sessions)
                here.done(zone_call())
                yield here
            finally:
                worker.terminate()
                worker.wait()


def environment(settings: Settings) -> dict[str, str]:
    """What the worker's process is told."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    ours = ("state_dir", "rpc_url", "deployment_file")
    return {**plain, **{f"SONANG_{name.upper()}": str(getattr(settings, name)) for name in ours}}


def run() -> list[Row]:
    """Every comparison."""
    with ground() as here:
        ours_s, theirs_s = call_seconds(here)
        note = "ours until final, theirs handed over"
        return [
            Row("calls made", 1 / ours_s, "tx/s", "web3.py contract.transact()", 1 / theirs_s, 5, note=note),
            decoding(here),
            *day(here, theirs_s),
            batched_anchor(here),
            agreement(here),
        ]


def zone_call(zone: bytes | None = None) -> tuple[str, str, list[Any]]:
    """A small call that the operator may make as often as it likes; one event."""
    return "Exchange", "configureZone", [zone or os.urandom(32), (UNIT_S, 7 * 3600, 0, 0, 2)]


def call_seconds(here: Ground) -> tuple[float, float]:
    """Seconds of one call, ours and web3.py's at their best; they take turns."""
    configure = here.web3("Exchange").functions.configureZone
    ours, theirs = [], []
    for _ in range(ROUNDS):
        prepared = [configure(*zone_call()[2]) for _ in range(THEIR_CALLS)]
        theirs.append(seconds(lambda calls=prepared: [call.transact() for call in calls]) / THEIR_CALLS)  # type: ignore[misc]
        calls = [zone_call() for _ in range(OUR_CALLS)]
        ours.append(seconds(lambda calls=calls: here.done(*calls)) / OUR_CALLS)  # type: ignore[misc]
    return min(ours), min(theirs)


def decoding(here: Ground) -> Row:
    """Every event of the chain asked for and decoded, against web3.py's `get_logs`; both must find the same."""
    last = here.gateway.block("latest").number
    decoder = EventDecoder({"Exchange": (here.gateway.deployment.address("Exchange"), here.gateway.abi("Exchange"))})
    event = here.web3("Exchange").events.ZoneConfigured()
    found: list[int] = []

    def ours() -> None:
        events = decoder.decode(here.gateway.logs(0, last, ["Exchange"]))
        found.append(sum(each.event == "ZoneConfigured" for each in events))

    def theirs() -> None:
        found.append(len(event.get_logs(from_block=0)))

    ours_s, theirs_s = race(ours, theirs)
    if len(set(found)) != 1:
        raise RuntimeError(f"the two find different numbers of events: {sorted(set(found))}")
    return Row("logs fetched and decoded", found[0] / ours_s, "events/s", "web3.py get_logs", found[0] / theirs_s, 20)


def day(here: Ground, each_s: float) -> list[Row]:
    """A day's readings anchored and its fills settled, in time and in gas."""
    here.done(zone_call(here.zone))
    now = here.gateway.block("latest").timestamp
    start = (now // 86_400 + 2) * 86_400 - 7 * 3_600
    roots = [os.urandom(32) for _ in range(UNITS)]
    here.done(*(("Exchange", "commitOrders", [here.zone, start + at * UNIT_S, roots[at], 80]) for at in range(UNITS)))
    here.gateway.set_next_block_time(start + 86_400)
    here.gateway.mine()
    readings = Readings(here.zone, start, start + 86_400, 1, os.urandom(32), METERS * UNITS)
    anchored = here.done(anchor_call(here, [readings]))
    posted: list[int] = []
    took = seconds(lambda: posted.append(here.done(("Exchange", "postClearings", [readings, cleared(here.zone, start, roots)]))))
    fills = UNITS * FILLS
    return [
        Row("fills made final", fills / took, "fills/s", "web3.py, one transaction a trade", 1 / each_s, 100),
        Row("one anchored root, alone", anchored, "gas", "the limit we set", 50_000, 1, True, "the aim of a root; only a batch reaches it"),
        Row("one anchored reading", anchored / readings.count, "gas", "a bare transaction a reading", TRANSFER_GAS, 100, True),
        Row("one cleared fill", posted[0] / fills, "gas", "a bare transaction a trade", TRANSFER_GAS, 20, True, f"{FILLS} a unit"),
    ]


def anchor_call(here: Ground, days: Sequence[Readings]) -> tuple[str, str, list[Any]]:
    """Days of readings, each signed by a quorum of the oracles, in one call."""
    oracles = PUBLISHED_KEYS[4:6]
    signers = [eoa_signer(key) for key in oracles]
    return "ReadingAnchor", "anchor", [[(each, signers, [here.sign("ReadingAnchor", each, key) for key in oracles]) for each in days]]


def batched_anchor(here: Ground) -> Row:
    """A day of several zones in one transaction: what a utility pays a root."""
    now = here.gateway.block("latest").timestamp
    days = [Readings(os.urandom(32), now - 86_400, now, 1, os.urandom(32), METERS * UNITS) for _ in range(ZONES)]
    gas = here.done(anchor_call(here, days)) / ZONES
    return Row("one anchored root", gas, "gas", "the limit we set", 50_000, 1, True, f"{ZONES} zones together, any number of readings")


def cleared(zone: bytes, start: int, roots: Sequence[bytes]) -> list[Clearing]:
    """A day's clearings with their fills' trees built; each fill sells or buys one kWh."""
    made = []
    for at, orders_root in enumerate(roots):
        begin = start + at * UNIT_S
        leaves = [fill(zone, begin, index).leaf_hash() for index in range(FILLS)]
        traded = FILLS // 2 * 1_000
        amounts = (traded, traded, traded, 0, 0, 0)
        made.append(Clearing(zone, begin, begin + UNIT_S, orders_root, 1, 2, 1_500, 671, 2_204, *amounts, MerkleTree(leaves).root, FILLS))
    return made


def fill(zone: bytes, start: int, index: int) -> FillLeaf:
    """One kWh sold or bought by somebody."""
    party, meter, order, salt = (os.urandom(32) for _ in range(4))
    return FillLeaf(zone, start, index, party, meter, order, index % 2, 1_000, 1_500, salt)


def agreement(here: Ground) -> Row:
    """One sale agreement between two parties, each signing with a wallet."""
    now = here.gateway.block("latest").timestamp
    keys, parties = PUBLISHED_KEYS[8:10], (os.urandom(32), os.urandom(32))
    signers = [eoa_signer(key) for key in keys]
    for party, key, signer in zip(parties, keys, signers, strict=True):
        proof = here.sign("PartyRegistry", RegisterParty(party, signer, 0, now + 3_600), key)
        here.done(("PartyRegistry", "register", [party, signer, now + 3_600, proof]))
    value = Agreement(
        os.urandom(32), os.urandom(32), 40_000, os.urandom(32), os.urandom(32), parties, now, now + 10**8, bytes(32), now + 3_600
    )
    signatures = [here.sign("AgreementRegistry", value, key) for key in keys]
    gas = here.done(("AgreementRegistry", "record", [value, os.urandom(32), signers, signatures]))
    return Row("one agreement of two parties", gas, "gas", "a bare transaction a signature", 2 * TRANSFER_GAS, 0, True, "for scale; no aim")


if __name__ == "__main__":
    for line in run():
        print(line)
