"""A node as an operating-system process: opened from its files, listening on loopback, ended cleanly by SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
from aiohttp import web

from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import Verifiers
from oracle.chain import ChainReader
from oracle.contracts import Contracts, load_contracts
from oracle.errors import NodeError
from oracle.holdings import Holdings
from oracle.http import build_app
from oracle.keys import KeyKind, NodeKey, load_key, new_key
from oracle.node import Node
from oracle.rpc import Rpc

HOST = "127.0.0.1"
STOP_SECONDS = 5.0


@dataclass(frozen=True)
class NodeConfig:
    """What a node is started with.

    Attributes:
        key: file of its private key, readable by its owner only.
        journal: folder of its own copy of the signed data.
        rpc: its own endpoint of the chain.
        deployment: the published deployment file.
        port: where it listens on 127.0.0.1; 0 takes a free port.
        ready: file to write the port to once it listens, or None.
    """

    key: Path
    journal: Path
    rpc: str
    deployment: Path
    port: int = 0
    ready: Path | None = None


def make_key(path: Path, kind: KeyKind, deployment: Path) -> dict[str, object]:
    """Makes a key file and says what was made: file, kind and, when it can be known, the signer the ReadingAnchor must be told.

    Args:
        deployment: names the verifier a P-256 signer begins with; may be missing.

    Raises:
        NodeError: the key file exists already or cannot be written, or the deployment file is damaged.
    """
    contracts = load_contracts(deployment) if deployment.exists() else None
    new_key(path, kind)
    made: dict[str, object] = {"key": str(path), "kind": kind.value}
    if contracts is not None or kind is KeyKind.EOA:
        verifiers = contracts.verifiers if contracts is not None else Verifiers(bytes(20), bytes(20))
        made["signer"] = hex0x(load_key(path, verifiers).signer)
    return made


def run_node(config: NodeConfig, announce: Callable[[dict[str, object]], None]) -> None:
    """Runs a node until SIGTERM or SIGINT.

    Args:
        announce: told once, when the node listens: its port, process id and signer.

    Raises:
        NodeError: a file is unsafe or damaged, the port is taken, the endpoint serves another chain, or the disk failed.
        ChainUnavailableError: the endpoint does not answer at the start.
    """
    contracts = load_contracts(config.deployment)
    key = load_key(config.key, contracts.verifiers)
    asyncio.run(_serve(config, contracts, key, announce))


async def _serve(config: NodeConfig, contracts: Contracts, key: NodeKey, announce: Callable[[dict[str, object]], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    failed = asyncio.Event()
    async with Rpc(config.rpc) as rpc:
        chain = ChainReader(rpc, contracts)
        await chain.check()
        holdings = Holdings(config.journal, _header(contracts, key))
        try:
            runner = web.AppRunner(build_app(Node(key, contracts, chain, holdings), failed), access_log=None, shutdown_timeout=STOP_SECONDS)
            await runner.setup()
            try:
                port = await _listen(runner, config.port)
                _announce(config, port, key, announce)
                await _first(stop, failed)
            finally:
                await runner.cleanup()
        finally:
            holdings.close()
            if config.ready is not None:
                config.ready.unlink(missing_ok=True)
    if failed.is_set():
        raise NodeError("could not be written", field=str(config.journal), fix="free the disk, then start the node again")


def _header(contracts: Contracts, key: NodeKey) -> dict[str, object]:
    return {
        "signer": hex0x(key.signer),
        "chain_id": contracts.chain_id,
        "meter_registry": hex0x(contracts.meter_registry),
        "reading_anchor": hex0x(contracts.reading_anchor),
    }


async def _listen(runner: web.AppRunner, port: int) -> int:
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as problem:
        raise NodeError(
            f"port {port} cannot be used: {problem.strerror}", field="port", fix="choose another one, or 0 for a free one"
        ) from None
    return int(runner.addresses[0][1])


def _announce(config: NodeConfig, port: int, key: NodeKey, announce: Callable[[dict[str, object]], None]) -> None:
    ready: dict[str, object] = {"port": port, "pid": os.getpid(), "signer": hex0x(key.signer), "url": f"http://{HOST}:{port}"}
    if config.ready is not None:
        _write_whole(config.ready, orjson.dumps(ready))
    announce(ready)


def _write_whole(path: Path, content: bytes) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as problem:
        raise NodeError(f"cannot be written: {problem.strerror}", field=str(path), fix="name a file in a folder of your own") from None


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
