"""A witness as an operating-system process: its key file, its memory, a port on loopback, ended cleanly by SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ledger.listening import Listening, listen
from ledger.note_keys import load_note_key
from ledger.protocol.checkpoint import LOG, WITNESS, parse_note_key
from ledger.protocol.errors import ProtocolError
from ledger.witness.errors import StateError
from ledger.witness.http import build_app
from ledger.witness.memory import Memory
from ledger.witness.witness import Refusal, Witness

STOP_SECONDS = 5.0


@dataclass(frozen=True)
class WitnessConfig:
    """What a witness is started with.

    Attributes:
        key, name: file of its private key, readable by its owner only, and its name.
        memory: folder of what it signed last.
        logs: published keys of the logs it watches.
        port: where it listens on 127.0.0.1; 0 takes a free port.
        ready: file to write the port to once it listens, or None.
    """

    key: Path
    name: str
    memory: Path
    logs: tuple[str, ...]
    port: int = 0
    ready: Path | None = None


def run_witness(config: WitnessConfig, announce: Callable[[dict[str, object]], None], tell: Callable[[Refusal], None]) -> None:
    """Runs a witness until SIGTERM or SIGINT.

    Args:
        announce: told once, when it listens: its port, process id, url and published key.
        tell: told of each refused checkpoint that was signed by its log, once.

    Raises:
        KeyFileError, ProtocolError: the key file or a log's key cannot be used.
        StateError: the memory cannot be used, or the port is taken.
    """
    logs = [parse_note_key(text) for text in config.logs]
    if not logs or any(key.kind != LOG for key in logs):
        raise ProtocolError("no key of a log", field="--log", fix="name the published key of each log to watch")
    signer = load_note_key(config.key, config.name)
    how = Listening(config.port, config.ready, announce, _taken, STOP_SECONDS)
    with contextlib.closing(Memory(config.memory)) as memory:
        witness = Witness(signer, logs, memory, lambda: int(time.time()), tell)
        asyncio.run(listen(build_app(witness), how, {"key": signer.key(WITNESS).text()}))


def _taken(problem: str) -> StateError:
    return StateError(problem, field="port", fix="choose another, or 0")
