"""Asking a witness, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import orjson
import urllib3

from ledger.protocol.checkpoint import WITNESS, Note, NoteKey, NoteSignature, parse_note_key, parse_number, parse_signatures
from ledger.protocol.errors import ProtocolError
from ledger.witness.errors import ForkError, WitnessError
from ledger.witness.witness import Request

TIMEOUT_S = 10.0
ANSWER_LIMIT = 64 * 1024
Prove = Callable[[int], tuple[bytes, ...]]
"""The consistency proof from an old size to the checkpoint's."""


class WitnessClient:
    """One witness at a URL."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._http = urllib3.PoolManager(retries=False, timeout=TIMEOUT_S)

    def key(self) -> NoteKey:
        """The key the witness says is its own; whoever trusts it has it from elsewhere.

        Raises:
            WitnessError: it does not answer, or not so.
            ProtocolError: what it answers is no key.
        """
        status, body = self._ask("GET", "/health")
        try:
            key = parse_note_key(str(orjson.loads(body)["key"]))
        except (ValueError, KeyError, TypeError):
            raise WitnessError(f"answers {status} and no key", field=self.url, fix="check that a witness listens there") from None
        if key.kind != WITNESS:
            raise WitnessError("its key is no witness's", field=self.url, fix="check that a witness listens there")
        return key

    def seen(self, origin: str) -> bytes | None:
        """The last checkpoint it cosigned of a log; None when it cosigned none.

        Raises:
            WitnessError: it does not answer.
        """
        status, body = self._ask("GET", f"/seen?origin={quote(origin, safe='')}")
        if status == 404:
            return None
        if status != 200:
            raise self._refused(status, body)
        return body

    def cosign(self, note: Note, prove: Prove) -> tuple[NoteSignature, ...]:
        """Has a signed checkpoint cosigned; a proof is made from the size the witness asks for.

        Raises:
            ForkError: the witness says that the log does not continue what it cosigned.
            WitnessError: it refuses otherwise, or does not answer.
            ProtocolError: its answer is no cosignature.
        """
        status, body = self._ask("POST", "/add-checkpoint", Request(0, (), note).to_bytes())
        if status == 409:
            size = parse_number(body.decode("ascii", "replace").strip(), "size")
            try:
                proof = prove(size)
            except ProtocolError:
                raise ForkError(f"it cosigned the log at {size} already", field=self.url, fix="do not sign less than before") from None
            status, body = self._ask("POST", "/add-checkpoint", Request(size, proof, note).to_bytes())
        if status != 200:
            raise self._refused(status, body)
        return parse_signatures(body)

    def close(self) -> None:
        """Ends the connections."""
        self._http.clear()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        try:
            answer = self._http.request(method, self.url + path, body=body, preload_content=False)
            try:
                return answer.status, answer.read(ANSWER_LIMIT)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as wrong:
            problem = f"does not answer: {str(wrong).splitlines()[0]}"
            raise WitnessError(problem, field=self.url, fix="start the witness, or leave it out") from None

    def _refused(self, status: int, body: bytes) -> WitnessError:
        words = body.decode("utf-8", "replace").strip()[:300]
        kind = ForkError if status == ForkError.status else WitnessError
        return kind(f"refuses ({status}): {words}", field=self.url, fix="see docs/log.md")
