"""Asking over kept connections: plain answers quickly, all others by a general client, and nothing is waited for that is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from ledger.sealing.asking import Answer, Asker


class Echo(BaseHTTPRequestHandler):
    """Answers what it was asked, in the way its path names; counts connections and questions."""

    protocol_version = "HTTP/1.1"
    connections: list[object]
    asked: list[tuple[str, str | None]]

    def setup(self) -> None:
        super().setup()
        self.connections.append(self.client_address)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, self.headers["Authorization"]))
        way = self.path.strip("/")
        if way == "old":
            self.protocol_version = "HTTP/1.0"
        self.send_response({"busy": 503, "moved": 307}.get(way, 200))
        if way == "moved":
            self.send_header("Location", "/plain")
        if way == "chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            return
        if way in ("closes", "old"):
            self.close_connection = True
        if way == "closes":
            self.send_header("Connection", "Close")
        if way != "old":
            self.send_header("content-LENGTH", str(len(body) + (5 if way == "short" else 0)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection |= way in ("hangs-up", "short")

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """Where it answers."""
    Echo.connections, Echo.asked = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}"
        made.shutdown()


@pytest.mark.parametrize(("way", "connections"), [("plain", 1), ("busy", 1), ("closes", 3), ("hangs-up", 3)])
def test_plain_answers_come_over_as_few_connections_as_the_server_keeps(server: str, way: str, connections: int) -> None:
    asker = Asker(f"{server}/{way}", {"Authorization": "Basic x"}, 5.0)
    bodies = [b"", b"one\r\n\r\ntwo", bytes(100_000)]
    assert [asker.post(body) for body in bodies] == [Answer(503 if way == "busy" else 200, body) for body in bodies]
    assert (len(Echo.connections), Echo.asked) == (connections, [(f"/{way}", "Basic x")] * 3)


def test_an_address_that_moved_is_followed(server: str) -> None:
    asker = Asker(f"{server}/moved", {"Authorization": "Basic x"}, 5.0)
    assert [asker.post(body) for body in (b"one", b"two")] == [Answer(200, b"one"), Answer(200, b"two")]
    assert [path for path, _ in Echo.asked] == ["/moved", "/moved", "/plain", "/moved", "/plain"]


@pytest.mark.parametrize("way", ["chunks", "old"])
def test_what_is_not_plain_is_asked_for_once_more_and_then_always_in_the_general_way(server: str, way: str) -> None:
    asker = Asker(f"{server}/{way}", {"Authorization": "Basic x"}, 5.0)
    assert [asker.post(body) for body in (b"one", b"two", b"three")] == [Answer(200, body) for body in (b"one", b"two", b"three")]
    assert Echo.asked == [(f"/{way}", "Basic x")] * 4


def test_an_answer_that_breaks_off_and_a_server_that_is_gone_are_no_answers(server: str) -> None:
    with pytest.raises((OSError, urllib3.exceptions.HTTPError), match="closed"):
        Asker(f"{server}/short", {}, 5.0).post(b"one")
    with pytest.raises(OSError, match="refused"):
        Asker("http://127.0.0.1:9/", {}, 5.0).post(b"one")


def test_threads_ask_over_connections_of_their_own(server: str) -> None:
    asker = Asker(f"{server}/plain?a=b", {}, 5.0)
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda number: asker.post(b"%d" % number), range(80)))
    assert got == [Answer(200, b"%d" % number) for number in range(80)]
    assert len(Echo.connections) <= 4
