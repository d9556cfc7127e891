"""JSON-RPC as a node speaks it to its own endpoint: one question, or many in pieces small enough for any server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson

from oracle.errors import ChainUnavailableError

PIECE = 100
"""Questions in one request."""
REVERT_CODE = 3
FIX = "check --rpc, then send it again"


class Reverted:
    """The answer to a call that a contract refused."""


class Rpc:
    """An endpoint of a chain; use it with `async with`.

    Args:
        url: http or https address.
        timeout_s: how long one request may take.
    """

    def __init__(self, url: str, timeout_s: float = 10.0) -> None:
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Rpc:
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, *params: object) -> Any:
        """The answer to one question.

        Raises:
            ChainUnavailableError: no answer, or an error.
        """
        answer = (await self.ask_all([(method, params)]))[0]
        if isinstance(answer, Reverted):
            raise ChainUnavailableError(f"{method}: a contract refused the call", field=self._url, fix="check --deployment")
        return answer

    async def ask_all(self, questions: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        """The answers, in the order of the questions; a `Reverted` where a contract refused a call.

        Raises:
            ChainUnavailableError: no answer, or an error other than a revert.
        """
        answers: list[Any] = []
        for first in range(0, len(questions), PIECE):
            answers.extend(await self._ask_piece(questions[first : first + PIECE]))
        return answers

    async def _ask_piece(self, questions: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        asked = [{"jsonrpc": "2.0", "id": place, "method": method, "params": params} for place, (method, params) in enumerate(questions)]
        answers = await self._post(orjson.dumps(asked))
        if not isinstance(answers, list):
            raise self._nonsense(answers)
        by_place = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
        return [self._result(by_place.get(place), questions[place][0]) for place in range(len(questions))]

    async def _post(self, body: bytes) -> Any:
        if self._session is None:
            raise RuntimeError("use Rpc with `async with`")
        try:
            async with self._session.post(self._url, data=body, headers={"Content-Type": "application/json"}) as response:
                raw = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
            raise ChainUnavailableError(f"did not answer ({type(problem).__name__})", field=self._url, fix=FIX) from None
        try:
            return orjson.loads(raw)
        except ValueError:
            raise self._nonsense(raw[:80]) from None

    def _result(self, answer: dict[str, Any] | None, method: str) -> Any:
        if answer is not None and "result" in answer:
            return answer["result"]
        error = answer.get("error") if answer is not None else None
        if isinstance(error, dict):
            if error.get("code") == REVERT_CODE or "revert" in str(error.get("message", "")).lower():
                return Reverted()
            message = f"{method}: {str(error.get('message'))[:200]}"
            raise ChainUnavailableError(message, field=self._url, fix=FIX)
        raise self._nonsense(answer)

    def _nonsense(self, answer: object) -> ChainUnavailableError:
        return ChainUnavailableError(f"answered something that is not JSON-RPC: {str(answer)[:80]}", field=self._url, fix=FIX)
