"""`sonang serve`: the HTTP API and the pages, on this machine only."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, TextIO
from urllib.parse import urlsplit

import structlog
import typer
import uvicorn

from ledger.cli.answers import ListensOption, tell
from ledger.endings import stoppable
from ledger.errors import SettingsError, UnavailableError
from ledger.logs import log_as_json
from ledger.loopback import is_loopback
from ledger.running import recorded
from ledger.settings import load_settings

APP = "api.app:create_app"
"""By name: the ledger knows no web framework."""
GRACE_S = 10
"""How long requests under way may take to end once the server is told to."""
DEFAULT_PORTS = {"http": 80, "https": 443}

HostOption = Annotated[str | None, typer.Option(help="A loopback address of this machine. Default: SONANG_API_HOST, else 127.0.0.1.")]
PortOption = Annotated[
    int | None, typer.Option(min=0, max=65_535, help="Port; 0 takes a free one. Default: SONANG_API_PORT, else 8000.", show_default=False)
]


def serve(*, host: HostOption = None, port: PortOption = None, as_json: ListensOption = False) -> None:
    """Serves the HTTP API and the report page on this machine.

    It stays up when the database or the chain goes away, and finds them again. Ctrl-C or SIGTERM ends it; logs are JSON lines on
    standard error.

    [bold]Example:[/bold] sonang serve --port 8080, then open http://127.0.0.1:8080/
    """
    serve_until_stopped(lambda url: tell({"url": url}, f"Sổ Nắng: {url} (Ctrl-C dừng · ends it)", as_json, indented=False), host, port)


def serve_until_stopped(
    say: Callable[[str], None], host: str | None = None, port: int | None = None, *, logs: TextIO | None = None
) -> None:
    """Serves until SIGINT or SIGTERM; the settings say where when the caller does not.

    Args:
        say: told the front page's URL once it can be opened.
        logs: where they go; standard error by default.

    Raises:
        SettingsError: others could reach that address.
        UnavailableError: it is taken, or the server did not start.
    """
    settings = load_settings()
    address = _loopback(host or settings.api_host)
    with contextlib.closing(_listening(address, settings.api_port if port is None else port)) as listener:
        log_as_json(settings.log_level, logs)
        logging.basicConfig(handlers=[_AsJson()], level=logging.WARNING, force=True)
        logging.getLogger("urllib3").setLevel(logging.ERROR)  # it warns of every burst
        config = uvicorn.Config(
            APP,
            factory=True,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        _warn_of_another_port(settings.public_url, listener.getsockname()[1])
        server = _Server(config, lambda: say(_url(listener)))
        with recorded(settings.state_dir, "serve"), stoppable():  # the server takes both itself, and raises them again once it has ended
            server.run(sockets=[listener])
    if not server.started:
        raise UnavailableError("the server did not start", fix="read the log lines above")


class _AsJson(logging.Handler):
    """What the web server itself has to say, in the one form of our logs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Passes one line on."""
        structlog.get_logger(record.name).log(record.levelno, record.getMessage(), exc_info=record.exc_info)


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, say: Callable[[], None]) -> None:
        super().__init__(config)
        self._say = say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, then says so."""
        await super().startup(sockets)
        if self.started:
            self._say()


def _loopback(host: str) -> str:
    """The address of this machine that is asked for.

    Raises:
        SettingsError: others could reach it.
    """
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        raise SettingsError(f"{host!r} is not an address", field="--host", fix="give 127.0.0.1, ::1 or localhost") from None
    if not address.is_loopback:
        raise SettingsError(
            f"{host} can be reached by others, and not every route asks for a sign-in",
            field="--host",
            fix="give 127.0.0.1, ::1 or localhost",
        )
    return str(address)


def _listening(address: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen()
    except OSError as wrong:
        listener.close()
        problem = f"{address} port {port} cannot be used: {wrong.strerror}"
        raise UnavailableError(problem, field="--port", fix="choose another port, or 0 for a free one") from None
    return listener


def _warn_of_another_port(public_url: str, port: int) -> None:
    """Says in one line that links in messages lead elsewhere: only where they lead to this machine, for a proxy may stand before a port."""
    parts = urlsplit(public_url)
    if not is_loopback(parts.hostname or "") or (parts.port or DEFAULT_PORTS[parts.scheme]) == port:
        return
    fix = f"set SONANG_API_PORT={port} for every command, or SONANG_PUBLIC_URL=http://localhost:{port}"
    structlog.get_logger(__name__).warning("links in messages lead to another port", public_url=public_url, port=port, fix=fix)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
