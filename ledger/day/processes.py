"""The processes a day needs around it, one outbox worker and four oracle nodes: each started, watched and ended by its own number."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr

from ledger.errors import UnavailableError
from ledger.settings import PREFIX, Settings

STOP_SECONDS = 10
TETHER = "ledger.day.tether"


class Child:
    """One process this program started, with its log file. It ends by itself when this program is gone."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def check(self) -> None:
        """Raises UnavailableError when it has ended by itself."""
        if not self.alive:
            code = self._process.returncode
            raise UnavailableError(f"ended with code {code}", field=self.name, fix=f"read {self.log}, then run the same command again")

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        if self.alive:
            self._process.kill()
        self._process.wait()
        self._let_go()

    def ask_to_end(self) -> None:
        """Sends SIGTERM."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Waits for its end, and kills it when that takes more than ten seconds."""
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()


def stop_all(children: Sequence[Child]) -> None:
    """Ends processes together."""
    for child in children:
        child.ask_to_end()
    for child in children:
        child.end()


def start(name: str, module: str, arguments: Sequence[str], settings: Settings) -> Child:
    """Starts `python -m MODULE ARGUMENTS`, tied to this process, with these settings; what it prints goes to a log file.

    It runs in a session of its own, so that a Ctrl-C reaches this program alone, which then ends its children in order.
    """
    folder = settings.state_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", TETHER, name, module, *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment(settings),
            start_new_session=True,
        )
    return Child(name, process, log)


def environment(settings: Settings) -> Mapping[str, str]:
    """These settings as the environment of a child."""
    plain = {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is not None:
            plain[PREFIX + name.upper()] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return plain
