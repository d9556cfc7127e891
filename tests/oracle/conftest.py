"""A small village on a real chain, and oracle nodes as real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson
import pytest
import urllib3
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.protocol.quantities import new_id
from ledger.protocol.signers import eoa_signer, new_eoa_key, new_p256_key, p256_signer, sign_eoa, sign_p256
from ledger.protocol.typed_data import Meter, RegisterParty, digest
from oracle.delivery import Anchorage, Delivery
from oracle.keys import KeyKind, load_key, new_key
from oracle.profiles import SignedProfile
from oracle.vee import DAY_S
from tests.oracle.simulated_meters import sign_day

OFFSET_S = 7 * 3600
DAY = 1_456_790_400 - OFFSET_S
"""Midnight of 1 March 2016 at UTC+7."""
FOREVER = 2**63 - 1
ZONE_TERMS = (1800, OFFSET_S, 300, 60, 2)
POOL = urllib3.PoolManager(retries=False, timeout=20)


class Chain(Protocol):
    """What these tests use of the fixture `world`."""

    settings: Any
    gateway: Any
    deployer: bytes

    @property
    def deployment(self) -> Any: ...
    def send(self, contract: str, function: str, *args: object) -> Any: ...
    def reach(self, moment: int) -> None: ...


@dataclass
class NodeProcess:
    """An oracle node that runs as `python -m oracle`."""

    key: Path
    journal: Path
    rpc: str
    deployment: Path
    process: subprocess.Popen[bytes] | None = None
    url: str = ""

    def start(self, *, port: int = 0) -> NodeProcess:
        return self.launch(port).wait()

    def launch(self, port: int = 0) -> NodeProcess:
        self.ready.unlink(missing_ok=True)
        given = ["--key", self.key, "--journal", self.journal, "--rpc", self.rpc, "--deployment", self.deployment, "--ready", self.ready]
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "oracle", *map(str, given), "--port", str(port)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        return self

    def wait(self) -> NodeProcess:
        assert self.process is not None
        deadline = time.monotonic() + 30
        while not self.ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(self.log.read_text())
            time.sleep(0.02)
        told = orjson.loads(self.ready.read_bytes())
        assert told["pid"] == self.process.pid
        self.url = told["url"]
        return self

    @property
    def ready(self) -> Path:
        return self.journal.with_suffix(".ready")

    @property
    def log(self) -> Path:
        return self.journal.with_suffix(".log")

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, number)
        return self.process.wait(20)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"}
        data = None if body is None else orjson.dumps(body)
        answer = POOL.request(method, self.url + path, body=data, headers=headers)
        return answer.status, orjson.loads(answer.data)


@dataclass
class Village:
    """A zone with meters on the chain, and what it takes to speak for them."""

    world: Chain
    directory: Path
    zone: bytes = field(default_factory=new_id)
    meters: list[tuple[bytes, ec.EllipticCurvePrivateKey]] = field(default_factory=list)
    nodes: list[NodeProcess] = field(default_factory=list)

    def found(self, meters: int) -> None:
        self.world.send("Exchange", "configureZone", self.zone, ZONE_TERMS)
        for _ in range(meters):
            self.install()

    def install(self, *, capacity_w: int = 5_000, valid_from: int = 0) -> bytes:
        deployment, party, owner, key = self.world.deployment, new_id(), new_eoa_key(), new_p256_key()
        claim = RegisterParty(party, eoa_signer(owner), 0, FOREVER)
        signed = sign_eoa(owner, digest(deployment.domain("PartyRegistry"), claim))
        self.world.send("PartyRegistry", "register", party, claim.signer, FOREVER, signed)
        meter = Meter(new_id(), party, self.zone, p256_signer(key, deployment.verifiers), capacity_w, valid_from, FOREVER)
        agreed = sign_p256(key, digest(deployment.domain("MeterRegistry"), meter))
        struct = (party, self.zone, meter.signer, capacity_w, valid_from, FOREVER)
        self.world.send("MeterRegistry", "install", meter.meter, struct, agreed)
        self.meters.append((meter.meter, key))
        return meter.meter

    def profile(self, number: int, *, day: int = DAY, version: int = 1, export_wh: int = 400, salt: bytes | None = None) -> SignedProfile:
        """The day of a meter: it exports around noon and imports otherwise."""
        meter, key = self.meters[number]
        energies = {day + place * 1800: (0, export_wh + number) if 18 <= place < 30 else (150 + place + number, 0) for place in range(48)}
        domain = self.world.deployment.domain("MeterRegistry")
        return sign_day(meter, day, 1800, energies, key=key, profile_salt=salt or meter[::-1], domain=domain, version=version)

    def profiles(self, **changes: Any) -> list[SignedProfile]:
        return [self.profile(number, **changes) for number in range(len(self.meters))]

    def make_node(self, name: str, kind: KeyKind = KeyKind.EOA) -> NodeProcess:
        key = self.directory / f"{name}.key"
        new_key(key, kind)
        settings = self.world.settings
        return NodeProcess(key, self.directory / name, settings.rpc_url, settings.deployment_file)

    def appoint(self, nodes: Sequence[NodeProcess], max_faulty: int = 1) -> None:
        """Makes nodes the oracles of the chain."""
        signers = [load_key(node.key, self.world.deployment.verifiers).signer for node in nodes]
        self.world.gateway.send("ReadingAnchor", "setOracles", [signers, max_faulty], self.world.deployer)

    def delivery(self, *nodes: NodeProcess, **limits: Any) -> Delivery:
        gateway, deployment = self.world.gateway, self.world.deployment
        signers, faulty = gateway.call("ReadingAnchor", "oracles"), gateway.call("ReadingAnchor", "maxFaulty")
        anchorage = Anchorage(deployment.domain("ReadingAnchor"), tuple(signers), faulty, deployment.verifiers)
        return Delivery([node.url for node in nodes or self.nodes], anchorage, **limits)

    def anchor(self, quorum: Any) -> None:
        """Puts a quorum's statement on the chain."""
        readings = quorum.readings
        struct = (readings.zone, readings.period_start, readings.period_end, readings.version, readings.root, readings.count)
        self.world.send("ReadingAnchor", "anchor", [(struct, list(quorum.signers), list(quorum.signatures))])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test writes its readings."""
    return tmp_path / "readings.csv"


@pytest.fixture
def village(world: Chain, tmp_path: Path) -> Iterator[Village]:
    """Three homes; no node runs yet."""
    made = Village(world, tmp_path)
    made.found(3)
    yield made
    for node in made.nodes:
        if node.process is not None and node.process.poll() is None:
            node.end(signal.SIGKILL)


@pytest.fixture
def four_nodes(village: Village) -> Village:
    """The village with four running oracles, one of them with a P-256 key; its day has ended."""
    made = [village.make_node(f"node-{number}", KeyKind.P256 if number == 3 else KeyKind.EOA) for number in range(4)]
    village.appoint(made)
    village.world.reach(DAY + DAY_S)
    village.nodes += made
    for node in [node.launch() for node in made]:
        node.wait()
    return village


@pytest.fixture
def one_node(village: Village) -> Village:
    """The village with one running node that is its only oracle (f = 0); its day has ended."""
    node = village.make_node("node")
    village.appoint([node], 0)
    village.world.reach(DAY + DAY_S)
    village.nodes.append(node)
    node.start()
    return village
