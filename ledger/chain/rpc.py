"""JSON-RPC over HTTP: one question, one answer, nothing of Ethereum in it but the names of the node's refusals.

Answers are parsed by orjson and handed on as they came; web3.py's middleware is what makes it slow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3

from ledger.errors import ChainError, UnavailableError

__all__ = ["NodeError", "Rpc"]

BATCH = 100
"""Requests sent together; anvil leaves transactions of larger batches waiting."""
LIMIT_EXCEEDED = -32_005
"""JSON-RPC error code of a node that is asked too much (EIP-1474)."""

_KINDS = (
    ("reverted", r"revert"),
    ("already-known", r"already known|already imported|transaction already"),
    ("nonce-too-low", r"nonce too low"),
    ("nonce-too-high", r"nonce too high|nonce gap"),
    ("underpriced", r"underpriced|less than block base fee|fee too low|fee cap"),
    ("insufficient-funds", r"insufficient funds"),
    ("gas", r"out of gas|intrinsic gas|gas (limit|cap)|exceeds .*gas|gas .*(too|exceeds)"),
    ("not-kept", r"out ?of ?range|missing trie node|not available|pruned|header not found|unknown block"),
    ("no-such-method", r"method not found|not supported|does not exist"),
)
_FIXES = {
    "insufficient-funds": "send the sender some of the chain's currency",
    "not-kept": "ask about a newer block, or use a node that keeps old state",
    "no-such-method": "use a node that offers it",
}


class NodeError(ChainError):
    """The node understood and refused.

    Attributes:
        kind: one of `reverted`, `already-known`, `nonce-too-low`, `nonce-too-high`, `underpriced`, `insufficient-funds`, `gas`,
            `not-kept`, `no-such-method`, `other`.
        data: the revert's data.
        error: name of the custom error, once decoded (`ledger.chain.revert`).
        values: its fields by name.
    """

    def __init__(self, problem: str, *, kind: str, data: bytes = b"", field: str = "", fix: str = "") -> None:
        super().__init__(problem, field=field, fix=fix or _FIXES.get(kind, ""))
        self.kind = kind
        self.data = data
        self.error: str | None = None
        self.values: dict[str, Any] = {}


class Rpc:
    """A node at an address; safe to use from several threads.

    Args:
        url: `http://…` or `https://…`; only its host is ever shown, since a path often holds an account's key.
        timeout_s: how long one answer may take.
    """

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url
        self._numbers = count(1)
        self._http = urllib3.PoolManager(
            maxsize=8,
            timeout=urllib3.Timeout(connect=min(timeout_s, 5.0), read=timeout_s),
            retries=False,
            headers={"content-type": "application/json"},
        )
        parts = urlsplit(url)
        self.host = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
        """The node's host, and port when the address names one; safe to show."""

    def ask(self, method: str, *params: object) -> Any:
        """The result of one question.

        Raises:
            NodeError: the node refused.
            UnavailableError: no answer in time, or one that is not JSON-RPC.
        """
        result = _read(self._post(self._body(method, params)), method)
        if isinstance(result, NodeError):
            raise result
        return result

    def ask_many(self, questions: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        """The results of many questions, in their order; errors as for one, the first refusal being the one raised."""
        answers = self.try_many(questions)
        for answer in answers:
            if isinstance(answer, NodeError):
                raise answer
        return answers

    def try_many(self, questions: Sequence[tuple[str, Sequence[object]]]) -> list[Any]:
        """As `ask_many`, with a refusal standing where its result would be instead of being raised."""
        results: list[Any] = []
        for start in range(0, len(questions), BATCH):
            bodies = [self._body(method, params) for method, params in questions[start : start + BATCH]]
            answers = self._post(bodies)
            if not isinstance(answers, list) or len(answers) != len(bodies):
                raise UnavailableError(f"{self.host} did not answer every question of a batch", fix="use a node that takes batches")
            by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, dict)}
            results += [_read(by_id.get(body["id"]), str(body["method"])) for body in bodies]
        return results

    def close(self) -> None:
        """Closes the connections."""
        self._http.clear()

    def _body(self, method: str, params: Sequence[object]) -> dict[str, object]:
        return {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}

    def _post(self, body: object) -> Any:
        try:
            answer = self._http.request("POST", self._url, body=orjson.dumps(body))
            if answer.status in (429, 502, 503, 504):
                raise UnavailableError(f"{self.host} is overloaded (HTTP {answer.status})", fix="try again later, or use another node")
            return orjson.loads(answer.data)
        except urllib3.exceptions.HTTPError as wrong:
            problem = f"the chain's node {self.host} does not answer: {type(wrong).__name__}"
            raise UnavailableError(problem, fix="check that it runs (`sonang devchain status`) and SONANG_RPC_URL") from None
        except orjson.JSONDecodeError:
            problem = f"{self.host} answered with HTTP status {answer.status} and no JSON"
            raise UnavailableError(problem, fix="check that SONANG_RPC_URL is a chain's JSON-RPC address") from None


def _read(answer: object, method: str) -> Any:
    """The result, or the refusal as a value."""
    if isinstance(answer, dict) and "result" in answer:
        return answer["result"]
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        raise UnavailableError(f"{method} was answered by something that is not JSON-RPC", fix="check SONANG_RPC_URL")
    message = str(error.get("message", ""))
    if error.get("code") == LIMIT_EXCEEDED:
        raise UnavailableError(f"the chain's node is overloaded: {message}", field=method, fix="try again later, or use another node")
    kind = next((kind for kind, pattern in _KINDS if re.search(pattern, message, re.IGNORECASE)), "other")
    return NodeError(f"the node refused {method}: {message}", kind=kind, data=_revert_data(error.get("data")), field=method)


def _revert_data(data: object) -> bytes:
    """Nodes put a revert's data in `data`, or one level deeper, or after a word of their own."""
    if isinstance(data, dict):
        data = data.get("data", data.get("result"))
    found = re.search(r"0x((?:[0-9a-fA-F]{2})*)$", data) if isinstance(data, str) else None
    return bytes.fromhex(found[1]) if found else b""
