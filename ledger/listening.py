"""A small server of ours as a process: a port on loopback, a line that says where, and an end in order on SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from aiohttp import web

from ledger.protocol.errors import SonangError
from ledger.whole_files import put

__all__ = ["HOST", "Listening", "listen"]

HOST: Final = "127.0.0.1"


@dataclass(frozen=True)
class Listening:
    """Where and how a server listens.

    Attributes:
        port: 0 takes a free one.
        ready: file for the line that says where, or None; it is gone when the server is.
        announce: told that line once.
        taken: the error when the port cannot be used, from the sentence that says so.
        stop_s: how long requests under way may take at the end.
    """

    port: int
    ready: Path | None
    announce: Callable[[dict[str, object]], None]
    taken: Callable[[str], SonangError]
    stop_s: float


async def listen(app: web.Application, how: Listening, about: Mapping[str, object]) -> None:
    """Serves until SIGTERM or SIGINT; the line is its port, process id and url, and what `about` adds."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=how.stop_s)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, how.port).start()
        except OSError as problem:
            raise how.taken(f"port {how.port} cannot be used: {problem.strerror}") from None
        port = int(runner.addresses[0][1])
        line: dict[str, object] = {"port": port, "pid": os.getpid(), "url": f"http://{HOST}:{port}", **about}
        if how.ready is not None:
            put(how.ready, orjson.dumps(line))
        how.announce(line)
        await stop.wait()
    finally:
        await runner.cleanup()
        if how.ready is not None:
            how.ready.unlink(missing_ok=True)
