"""A witness as an operating-system process: its key file, its memory, a port on loopback, ended cleanly by SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
from aiohttp import web

from ledger.note_keys import load_note_key
from ledger.protocol.checkpoint import LOG, WITNESS, NoteKey, NoteSigner, parse_note_key
from ledger.protocol.errors import ProtocolError
from ledger.witness.errors import StateError
from ledger.witness.http import build_app
from ledger.witness.memory import Memory
from ledger.witness.witness import Witness

HOST = "127.0.0.1"
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


def run_witness(config: WitnessConfig, announce: Callable[[dict[str, object]], None]) -> None:
    """Runs a witness until SIGTERM or SIGINT.

    Args:
        announce: told once, when it listens: its port, process id, url and published key.

    Raises:
        KeyFileError, ProtocolError: the key file or a log's key cannot be used.
        StateError: the memory cannot be used, or the port is taken.
    """
    logs = [parse_note_key(text) for text in config.logs]
    if not logs or any(key.kind != LOG for key in logs):
        raise ProtocolError("no key of a log", field="--log", fix="name the published key of each log to watch")
    signer = load_note_key(config.key, config.name)
    with contextlib.closing(Memory(config.memory)) as memory:
        asyncio.run(_serve(config, signer, logs, memory, announce))


async def _serve(
    config: WitnessConfig, signer: NoteSigner, logs: list[NoteKey], memory: Memory, announce: Callable[[dict[str, object]], None]
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    witness = Witness(signer, logs, memory, lambda: int(time.time()))
    runner = web.AppRunner(build_app(witness), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        port = await _listen(runner, config.port)
        line: dict[str, object] = {
            "port": port,
            "pid": os.getpid(),
            "url": f"http://{HOST}:{port}",
            "key": signer.key(WITNESS).text(),
        }
        if config.ready is not None:
            draft = config.ready.with_name(f"{config.ready.name}.{os.getpid()}")
            draft.write_bytes(orjson.dumps(line))
            draft.replace(config.ready)
        announce(line)
        await stop.wait()
    finally:
        await runner.cleanup()
        if config.ready is not None:
            config.ready.unlink(missing_ok=True)


async def _listen(runner: web.AppRunner, port: int) -> int:
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as problem:
        raise StateError(f"port {port} cannot be used: {problem.strerror}", field="port", fix="choose another, or 0") from None
    return int(runner.addresses[0][1])
