"""Requests to oracle nodes: concurrent, repeated where that helps, never waiting long for a node that is dead or stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import aiohttp
import orjson

from oracle.errors import NodeUnreachableError

FIRST_PAUSE_S = 0.1
UNAVAILABLE = 503

Answer = TypeVar("Answer")
Outcomes = dict[str, "Answer | NodeUnreachableError"]
"""What became of every node asked, by its address."""


class Peers:
    """A session with several nodes; use it with `async with`.

    Args:
        nodes: their addresses, such as `http://127.0.0.1:9001`.
        timeout_s: how long one request may take.
        attempts: how often a node that refuses the connection, or has no chain, is asked.
        grace_s: how long the slowest are waited for once enough have answered.
    """

    def __init__(self, nodes: Sequence[str], *, timeout_s: float, attempts: int, grace_s: float) -> None:
        self.nodes = tuple(dict.fromkeys(node.rstrip("/") for node in nodes))
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._attempts = attempts
        self._grace_s = grace_s
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Peers:
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def each(
        self, ask: Callable[[str], Awaitable[Answer]], enough: Callable[[Outcomes[Answer]], bool], nodes: Sequence[str] | None = None
    ) -> Outcomes[Answer]:
        """Asks every node at once; once `enough` is true of what came back, the rest has `grace_s` left."""
        outcomes: Outcomes[Answer] = {}
        running = {asyncio.ensure_future(ask(node)): node for node in (self.nodes if nodes is None else nodes)}
        try:
            while running:
                done, _ = await asyncio.wait(
                    running, timeout=self._grace_s if enough(outcomes) else None, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    break
                for task in done:
                    problem = task.exception()
                    if problem is not None and not isinstance(problem, NodeUnreachableError):
                        raise problem
                    outcomes[running.pop(task)] = task.result() if problem is None else problem
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        slow = {node: NodeUnreachableError("too slow, the others had answered", field=node) for node in running.values()}
        return {**outcomes, **slow}

    async def ask(self, node: str, method: str, path: str, body: object = None, params: dict[str, str] | None = None) -> Any:
        """One request, repeated while the node refuses the connection or has no chain.

        Raises:
            NodeUnreachableError: it never answered, or answered with a problem.
        """
        pause = FIRST_PAUSE_S
        for attempt in range(1, self._attempts + 1):
            try:
                return await self._once(node, method, path, body, params)
            except NodeUnreachableError as problem:
                if attempt == self._attempts or not problem.worth_repeating:
                    raise
            await asyncio.sleep(pause)
            pause *= 2
        raise NodeUnreachableError("was never asked", field=node, fix="allow at least one attempt")

    async def _once(self, node: str, method: str, path: str, body: object, params: dict[str, str] | None) -> Any:
        if self._session is None:
            raise RuntimeError("use Peers with `async with`")
        data = None if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json"}
        try:
            async with self._session.request(method, node + path, data=data, params=params, headers=headers) as response:
                status, raw = response.status, await response.read()
        except (aiohttp.ClientConnectionError, ConnectionError) as problem:
            raise NodeUnreachableError(f"does not answer ({type(problem).__name__})", field=node, worth_repeating=True) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
            raise NodeUnreachableError(f"does not answer ({type(problem).__name__})", field=node) from None
        return _read(node, status, raw)


def _read(node: str, status: int, raw: bytes) -> Any:
    try:
        answer = orjson.loads(raw)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise NodeUnreachableError(f"answered {status} without JSON", field=node, fix="is this the address of an oracle node?")
    if status >= 400:
        problem, code = str(answer.get("title"))[:300], str(answer.get("code"))[:40]
        raise NodeUnreachableError(
            problem, field=node, fix=str(answer.get("fix", ""))[:300], code=code, worth_repeating=status == UNAVAILABLE
        )
    return answer
