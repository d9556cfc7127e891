"""A chain of one's own with the contracts on it, a database, and everything a test may do to them: for tests that break things."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.deploying import deploy
from ledger.chain.devchain import Devchain, running_anvil
from ledger.chain.gateway import Gateway
from ledger.chain.indexer import Indexer
from ledger.chain.keys import operator_key
from ledger.chain.model import ChainEvent, OutboxIntent
from ledger.chain.outbox import enqueue
from ledger.chain.ripening import STUCK_S, ripen
from ledger.chain.sender import Patience, Sender
from ledger.db import open_sessions
from ledger.protocol.signers import eoa_signer
from ledger.settings import Settings
from ledger.worker import LEADER_LOCK

HALF_HOURS = (1800, 7 * 3600, 0, 0, 2)
"""A zone of half-hours in Vietnam that clears at one price and has no gate lead."""

WORKER = ("-m", "ledger.cli", "worker")


@dataclass
class ChainStage:
    """One test's chain, database and settings."""

    chain: Devchain
    engine: Engine
    settings: Settings
    gateway: Gateway
    sessions: sessionmaker[Session]
    workers: list[subprocess.Popen[str]] = field(default_factory=list)

    def sender(self, patience: Patience | None = None, gateway: Gateway | None = None) -> Sender:
        """A new sender with the operator's key, as a new process would have it."""
        return Sender(gateway or self.gateway, self.sessions, self.key, self.gateway.confirmations, patience or Patience(0.0, 60.0))

    def indexer(self) -> Indexer:
        """A new indexer, as a new process would have it."""
        return Indexer(self.gateway, self.sessions, self.gateway.confirmations)

    def work(self, rounds: int = 60) -> None:
        """Rounds of a worker, until nothing moves any more."""
        sender, indexer, quiet = self.sender(), self.indexer(), 0
        for _ in range(rounds):
            moved = indexer.advance().moved | sender.advance().moved
            if not moved:
                with self.sessions() as session:
                    moved = ripen(self.gateway, session, still_s=quiet * STUCK_S) > 0
            quiet = 0 if moved else quiet + 1
            if quiet > 2:
                return

    @property
    def key(self) -> bytes:
        """The operator's private key."""
        return operator_key(self.settings, self.gateway.chain_id)

    @property
    def operator(self) -> bytes:
        """The operator's address."""
        return eoa_signer(self.key)

    def rpc(self, method: str, *params: object) -> Any:
        """Anything the devchain can be told."""
        return self.gateway.rpc.ask(method, *params)

    def want_zone(self, key: str, zone: bytes | None = None, shape: Sequence[int] = HALF_HOURS) -> int:
        """Commits the wish to configure a zone (a new one when none is given); returns the intent's id. Each is one `ZoneConfigured`."""
        with self.sessions.begin() as session:
            args = [zone or os.urandom(32), tuple(shape)]
            return enqueue(session, self.gateway.calls, key=key, contract="Exchange", function="configureZone", args=args).id

    def intent(self, intent_id: int) -> OutboxIntent:
        """An intent as it is now."""
        with self.sessions() as session:
            return session.get_one(OutboxIntent, intent_id)

    def states(self) -> dict[str, int]:
        """How many intents are in each state."""
        with self.sessions() as session:
            return dict(session.execute(select(OutboxIntent.state, func.count()).group_by(OutboxIntent.state)).all())

    def kept_events(self, name: str = "ZoneConfigured") -> int:
        """How many events of a kind the database holds."""
        with self.sessions() as session:
            return session.scalar(select(func.count()).select_from(ChainEvent).where(ChainEvent.event == name)) or 0

    def events_on_chain(self, contract: str = "Exchange", name: str = "ZoneConfigured") -> int:
        """How many the chain holds now, asked of the node and of nobody else."""
        decoded = Indexer(self.gateway, self.sessions, 0)._decoder.decode(self.gateway.logs(0, self.gateway.block("latest").number))
        return sum((event.contract, event.event) == (contract, name) for event in decoded)

    def at_work(self) -> bool:
        """Whether a worker holds the worker's lock."""
        held = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
        with self.engine.connect() as connection:
            return bool(connection.scalar(text(held), {"lock": LEADER_LOCK}))

    def environment(self, **changes: str) -> dict[str, str]:
        """What a process needs to know to work here."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
        return {
            **plain,
            "SONANG_STATE_DIR": str(self.settings.state_dir),
            "SONANG_RPC_URL": str(self.settings.rpc_url),
            "SONANG_DEPLOYMENT_FILE": str(self.settings.deployment_file),
            "SONANG_DATABASE_URL": self.engine.url.render_as_string(hide_password=False),
            **changes,
        }

    def start_worker(self, *arguments: str, **changes: str) -> subprocess.Popen[str]:
        """A real worker process; ended with the stage if the test does not."""
        process = subprocess.Popen(
            [sys.executable, *WORKER, *arguments],
            cwd=Path(__file__).resolve().parents[1],
            env=self.environment(**changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.workers.append(process)
        return process


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns as soon as it holds; fails when it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


@contextlib.contextmanager
def chain_stage(engine: Engine, folder: Path, *, port: int = 0) -> Iterator[ChainStage]:
    """Starts an anvil in the folder, deploys the contracts, and ends everything afterwards."""
    with running_anvil(directory=folder / "chain", port=port) as chain:
        settings = Settings(state_dir=folder / "state", rpc_url=chain.url, deployment_file=folder / "deployment.json")
        deploy(settings)
        gateway = Gateway.connect(settings)
        stage = ChainStage(chain, engine, settings, gateway, open_sessions(engine))
        try:
            yield stage
        finally:
            for worker in stage.workers:
                worker.kill()
                worker.communicate()
            gateway.close()


class Proxy:
    """A real HTTP proxy before a real node, which can lose answers or refuse methods, as networks and other nodes do.

    Args:
        url: the node.
        refuse: methods answered with "method not found".
    """

    def __init__(self, url: str, refuse: Sequence[str] = ()) -> None:
        self.hold: str | None = None
        """A method whose request is passed on and whose answer never arrives."""
        self.swallow: str | None = None
        """A method whose request never arrives."""
        self.held = threading.Event()
        """Set once such a request or answer was withheld."""
        self._refuse = refuse
        self._release = threading.Event()
        self._url = url
        self._http = urllib3.PoolManager(retries=False)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                proxy._pass_on(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        asked = json.loads(body)
        methods = {each["method"] for each in (asked if isinstance(asked, list) else [asked])}
        if isinstance(asked, dict) and asked["method"] in self._refuse:
            error = {"code": -32601, "message": "the method does not exist/is not available"}
            answer = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "error": error}).encode()
        elif self.swallow not in methods:
            answer = self._http.request("POST", self._url, body=body, headers={"content-type": "application/json"}).data
        if methods & {self.hold, self.swallow}:
            self.held.set()
            self._release.wait()
            return
        handler.send_response(200)
        handler.send_header("content-length", str(len(answer)))
        handler.end_headers()
        with contextlib.suppress(OSError):
            handler.wfile.write(answer)

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_: object) -> None:
        self._release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._http.clear()


def through(proxy: Proxy, settings: Settings) -> Settings:
    """The same settings, with the proxy before the node."""
    return settings.model_copy(update={"rpc_url": proxy.url})
