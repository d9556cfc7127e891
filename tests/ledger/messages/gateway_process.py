"""A gateway in a thread: real HTTP, keeps what it was given, answers what the test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass
class GatewayThread:
    """What reached it, and what it will say: `answers` first, then 202 with a reference for each new id."""

    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    carried: dict[str, str] = field(default_factory=dict)
    meanwhile: Any = None

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.requests.append((headers, body))
        if self.answers:
            return self.answers.pop(0)
        key = headers["Idempotency-Key"]
        self.carried.setdefault(key, f"gw-{len(self.carried) + 1}")
        if self.meanwhile is not None:
            self.meanwhile(key)
        return 202, {}, orjson.dumps({"reference": self.carried[key]})


@contextmanager
def running_gateway() -> Iterator[GatewayThread]:
    """A gateway on a free port of this machine."""
    state = GatewayThread()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, said = state.answer(dict(self.headers.items()), body)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
