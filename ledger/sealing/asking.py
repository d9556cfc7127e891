"""One POST after another to the same address, over connections that are kept: for plain answers a third of a general client's work.

Where an answer is not plain – it comes in chunks, without a length, over an older protocol, from another address – the general client,
urllib3, asks again, and from then on.
"""

from __future__ import annotations

import re
import ssl
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

import urllib3

LARGEST: Final = 1 << 20
"""Bytes of an answer; time stamps have a few thousand."""
_READ: Final = 1 << 16
_ELSEWHERE: Final = urllib3.Retry(connect=0, read=0, redirect=3)
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d{1,7}) *\r\n", re.IGNORECASE)
_ENDING: Final = re.compile(rb"\r\n(?:transfer-encoding:|connection: *close)", re.IGNORECASE)


def shown_address(url: str) -> str:
    """An address as a message may show it: without the account, password or token that may stand in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


@dataclass(frozen=True)
class Answer:
    """What came back: the HTTP status and the body."""

    status: int
    body: bytes


class Asker:
    """Asks one address; any number of threads may at once, each over a connection of its own.

    Args:
        url: http or https; the certificate of the latter is checked as this machine checks any.
        headers: sent with every question.
        timeout_s: for connecting, and for each piece of an answer.
    """

    def __init__(self, url: str, headers: Mapping[str, str], timeout_s: float) -> None:
        parts = urlsplit(url)
        self.url, self._headers, self._timeout_s = url, dict(headers), timeout_s
        self._host, self._port = parts.hostname or "", parts.port
        self._context = ssl.create_default_context() if parts.scheme == "https" else None
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {target} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}", *(f"{name}: {it}" for name, it in headers.items())]
        self._head = "\r\n".join(lines).encode("latin-1")
        self._idle: list[HTTPConnection] = []
        weakref.finalize(self, _closed, self._idle)
        self._is_plain = True
        self._general = urllib3.PoolManager(maxsize=16)

    def post(self, body: bytes) -> Answer:
        """The answer to a question.

        Raises:
            OSError, urllib3.exceptions.HTTPError: there is none.
        """
        while self._is_plain:
            kept = self._kept()
            answer = self._exchange(kept or self._connected(), body, kept=kept is not None)
            if answer is not None:
                return answer
        general = self._general.request("POST", self.url, body=body, headers=self._headers, timeout=self._timeout_s, retries=_ELSEWHERE)
        return Answer(general.status, general.data)

    def _kept(self) -> HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _connected(self) -> HTTPConnection:
        made = (
            HTTPConnection(self._host, self._port, timeout=self._timeout_s)
            if self._context is None
            else HTTPSConnection(self._host, self._port, timeout=self._timeout_s, context=self._context)
        )
        made.connect()
        return made

    def _exchange(self, connection: HTTPConnection, body: bytes, *, kept: bool) -> Answer | None:
        """None where the answer is not plain, or where a kept connection was closed meanwhile."""
        answer, goes_on = None, False
        try:
            connection.sock.sendall(b"%s\r\nContent-Length: %d\r\n\r\n%s" % (self._head, len(body), body))
            answer, goes_on = _read(connection)
            self._is_plain = answer is not None
        except ConnectionError:
            if not kept:
                raise
        finally:
            if goes_on:
                self._idle.append(connection)
            else:
                connection.close()
        return answer


def _closed(idle: list[HTTPConnection]) -> None:
    while idle:
        idle.pop().close()


def _read(connection: HTTPConnection) -> tuple[Answer | None, bool]:
    """A plain answer, or None; and whether the connection can be asked again."""
    got = bytearray()
    while (end := got.find(b"\r\n\r\n")) < 0:
        if len(got) > _READ:
            return None, False
        got += _more(connection)
    head = bytes(got[: end + 2])
    status, length = _STATUS.match(head), _LENGTH.search(head)
    if (
        status is None
        or status[1].startswith(b"3")
        or length is None
        or int(length[1]) > LARGEST
        or b"\r\ntransfer-encoding:" in head.lower()
    ):
        return None, False
    begin, size = end + 4, end + 4 + int(length[1])
    while len(got) < size:
        got += _more(connection)
    return Answer(int(status[1]), bytes(got[begin:size])), len(got) == size and _ENDING.search(head) is None


def _more(connection: HTTPConnection) -> bytes:
    more: bytes = connection.sock.recv(_READ)
    if not more:
        raise ConnectionResetError("the connection was closed")
    return more
