"""A node's own view of the chain agrees with the contracts, and says plainly when an endpoint cannot be used."""

from __future__ import annotations

import asyncio
import http.server
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest

from ledger.protocol.quantities import new_id
from oracle.chain import ChainReader
from oracle.contracts import load_contracts
from oracle.errors import ChainUnavailableError, NodeError
from oracle.rpc import Reverted, Rpc
from oracle.vee import DAY_S, ZoneTerms

DAY = 1_456_790_400 - 7 * 3600
Result = TypeVar("Result")


def look(village: Any, verb: Callable[[ChainReader], Awaitable[Result]], **changes: Any) -> Result:
    settings = village.world.settings
    url, file = changes.get("url", settings.rpc_url), changes.get("file", settings.deployment_file)

    async def inside() -> Result:
        async with Rpc(url, timeout_s=5) as rpc:
            return await verb(ChainReader(rpc, load_contracts(file)))

    return asyncio.run(inside())


def test_it_reads_meters_zones_oracles_and_roots_as_the_contracts_hold_them(village: Any) -> None:
    gateway, known, unknown = village.world.gateway, village.meters[0][0], new_id()
    meters = look(village, lambda chain: chain.meters([known, unknown]))
    assert set(meters) == {known}
    meter = meters[known]
    fields = (meter.party, meter.zone, meter.signer, meter.capacity_w, meter.valid_from, meter.valid_to)
    assert fields == tuple(gateway.call("MeterRegistry", "meterOf", known))
    assert look(village, lambda chain: chain.zones([village.zone, unknown])) == {village.zone: ZoneTerms(1800, 7 * 3600)}
    oracles = look(village, lambda chain: chain.oracles())
    assert (list(oracles.signers), oracles.max_faulty) == (list(gateway.call("ReadingAnchor", "oracles")), 1)
    assert look(village, lambda chain: chain.readings_hashes([(village.zone, DAY, 1)])) == [bytes(32)]
    head = look(village, lambda chain: chain.head())
    assert (head.number, head.timestamp) == (gateway.block("latest").number, gateway.block("latest").timestamp)


def test_two_hundred_and_fifty_questions_are_answered_in_their_order(village: Any) -> None:
    places = [(village.zone, DAY, version) for version in range(250)]
    assert look(village, lambda chain: chain.readings_hashes(places)) == [bytes(32)] * 250

    async def squares() -> list[Any]:
        async with Rpc(village.world.settings.rpc_url) as rpc:
            return await rpc.ask_all([("eth_getBlockByNumber", (hex(number % 9), False)) for number in range(250)])

    assert [int(block["number"], 16) for block in asyncio.run(squares())] == [number % 9 for number in range(250)]


def test_the_last_block_before_a_moment_is_the_one_a_walk_over_all_blocks_finds(village: Any) -> None:
    world = village.world
    now = world.gateway.block("latest").timestamp
    for moment in (now + 10, now + 10, now + 11, now + 500):
        world.gateway.set_next_block_time(moment)
        world.gateway.mine(2)
    times = [world.gateway.block(number).timestamp for number in range(world.gateway.block("latest").number + 1)]
    for moment in (0, times[0], times[0] + 1, now, now + 1, now + 10, now + 11, now + 12, now + 500, now + 501):
        walked = max((number for number, time in enumerate(times) if time < moment), default=-1)
        assert look(village, lambda chain, moment=moment: chain._last_block_before(moment)) == walked


def test_meters_count_for_the_days_they_are_wholly_in_service(village: Any) -> None:
    always = sorted(meter for meter, _ in village.meters)
    late = village.install(valid_from=DAY + 1)
    retired = village.meters[0][0]
    village.world.send("MeterRegistry", "retire", retired, DAY + DAY_S)
    village.world.reach(DAY + 3 * DAY_S)
    first, second = (
        look(village, lambda chain, day=day: chain.meters_in_service(village.zone, day, day + DAY_S)) for day in (DAY, DAY + DAY_S)
    )
    assert list(first) == always
    assert list(second) == sorted({*always, late} - {retired})
    assert look(village, lambda chain: chain.meters_in_service(new_id(), DAY, DAY + DAY_S)) == ()


def test_a_deployment_file_of_another_chain_or_of_no_contracts_is_refused(village: Any, tmp_path: Path) -> None:
    true = orjson.loads(village.world.settings.deployment_file.read_bytes())
    file = tmp_path / "deployment.json"
    file.write_bytes(orjson.dumps(true | {"chain_id": 1}))
    with pytest.raises(NodeError, match="serves chain 31337"):
        look(village, lambda chain: chain.check(), file=file)
    empty = {name: {**each, "address": "0x" + "99" * 20} for name, each in true["contracts"].items()}
    file.write_bytes(orjson.dumps(true | {"contracts": empty}))
    with pytest.raises(NodeError, match="no MeterRegistry at"):
        look(village, lambda chain: chain.check(), file=file)
    assert look(village, lambda chain: chain.check()) is None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"chain_id": "1", "contracts": {}}', b'{"chain_id": 1, "contracts": {"Exchange": 5}}']
)
def test_what_is_no_deployment_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "deployment.json"
    file.write_bytes(content)
    with pytest.raises(NodeError, match="sonang deploy"):
        load_contracts(file)


@contextmanager
def server(answer: bytes) -> Iterator[str]:
    """A real web server that is no chain: it gives the same answer to everything."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{made.server_port}"
        finally:
            made.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"null",
        b"5",
        b"{}",
        b"[]",
        b"[null]",
        b'[{"id": 0}]',
        b'[{"id": 0, "result": 5}]',
        b'[{"id": 0, "result": "0x"}]',
        b'[{"id": 0, "result": "0xzz"}]',
        b'[{"id": 0, "result": "0x' + b"ff" * 64 + b'"}]',
        b'[{"id": 0, "error": {"code": -32000, "message": "busy"}}]',
        b'{"error": {"code": -32600, "message": "no batches"}}',
    ],
)
def test_an_endpoint_that_talks_nonsense_is_a_chain_that_is_away(village: Any, answer: bytes) -> None:
    with server(answer) as url:
        for verb in (lambda chain: chain.head(), lambda chain: chain.meters([bytes(32)]), lambda chain: chain.oracles()):
            with pytest.raises(ChainUnavailableError):
                look(village, verb, url=url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "ftp://127.0.0.1", ""])
def test_an_endpoint_that_is_not_there_says_what_to_check(village: Any, url: str) -> None:
    with pytest.raises(ChainUnavailableError, match="check --rpc"):
        look(village, lambda chain: chain.head(), url=url)


def test_a_call_the_contract_refuses_is_told_from_a_failure(village: Any) -> None:
    nowhere = {"to": "0x" + village.world.deployment.address("Exchange").hex(), "data": "0x12345678"}

    async def call() -> Any:
        async with Rpc(village.world.settings.rpc_url) as rpc:
            return (await rpc.ask_all([("eth_call", (nowhere, "latest"))]))[0]

    assert isinstance(asyncio.run(call()), Reverted)
