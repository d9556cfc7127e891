"""`sonang serve` as a process: what it refuses, what it survives, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import make_url

from api.errors import Problem
from ledger.chain.deploying import deploy
from ledger.chain.devchain import Devchain
from ledger.chain.gateway import Gateway
from ledger.chain.indexer import Indexer
from ledger.db import connect, open_sessions
from ledger.embedded import EmbeddedPostgres, stop_server
from ledger.settings import Settings
from tests.chain_stage import eventually
from tests.conftest import disposing

PROGRAM = Path(sys.executable).with_name("sonang")
Spoken = tuple[subprocess.Popen[str], str]


def environment(settings: Settings) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    ours = {"STATE_DIR": settings.state_dir, "DEPLOYMENT_FILE": settings.deployment_file, "DATABASE_URL": settings.database_url}
    return {**plain, **{f"SONANG_{name}": str(value) for name, value in ours.items() if value is not None}}


@contextmanager
def serving(settings: Settings, *words: str) -> Iterator[Spoken]:
    """The server as a process and the address it says."""
    process = subprocess.Popen(
        [PROGRAM, "serve", "--port", "0", "--json", *words],
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)["url"]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], sent: signal.Signals) -> list[dict[str, object]]:
    """Ends it, and returns what it logged."""
    process.send_signal(sent)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    return [json.loads(line) for line in errors.splitlines()]


@pytest.fixture
def installation(open_path: Path) -> Iterator[Settings]:
    """A folder with a database server of its own, whose chain is not started yet."""
    server = EmbeddedPostgres(open_path / "postgres")
    try:
        url = server.url().render_as_string(hide_password=False)
        yield Settings(state_dir=open_path / "state", deployment_file=open_path / "deployment.json", database_url=url, log_level="error")
    finally:
        server.close()
        stop_server(open_path / "postgres")


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_logs_json_and_ends_cleanly(installation: Settings, sent: signal.Signals) -> None:
    with serving(installation) as (process, url):
        assert httpx.get(f"{url}health").json() == {"status": "alive"}
        assert httpx.get(f"{url}api/v1/zones", headers={"x-request-id": "mine"}).json() == {"items": [], "next": None}
        assert "Sổ Nắng" in httpx.get(url).text
        assert list((installation.state_dir / "run").glob("serve.*"))
        children = psutil.Process(process.pid).children(recursive=True)
        logged = ended(process, sent)
        assert next(line for line in logged if line.get("request_id") == "mine")["status"] == 200
        assert not list((installation.state_dir / "run").glob("serve.*"))
        assert [child for child in children if child.is_running()] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--host", "0.0.0.0"], "not every route asks"),  # noqa: S104 - refused
        (["--host", "192.168.1.2"], "give 127.0.0.1, ::1 or localhost"),
        (["--host", "::"], "can be reached by others"),
        (["--host", "example.org"], "is not an address"),
    ],
)
def test_it_refuses_to_leave_this_machine(tmp_path: Path, words: list[str], says: str) -> None:
    done = run(tmp_path, *words)
    assert done.returncode == 1
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_taken_port_is_one_line_that_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run(tmp_path, "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "choose another port" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_it_outlives_its_chain_and_its_database_and_finds_them_again(installation: Settings, open_path: Path) -> None:
    chain = Devchain.of(installation)
    try:
        with serving(installation) as (process, url), httpx.Client(base_url=url, timeout=60) as http:
            assert away(http, "/ready", "chain").fix.startswith("run `sonang devchain up`")
            chain.up(port=0)
            assert "no contracts are deployed" in away(http, "/ready", "chain").detail
            deploy(installation)
            assert away(http, "/ready", "indexer").fix == "run `sonang worker`"
            index(installation)
            ready(http)
            first = chain.url
            chain.down()
            away(http, "/ready", "chain")
            away(http, "/api/v1/chain", "")
            assert http.get("/api/v1/zones").status_code == 200
            assert http.get("/health").status_code == 200
            assert 'sonang_up{part="chain"} 0.0' in http.get("/metrics").text
            assert "the devchain is down" in http.get("/").text
            chain.up(port=0)
            assert chain.url != first
            ready(http)
            assert stop_server(open_path / "postgres")
            away(http, "/ready", "database")
            away(http, "/api/v1/zones", "database")
            away(http, "/", "database")
            assert 'sonang_up{part="database"} 0.0' in http.get("/metrics").text
            assert http.get("/health").status_code == 200
            with closing(EmbeddedPostgres(open_path / "postgres")):
                ready(http)
                assert http.get("/api/v1/zones").status_code == 200
            ended(process, signal.SIGTERM)
    finally:
        chain.down()


def run(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    settings = Settings(state_dir=state, deployment_file=state / "none.json")
    return subprocess.run([PROGRAM, "serve", *words], env=environment(settings), capture_output=True, text=True, check=False, timeout=60)


def away(http: httpx.Client, path: str, field: str) -> Problem:
    """The problem of a part that is away."""
    answer = http.get(path)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = Problem.model_validate_json(answer.content)
    assert (told.status, told.field) == (503, field), told
    assert answer.headers["retry-after"]
    return told


def ready(http: httpx.Client) -> None:
    eventually(lambda: http.get("/ready").status_code == 200)


def index(settings: Settings) -> None:
    """Takes in every block, as a worker would."""
    gateway = Gateway.connect(settings)
    assert settings.database_url is not None
    with disposing(connect(make_url(settings.database_url))) as engine:
        while Indexer(gateway, open_sessions(engine), gateway.confirmations).advance().moved:
            pass
    gateway.close()
