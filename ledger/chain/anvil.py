"""One anvil process: found, started, waited for, stopped. Who owns it and where its files live is `devchain.py`'s business.

Measured on anvil 1.7.1 (docs/decisions/devchain-clock.md): a chain started again with its genesis time mines its next block in the past,
so a restart passes the last block's time instead; `anvil_setBlockTimestampInterval` with 0 makes time stand still until it is moved.
"""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil
import urllib3

from ledger.chain.devchain_config import DevchainConfig
from ledger.errors import SettingsError, UnavailableError

__all__ = ["Saved", "anvil_binary", "ask", "free_port", "port_is_free", "read_saved", "spawn", "stop", "wait_until_ready"]

HOST = "127.0.0.1"
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0
_ARCHITECTURES = {"x86_64": "amd64", "AMD64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Saved:
    """What a state file says about the chain it holds."""

    block_number: int
    timestamp: int


def anvil_binary(project_root: Path | None) -> Path:
    """The native program inside npm's package, run directly so that its process id is the chain's.

    Raises:
        SettingsError: the package is not installed for this platform.
    """
    system = "darwin" if sys.platform == "darwin" else "win32" if sys.platform == "win32" else "linux"
    package = f"anvil-{system}-{_ARCHITECTURES.get(platform.machine(), platform.machine())}"
    name = "anvil.exe" if system == "win32" else "anvil"
    binary = (project_root or Path.cwd()) / "node_modules" / "@foundry-rs" / package / "bin" / name
    if not binary.is_file():
        raise SettingsError("anvil is not installed", field=str(binary), fix="run `npm ci` in the project folder (make does it)")
    return binary


def read_saved(state: Path) -> Saved | None:
    """Head of the chain in a state file; None when the file is missing or was cut short by a crash."""
    try:
        block = orjson.loads(state.read_bytes())["block"]
        return Saved(int(block["number"], 16), int(block["timestamp"], 16))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def arguments(config: DevchainConfig, *, port: int, state: Path, cache: Path, saved: Saved | None) -> list[str]:
    """The command line after the program's name."""
    given = [
        *("--host", HOST, "--port", str(port), "--chain-id", str(config.chain_id), "--hardfork", config.hardfork),
        *("--accounts", str(config.accounts), "--balance", str(config.balance_ether), "--gas-limit", str(config.gas_limit)),
        *("--timestamp", str(saved.timestamp if saved else config.genesis_timestamp)),
        *("--state", str(state), "--cache-path", str(cache), "--max-persisted-states", "0"),
        *("--no-request-size-limit", "--enable-tx-gas-limit", "--quiet"),
    ]
    if config.state_interval_s:
        given += ["--state-interval", str(config.state_interval_s)]
    if config.block_time_s:
        given += ["--block-time", str(config.block_time_s)]
    return given


def spawn(binary: Path, given: list[str], log: Path) -> psutil.Process:
    """Starts anvil in its own session, so that Ctrl-C in our terminal does not reach it; it outlives this program.

    Our own settings are kept out of its environment: it needs no secret of ours.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SONANG_", "ANVIL_", "FOUNDRY_", "DAPP_"))}
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), appending, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawn(binary, [str(binary), *given], clean, file_actions=actions, setsid=True)
    return psutil.Process(pid)


def wait_until_ready(process: psutil.Process, url: str, config: DevchainConfig) -> None:
    """Returns once our process answers and its clock is set; another chain that took the port meanwhile answers for nobody.

    Raises:
        UnavailableError: it ended (its port was taken, its state file unreadable) or stayed silent for a minute.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if has_ended(process):
            raise UnavailableError("anvil ended while starting", fix="read its log beside the state file")
        with contextlib.suppress(UnavailableError):
            ask(url, "eth_chainId", timeout_s=1.0)
            if _listens(process, url):
                if not config.block_time_s:
                    ask(url, "anvil_setBlockTimestampInterval", config.clock_step_s)
                return
        time.sleep(0.02)
    stop(process)
    raise UnavailableError(f"anvil did not answer on {url} within {START_TIMEOUT_S:.0f} s", fix="read its log beside the state file")


def _listens(process: psutil.Process, url: str) -> bool:
    port = urllib3.util.parse_url(url).port
    with contextlib.suppress(psutil.NoSuchProcess):
        return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in process.net_connections("tcp"))
    return False


def has_ended(process: psutil.Process) -> bool:
    """Whether the process is gone, or is a zombie that only waits for its parent to notice."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop(process: psutil.Process, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Terminates (anvil then writes its state), waits, and kills only if that is ignored. True when it ended by itself."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(timeout_s)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
            return False
    return True


def ask(url: str, method: str, *params: object, timeout_s: float = 10.0) -> object:
    """One plain JSON-RPC question, for the devchain's own housekeeping only; everything else goes through the gateway.

    Raises:
        UnavailableError: no answer, or the node refused.
    """
    body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    try:
        with urllib3.PoolManager(retries=False, timeout=timeout_s) as pool:
            answer = orjson.loads(pool.request("POST", url, body=body, headers={"Content-Type": "application/json"}).data)
    except (urllib3.exceptions.HTTPError, ValueError) as wrong:
        raise UnavailableError(f"{url} did not answer: {type(wrong).__name__}") from None
    if not isinstance(answer, dict) or "result" not in answer:
        raise UnavailableError(f"{url} refused {method}: {answer}")
    return answer["result"]


def port_is_free(port: int) -> bool:
    """Whether nobody listens on the loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port the operating system says is free."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
