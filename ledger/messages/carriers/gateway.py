"""SMS and Zalo by an HTTP gateway: one signed JSON request a message, with an idempotency key; reports come back by `accept_report`."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import orjson
import urllib3

from ledger.errors import SettingsError
from ledger.loopback import is_loopback
from ledger.messages.carriers import TIMEOUT_S, Accepted, Parcel, RefusedError
from ledger.messages.rules import code_kept
from ledger.messages.signatures import SEND, signature_of

ANSWER_LIMIT = 65_536
"""Bytes of an answer that are read."""
_REFERENCE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
PASSING = (401, 403, 404, 407, 408, 425, 429)
"""Client errors that are not this message's fault: our secret, our address, or their load."""


class HttpGateway:
    """A gateway that takes messages of one channel by POST.

    Args:
        url: https, or http to this machine.
        secret: shared with the gateway, at least 32 bytes.
        field: the setting the URL came from, for errors.

    Raises:
        SettingsError: the URL would send messages in the clear.
    """

    def __init__(self, url: str, secret: bytes, *, field: str = "url") -> None:
        given = urlsplit(url)
        if given.scheme != "https" and not is_loopback(given.hostname or ""):
            raise SettingsError("would send messages in the clear", field=field, fix="give an https:// address")
        self._url = url
        self._secret = secret
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(TIMEOUT_S))

    def __repr__(self) -> str:
        return f"HttpGateway({urlsplit(self._url).hostname})"

    def send(self, parcel: Parcel) -> Accepted:
        """Hands a message over; the gateway answers 2xx with `{"reference": …}`, also when it has this one already.

        Raises:
            RefusedError: refused for good (other 4xx), or for now: away, overloaded, our signature refused; with the `code` of the answer.
        """
        body = orjson.dumps({"id": parcel.handle, "channel": parcel.channel, "to": parcel.address, "text": parcel.text})
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": parcel.handle,
            "X-Sonang-Timestamp": stamp,
            "X-Sonang-Signature": signature_of(self._secret, SEND, stamp, body),
        }
        try:
            answer = self._http.request("POST", self._url, body=body, headers=headers, redirect=False, preload_content=False)
            try:
                said = answer.read(ANSWER_LIMIT)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as away:
            raise RefusedError(f"the gateway does not answer ({type(away).__name__})") from None
        if 200 <= answer.status < 300:
            return Accepted(reference=_reference(said))
        passing = answer.status in PASSING or not 400 <= answer.status < 500
        code = code_kept(_given(said, "code"), address=parcel.address, text=parcel.text)
        shown = f"{answer.status}: {code}" if code else str(answer.status)
        raise RefusedError(f"the gateway refuses it ({shown})", final=not passing, after_s=_seconds(answer.headers.get("Retry-After")))

    def close(self) -> None:
        """Ends the connections."""
        self._http.clear()


def _given(said: bytes, name: str) -> object:
    try:
        given = orjson.loads(said)
    except ValueError:
        return None
    return given.get(name) if isinstance(given, dict) else None


def _reference(said: bytes) -> str | None:
    found = _given(said, "reference")
    return found if isinstance(found, str) and _REFERENCE.fullmatch(found) else None


def _seconds(given: str | None) -> int | None:
    return int(given) if given is not None and re.fullmatch(r"[0-9]{1,6}", given) else None
