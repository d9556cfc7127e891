"""The local chain as a background service: up, down, status, reset, and nothing else to remember.

Everything lives in one folder: `anvil.json` (which process, which port), `anvil.log`, `lock`, `cache/` and the chain's state. The state
survives restarts; a copy made at every start is used when a power cut tore the file. Two `up` at once are serialised by the lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import orjson
import psutil

from ledger.chain import anvil
from ledger.chain.devchain_config import DevchainConfig, load_devchain_config
from ledger.errors import RuleError, UnavailableError
from ledger.settings import Settings, find_project_root

__all__ = ["Devchain", "DevchainStatus", "running_anvil"]

LOCK_TIMEOUT_S = 90.0
_PORT_ATTEMPTS = 5


@dataclass(frozen=True)
class DevchainStatus:
    """What can be said about the devchain now; block fields are None while it is down and has no state."""

    running: bool
    url: str | None
    port: int | None
    pid: int | None
    chain_id: int
    block_number: int | None
    block_timestamp: int | None
    state_file: Path

    def as_json(self) -> dict[str, object]:
        """The same as plain JSON values."""
        return {**self.__dict__, "state_file": str(self.state_file)}


@dataclass(frozen=True)
class _Owned:
    process: psutil.Process
    port: int

    @property
    def url(self) -> str:
        return f"http://{anvil.HOST}:{self.port}"


@dataclass(frozen=True)
class Devchain:
    """One devchain in one folder.

    Args:
        config: what the chain is.
        directory: where its process file, log, lock and cache live; made when missing.
        state: file its state is kept in.
        project_root: folder that holds `node_modules`.
    """

    config: DevchainConfig
    directory: Path
    state: Path
    project_root: Path | None

    @classmethod
    def of(cls, settings: Settings) -> Devchain:
        """The devchain of this installation."""
        config = load_devchain_config(settings.project_root)
        return cls(config, settings.state_dir / "devchain", settings.state_dir / config.state_file, settings.project_root)

    @property
    def url(self) -> str | None:
        """Address of the running chain, None while it is down."""
        owned = self._owned()
        return owned.url if owned else None

    @property
    def pid(self) -> int | None:
        """Process id of the running chain, None while it is down."""
        owned = self._owned()
        return owned.process.pid if owned else None

    def up(self, *, port: int | None = None) -> DevchainStatus:
        """Starts the chain where it stopped, or finds it running already; returns once it answers.

        Args:
            port: exactly this one; 0 takes any free one; None takes the configured one or, when that is taken, any free one.

        Raises:
            SettingsError: anvil is not installed.
            UnavailableError: the asked port is taken, the state cannot be read, or anvil does not answer.
        """
        with self._locked():
            owned = self._owned()
            if owned is None:
                owned = self._start(port)
            elif port not in (None, 0, owned.port):
                raise UnavailableError(
                    f"the devchain already runs on port {owned.port}",
                    field="port",
                    fix="`sonang devchain down` first, or leave the port out",
                )
            else:
                anvil.wait_until_ready(owned.process, owned.url, self.config)
        return self.status()

    def down(self) -> DevchainStatus:
        """Stops the chain and keeps its state; does nothing when it is down."""
        with self._locked():
            self._stop()
        return self.status()

    def reset(self) -> DevchainStatus:
        """Forgets the chain's state; it starts again from its genesis when it was running. Deployments on it are gone."""
        with self._locked():
            owned = self._owned()
            self._stop()
            for file in (self.state, self._backup):
                file.unlink(missing_ok=True)
            if owned is not None:
                self._start(owned.port)
        return self.status()

    def move_to(self, moment: int) -> DevchainStatus:
        """Moves the running chain's clock to a moment, Unix seconds, and mines until the newest final block has it too.

        Raises:
            UnavailableError: it is down.
            RuleError: its clock is there already, or past it: a chain's clock only moves forward.
        """
        with self._locked():
            before = self.status()
            if before.url is None or before.block_timestamp is None:
                raise UnavailableError("the devchain is down", fix="`sonang devchain up` first")
            if before.block_timestamp >= moment:
                raise RuleError("the devchain's clock is there already, or past it", field="clock", fix="nothing needs to be done")
            anvil.ask(before.url, "evm_setNextBlockTimestamp", hex(moment))
            anvil.ask(before.url, "anvil_mine", hex(1 + self.config.confirmations))
        return self.status()

    def status(self) -> DevchainStatus:
        """Whether it runs, where, and its head; while it is down, the head its state file holds."""
        owned = self._owned()
        down = DevchainStatus(False, None, None, None, self.config.chain_id, None, None, self.state)
        if owned is None:
            saved = anvil.read_saved(self.state)
            return replace(down, block_number=saved.block_number, block_timestamp=saved.timestamp) if saved else down
        head = cast("dict[str, str]", anvil.ask(owned.url, "eth_getBlockByNumber", "latest", False))
        return DevchainStatus(
            running=True,
            url=owned.url,
            port=owned.port,
            pid=owned.process.pid,
            chain_id=self.config.chain_id,
            block_number=int(head["number"], 16),
            block_timestamp=int(head["timestamp"], 16),
            state_file=self.state,
        )

    def kill(self) -> None:
        """Ends the chain at once without letting it write its state, as a power cut would. For tests of recovery."""
        owned = self._owned()
        if owned is not None:
            owned.process.kill()
            owned.process.wait(anvil.STOP_TIMEOUT_S)

    @property
    def _record(self) -> Path:
        return self.directory / "anvil.json"

    @property
    def _cache(self) -> Path:
        return self.directory / "cache"

    @property
    def _backup(self) -> Path:
        return self.state.with_suffix(".backup.json")

    def _owned(self) -> _Owned | None:
        """Our running process; None when the record is missing, torn, or its process id now belongs to another program."""
        try:
            record: dict[str, Any] = orjson.loads(self._record.read_bytes())
            process = psutil.Process(int(record["pid"]))
            same_birth = abs(process.create_time() - float(record["created"])) < 1.0
            command = process.cmdline()
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return None
        ours = same_birth and str(record["port"]) in command and Path(command[0]).name.startswith("anvil")
        return _Owned(process, int(record["port"])) if ours and not anvil.has_ended(process) else None

    def _start(self, port: int | None) -> _Owned:
        binary = anvil.anvil_binary(self.project_root)
        for folder in (self.directory, self.state.parent, self._cache):
            folder.mkdir(parents=True, exist_ok=True)
        saved = self._saved_or_restored()
        for attempt in range(_PORT_ATTEMPTS):
            chosen = _choose_port(port, self.config.port if attempt == 0 else 0)
            given = anvil.arguments(self.config, port=chosen, state=self.state, cache=self._cache, saved=saved)
            process = anvil.spawn(binary, given, self.directory / "anvil.log")
            owned = _Owned(process, chosen)
            self._write_record(owned)
            try:
                anvil.wait_until_ready(process, owned.url, self.config)
            except UnavailableError as wrong:
                if attempt + 1 < _PORT_ATTEMPTS and not port and not anvil.port_is_free(chosen):
                    continue
                raise UnavailableError(wrong.problem, fix=f"read {self.directory / 'anvil.log'}") from None
            if saved is not None and self.config.confirmations:
                # anvil remembers the state of its head only: enough new blocks make the newest final block provable again.
                anvil.ask(owned.url, "anvil_mine", hex(self.config.confirmations))
            return owned
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _saved_or_restored(self) -> anvil.Saved | None:
        saved = anvil.read_saved(self.state)
        if saved is None and self.state.exists():
            saved = anvil.read_saved(self._backup)
            if saved is None:
                raise UnavailableError("is torn and has no copy", field=str(self.state), fix="`sonang devchain reset` starts a new chain")
            shutil.copyfile(self._backup, self.state)
        elif saved is not None:
            shutil.copyfile(self.state, self._backup)
        return saved

    def _write_record(self, owned: _Owned) -> None:
        record = {"pid": owned.process.pid, "created": owned.process.create_time(), "port": owned.port, "url": owned.url}
        fresh = self._record.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(record))
        fresh.replace(self._record)

    def _stop(self) -> None:
        owned = self._owned()
        if owned is not None:
            anvil.stop(owned.process)
        self._record.unlink(missing_ok=True)
        shutil.rmtree(self._cache, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + LOCK_TIMEOUT_S
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise UnavailableError("another program has been starting or stopping the devchain for too long") from None
                    time.sleep(0.05)
            yield
        finally:
            os.close(handle)


@contextlib.contextmanager
def running_anvil(config: DevchainConfig | None = None, *, port: int = 0, directory: Path) -> Iterator[Devchain]:
    """A devchain of its own in `directory`, stopped at the end; for tests, benchmarks and rehearsals.

    Args:
        config: what the chain is; the project's `devchain.toml` when None.
        port: 0 takes any free one.
        directory: an empty folder, or one whose chain goes on where it stopped.
    """
    root = find_project_root()
    chosen = config or load_devchain_config(root)
    chain = Devchain(chosen, directory, directory / "state.json", root)
    try:
        chain.up(port=port)
        yield chain
    finally:
        chain.down()


def _choose_port(asked: int | None, configured: int) -> int:
    if asked:
        if not anvil.port_is_free(asked):
            raise UnavailableError(f"port {asked} is taken", field="port", fix="choose another one, or leave it out")
        return asked
    if asked is None and configured and anvil.port_is_free(configured):
        return configured
    return anvil.free_port()
