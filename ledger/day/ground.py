"""Everything a day stands on, opened in order and put away again whatever happens: lock, database, chain, contracts, keys, processes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.deploying import OracleSet, deploy
from ledger.chain.devchain import Devchain
from ledger.chain.gateway import Gateway
from ledger.chain.model import OutboxIntent
from ledger.day.keyring import Keyring
from ledger.day.nodes import MAX_FAULTY, appoint, oracle_signers
from ledger.day.processes import Child, start
from ledger.day.stage import Stage, Step
from ledger.db import open_engine, open_sessions, upgrade
from ledger.errors import ConflictError
from ledger.running import recorded
from ledger.settings import Settings

__all__ = ["chain", "database", "staged", "start_worker"]

GROUND = "Chuẩn bị · Getting ready"
AFRESH = "`make clean` starts chain and database afresh; SONANG_STATE_DIR and SONANG_DEPLOYMENT_FILE name another place"


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[sessionmaker[Session]]:
    """The database, for this program alone: a second day in the same folder is refused while one runs.

    Raises:
        ConflictError: another day runs.
        UnavailableError: the database does not answer.
    """
    with _alone(settings), recorded(settings.state_dir, "day"):
        engine = open_engine(settings)
        try:
            upgrade(engine)
            yield open_sessions(engine)
        finally:
            with _undisturbed():
                engine.dispose()


@contextlib.contextmanager
def chain(settings: Settings) -> Iterator[Gateway]:
    """The chain, without its contracts yet; a devchain that is down is started, and stopped at the end."""
    devchain = Devchain.of(settings)
    ours = settings.rpc_url is None and _take(settings, devchain)
    try:
        gateway = Gateway.connect_undeployed(settings)
        try:
            yield gateway
        finally:
            gateway.close()
    finally:
        if ours:
            with _undisturbed():
                devchain.down()
                _mark(settings).unlink(missing_ok=True)


@contextlib.contextmanager
def staged(settings: Settings, sessions: sessionmaker[Session], bare: Gateway, step: Step) -> Iterator[Stage]:
    """The contracts, deployed when they are not, and the keys of the simulated people; processes started on it end with it.

    Raises:
        ConflictError: the chain is new and the database is not.
        SettingsError: this is not the devchain.
    """
    if bare.is_devchain:
        _deploy(settings, sessions, step)
    gateway = Gateway.connect(settings)
    children: list[Child] = []
    try:
        keyring = Keyring(settings.state_dir / "keys", gateway.deployment.verifiers, gateway.chain_id)
        appoint(settings, gateway, oracle_signers(settings))
        step(GROUND, 1, 1)
        yield Stage(settings, sessions, gateway, keyring, step, children)
    finally:
        with _undisturbed():
            for child in reversed(children):
                child.stop()
            gateway.close()


def _deploy(settings: Settings, sessions: sessionmaker[Session], step: Step) -> None:
    """Puts the contracts on the devchain with the four nodes as oracles, unless they are there."""
    oracles = OracleSet(oracle_signers(settings), MAX_FAULTY)
    try:
        made = deploy(settings, oracles=oracles, report=lambda _what, done, total: step(GROUND, done, total))
    except ConflictError as other:
        raise ConflictError(other.problem, field=other.field, fix=AFRESH) from None
    with sessions() as session:
        remembered = session.scalar(select(func.count()).where(OutboxIntent.state.in_(("mined", "final"))))
    if made.fresh and remembered:
        raise ConflictError("the chain is new, but the database remembers another one", field="devchain", fix=AFRESH)


def start_worker(stage: Stage) -> None:
    """Starts the worker, once."""
    if stage.worker is None:
        stage.worker = start("worker", "ledger.cli", ["worker"], stage.settings)
        stage.children.append(stage.worker)


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
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


def _take(settings: Settings, devchain: Devchain) -> bool:
    """Starts the devchain when it is down; True when it is this program's to stop: started here, or by a run that was killed."""
    mark = _mark(settings)
    if devchain.pid is None:
        mark.unlink(missing_ok=True)
        devchain.up()
        mark.write_text(str(devchain.pid), encoding="ascii")
        return True
    devchain.up()
    return mark.exists() and mark.read_text(encoding="ascii") == str(devchain.pid)


def _mark(settings: Settings) -> Path:
    return settings.state_dir / "devchain" / "started-for-a-day"


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Lets nobody's second Ctrl-C interrupt the putting away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
