"""Everything a day stands on, opened in order and put away again whatever happens: database, chain, contracts, keys, processes."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.deploying import OracleSet, deploy
from ledger.chain.deployment import CONTRACTS
from ledger.chain.devchain import Devchain
from ledger.chain.gateway import Gateway
from ledger.day.keyring import Keyring
from ledger.day.memory import afresh, only_once
from ledger.day.nodes import MAX_FAULTY, appoint, oracle_signers
from ledger.day.processes import Child, start, stop_all
from ledger.day.signals import deferred
from ledger.day.stage import Stage, Step
from ledger.db import open_engine, open_sessions, upgrade
from ledger.errors import ConflictError
from ledger.running import recorded
from ledger.settings import Settings
from ledger.signing.utility import utility_key

__all__ = ["alone", "chain", "database", "staged", "start_worker"]

GROUND = "Chuẩn bị · Getting ready"
GROUND_STEPS = len(CONTRACTS) + 2
"""Every contract, then the roles, then the oracles."""
STARTING = "starting"


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """The database, opened and up to date.

    Raises:
        UnavailableError: the database does not answer.
    """
    with recorded(settings.state_dir, "day"), contextlib.ExitStack() as opened:
        with deferred():
            engine = open_engine(settings)
            opened.callback(_put_away, engine.dispose)
        upgrade(engine)
        yield open_sessions(engine)


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """One run at a time in a state folder.

    Raises:
        ConflictError: another one is at it.
    """
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.state_dir / "day.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fix = "wait for it, or name another folder with SONANG_STATE_DIR"
            raise ConflictError("another day runs here", field=str(settings.state_dir), fix=fix) from None
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def chain(settings: Settings) -> Iterator[Gateway]:
    """The chain, without its contracts yet. A devchain that is down is started; the last run that uses one it started stops it."""
    with contextlib.ExitStack() as opened:
        if settings.rpc_url is None:
            opened.enter_context(_devchain(settings))
        gateway = Gateway.connect_undeployed(settings)
        opened.callback(gateway.close)
        yield gateway


@contextlib.contextmanager
def staged(settings: Settings, sessions: sessionmaker[Session], bare: Gateway, step: Step) -> Iterator[Stage]:
    """The contracts, deployed when they are not, and the keys of the simulated people; processes started on it end with it.

    Raises:
        ConflictError: the chain is new and the database is not, or other contracts are deployed.
        NotFoundError: the record of the chain's contracts is missing.
        SettingsError: this is not the devchain.
    """
    if bare.is_devchain:
        _deploy(settings, sessions, step)
    gateway = Gateway.connect(settings)
    children: list[Child] = []
    try:
        keyring = Keyring(
            settings.state_dir / "keys", gateway.deployment.verifiers, gateway.chain_id, utility_key(settings, gateway.chain_id)
        )
        appoint(settings, gateway, oracle_signers(settings))
        step(GROUND, GROUND_STEPS, GROUND_STEPS)
        yield Stage(settings, sessions, gateway, keyring, step, children)
    finally:
        _put_away(lambda: stop_all(children), gateway.close)


def _deploy(settings: Settings, sessions: sessionmaker[Session], step: Step) -> None:
    """Puts the contracts on the devchain with the four nodes as oracles, unless they are there."""
    oracles = OracleSet(oracle_signers(settings), MAX_FAULTY)
    guard = only_once(settings, sessions)
    try:
        made = deploy(settings, oracles=oracles, report=lambda _what, done, _total: step(GROUND, done, GROUND_STEPS), guard=guard)
        if made.other_sources:
            raise ConflictError(f"deployed from other sources: {', '.join(made.other_sources)}", field=str(made.path))
    except ConflictError as other:
        raise ConflictError(other.problem, field=other.field, fix=afresh(settings)) from None


def start_worker(stage: Stage) -> None:
    """Starts the worker, once."""
    if stage.worker is None:
        stage.worker = start("worker", "ledger.cli", ["worker"], stage.settings)
        stage.children.append(stage.worker)


@contextlib.contextmanager
def _devchain(settings: Settings) -> Iterator[None]:
    """Every run holds a shared lock for as long as it uses the chain; who finds nobody else there at the end stops it.

    The mark names the process a run started, so that one a person started is left alone, and one that a killed run left is not. It is
    made before that process is.
    """
    devchain, folder = Devchain.of(settings), settings.state_dir / "devchain"
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "started-for-a-day"
    handle = os.open(folder / "day.users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with deferred():
            fcntl.flock(handle, fcntl.LOCK_SH)
            if devchain.pid is None:
                mark.write_text(STARTING, encoding="ascii")
                devchain.up()
            if mark.exists() and mark.read_text(encoding="ascii") == STARTING:
                mark.write_text(str(devchain.pid), encoding="ascii")
        yield
    finally:
        with deferred():
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if mark.exists() and mark.read_text(encoding="ascii") == str(devchain.pid):
                    devchain.down()
                    mark.unlink()
            os.close(handle)


def _put_away(*steps: Callable[[], object]) -> None:
    with deferred():
        for step in steps:
            step()
