"""What tests stand on: a real PostgreSQL server and a real chain, one of each a test process, fresh for every test at little cost."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain import anvil, keys
from ledger.chain.calls import Calls
from ledger.chain.deploying import deploy
from ledger.chain.deployment import Deployment
from ledger.chain.devchain import Devchain, running_anvil
from ledger.chain.gateway import Gateway, Receipt
from ledger.db import connect, open_sessions, upgrade
from ledger.embedded import EmbeddedPostgres
from ledger.logs import log_as_json
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.sealing.sealer import Sealer
    from ledger.test_authority.files import AuthorityFiles
    from tests.chain_stage import ChainStage
    from tests.ledger.agreements.town import Town
    from tests.ledger.market.valley import Valley
    from tests.ledger.sealing.office import Issued
    from tests.ledger.signing.hall import Hall

TEMPLATE = "sonang_template"
DEPLOYMENT = "deployment.json"
MEMORY, ROOM_BYTES = Path("/dev/shm"), 4 * 2**30  # noqa: S108 - Linux keeps this folder in memory
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long stories run first, so that at the end short files fill what is left of the processes' time."""
    items.sort(key=lambda item: "stories" not in item.path.parts)


@pytest.fixture(autouse=True)
def logs_as_in_service() -> None:
    """Every test hears what a service logs, even after another ran a command in this process, whose logs tell warnings only."""
    log_as_json("info")


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that an embedded server run by root can reach: pytest closes its own to other users whenever another pytest starts."""
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server whose database `sonang_template` holds the schema; it trades durability for speed, as tests may.

    It lies in memory where there is room: a database is copied for every test, which takes a disk ten times as long.
    """
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    with tempfile.TemporaryDirectory(prefix="sonang-", dir=MEMORY if roomy else None) as folder:
        yield from _serving(Path(folder) / "postgres")


def _serving(directory: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(directory)
    try:
        administer(server, *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")))
        administer(server, "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        with disposing(connect(server.url(TEMPLATE))) as template:
            upgrade(template)
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    """An engine whose connections are closed at the end."""
    try:
        yield engine
    finally:
        engine.dispose()


def administer(server: EmbeddedPostgres, *statements: str) -> None:
    """Runs statements that must stand outside a transaction."""
    with disposing(connect(server.url())) as admin, admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def engine(postgres: EmbeddedPostgres) -> Iterator[Engine]:
    """A database of this test's own, with the schema and no rows."""
    name = f"test_{next(_numbers)}"
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    with disposing(connect(postgres.url(name))) as fresh:
        yield fresh
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions on this test's database."""
    return open_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session; nothing is committed unless the test does."""
    with sessions() as opened:
        yield opened


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Devchain]:
    """A devchain of this test process with the contracts deployed; tests use `devchain` or `world`, which put it back as it was."""
    directory = tmp_path_factory.mktemp("chain")
    with running_anvil(directory=directory) as running:
        deploy(Settings(state_dir=directory, rpc_url=running.url, deployment_file=directory / DEPLOYMENT))
        yield running


@pytest.fixture
def devchain(chain: Devchain) -> Iterator[Devchain]:
    """The running devchain; whatever this test does to it is undone afterwards."""
    assert chain.url is not None
    snapshot = anvil.ask(chain.url, "evm_snapshot")
    yield chain
    anvil.ask(chain.url, "evm_revert", snapshot)
    if not chain.config.block_time_s:
        anvil.ask(chain.url, "anvil_setBlockTimestampInterval", chain.config.clock_step_s)


@dataclass(frozen=True)
class World:
    """A devchain with the contracts, connected, and the keys that may act on it. Its clock stands at 2016-01-01 until a test moves it."""

    settings: Settings
    devchain: Devchain
    gateway: Gateway
    deployer: bytes
    operator: bytes
    guardian: bytes

    @property
    def deployment(self) -> Deployment:
        """Where the contracts are."""
        return self.gateway.deployment

    @property
    def calls(self) -> Calls:
        """Calls as bytes."""
        return self.gateway.calls

    def send(self, contract: str, function: str, *args: object) -> Receipt:
        """Sends a call with the operator's key."""
        return self.gateway.send(contract, function, args, self.operator)

    def reach(self, moment: int) -> None:
        """Mines a block at a later time, Unix seconds."""
        self.gateway.set_next_block_time(moment)
        self.gateway.mine()


@pytest.fixture
def world(devchain: Devchain, tmp_path: Path) -> Iterator[World]:
    """The chain with the contracts on it, put back afterwards; `world.settings` has no database (use `settings` for both)."""
    chosen = Settings(state_dir=tmp_path / "state", rpc_url=devchain.url, deployment_file=devchain.directory / DEPLOYMENT)
    gateway = Gateway.connect(chosen)
    made = [key(chosen, gateway.chain_id) for key in (keys.deployer_key, keys.operator_key, keys.guardian_key)]
    yield World(chosen, devchain, gateway, *made)
    gateway.close()


@pytest.fixture
def settings(world: World, engine: Engine) -> Settings:
    """Settings of an installation with this test's chain and this test's database."""
    return world.settings.model_copy(update={"database_url": engine.url.render_as_string(hide_password=False)})


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The same settings as environment variables, for processes a test starts."""
    ours = {
        "SONANG_STATE_DIR": str(settings.state_dir),
        "SONANG_RPC_URL": str(settings.rpc_url),
        "SONANG_DEPLOYMENT_FILE": str(settings.deployment_file),
        "SONANG_DATABASE_URL": str(settings.database_url),
    }
    return {**{name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}, **ours}


@pytest.fixture
def town(world: World, sessions: sessionmaker[Session], tmp_path: Path) -> Town:
    """People with keys on a real chain; documents in a folder of this test's own."""
    from ledger.agreements.store import DocumentStore
    from tests.ledger.agreements.town import Town

    return Town(world.gateway, sessions, DocumentStore(tmp_path / "agreements"), world.operator, world.guardian)


@pytest.fixture
def hall(town: Town, sessions: sessionmaker[Session], tmp_path: Path) -> Hall:
    """A desk on a real chain and a real database, with a key messages are sealed to."""
    from ledger.messages.sealing import prepare
    from tests.ledger.signing.hall import Hall

    with sessions.begin() as session:
        return Hall(town, prepare(session, Settings(state_dir=tmp_path / "state", mailbox=True)))


@pytest.fixture
def valley(session: Session, world: World, town: Town) -> Valley:
    """A zone with its people, meters and agreements on a real chain."""
    from tests.ledger.market.valley import settle_valley

    return settle_valley(session, town, world.deployer)


@pytest.fixture
def stage(engine: Engine, tmp_path: Path) -> Iterator[ChainStage]:
    """A fresh chain with the contracts, which a test may break, and an empty database."""
    from tests.chain_stage import chain_stage

    with chain_stage(engine, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The repository."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthorityFiles]:
    """A test authority of this test process, answering: certificates, revocation, time stamps."""
    from ledger.test_authority.running import running_test_authority

    with running_test_authority(tmp_path_factory.mktemp("authority")) as files:
        yield files


@pytest.fixture(scope="session")
def sealer(authority: AuthorityFiles) -> Sealer:
    """A sealer with that authority's certificates, as the settings of a devchain make it."""
    from ledger.sealing.sealer import open_sealer

    return open_sealer(Settings(state_dir=authority.directory.parent))


@pytest.fixture(scope="session")
def issued(sealer: Sealer) -> Issued:
    """One issued agreement, made once."""
    from tests.ledger.agreements.samples import sample
    from tests.ledger.sealing.office import APPROVALS, Issued

    return Issued(sample().pdf, *sealer.issue_and_read(sample().pdf, APPROVALS))


@pytest.fixture(scope="session")
def signing_service(authority: AuthorityFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a remote signing service answers that has the utility's key."""
    from tests.ledger.sealing.signing_service import running_service

    with running_service(authority, tmp_path_factory.mktemp("service")) as url:
        yield url
