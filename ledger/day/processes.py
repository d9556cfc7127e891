"""The processes a day needs around it: one outbox worker and four oracle nodes, each started, watched and ended by pid."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 10


class Child:
    """One process this program started, with its log file."""

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

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        if self.alive:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Asks it to end, and kills it when it does not within ten seconds."""
        if not self.alive:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


def start(name: str, arguments: Sequence[str], log_dir: Path, environment: Mapping[str, str] | None = None) -> Child:
    """Starts `python ARGUMENTS` in a session of its own, so that a Ctrl-C reaches this program first; output goes to a log file."""
    log_dir.mkdir(parents=True, exist_ok=True)
    log = log_dir / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    return Child(name, process, log)


@contextlib.contextmanager
def running(children: list[Child]) -> Iterator[list[Child]]:
    """Ends every child on the way out, whatever happened; children added to the list meanwhile are ended too."""
    try:
        yield children
    finally:
        for child in reversed(children):
            child.stop()
