"""Real witnesses over HTTP, in this process."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from threading import Thread

from aiohttp import web

from ledger.witness.http import build_app
from ledger.witness.witness import Witness


@contextlib.contextmanager
def serving(witnesses: Sequence[Witness]) -> Iterator[list[str]]:
    """The witnesses at work, each at its address."""
    loop = asyncio.new_event_loop()
    runners, found = list[web.AppRunner](), list[str]()

    async def start() -> None:
        for one in witnesses:
            runners.append(web.AppRunner(build_app(one)))
            await runners[-1].setup()
            await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
            found.append(f"http://127.0.0.1:{runners[-1].addresses[0][1]}")

    async def end() -> None:
        for runner in runners:
            await runner.cleanup()

    loop.run_until_complete(start())
    thread = Thread(target=loop.run_forever)
    thread.start()
    yield found
    asyncio.run_coroutine_threadsafe(end(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
