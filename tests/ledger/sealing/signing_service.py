"""A remote signing service (CSC API v1) as a process: it holds a key, wants a bearer token and a PIN, and releases one hash at a time.

Run as `python signing_service.py KEY_FILE READY_FILE CERTIFICATE…`, the signer's certificate first. It writes its port to the ready file,
and tells whoever asks (`/asked`) which calls it had. What it refuses it says in the form the API has for that. Its other credentials:

| credential | what is odd about it |
| --- | --- |
| `another-key` | its certificate is another key's |
| `locked` | refuses every PIN, and repeats what it was given, over and over, with marks that would turn a line around |
| `mute` | refuses without a word |
| `hung` | says that it cannot now |
| `wants-a-code` | wants a one-time code too |
| `elsewhere` | sends on to another address |
| `scrap` | answers with no JSON at all |
| `unsigned` | releases the key and then does not sign |
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import orjson
from aiohttp import web
from asn1crypto import pem
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from ledger.test_authority.files import AuthorityFiles

CREDENTIAL, TOKEN, PIN = "utility-seal", "token-of-the-test", "2468"
KNOWN = (CREDENTIAL, "another-key", "locked", "mute", "hung", "wants-a-code", "elsewhere", "scrap", "unsigned")
ECDSA_SHA256, SHA256 = "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1"


@contextlib.contextmanager
def running_service(authority: AuthorityFiles, folder: Path) -> Iterator[str]:
    """The utility's key at a service of its own; gives where it answers."""
    ready = folder / "port"
    names = ("seal", "intermediate", "approvals")
    given = [str(authority.key("seal")), str(ready), *(str(authority.certificate(one)) for one in names)]
    service = subprocess.Popen([sys.executable, "-m", "tests.ledger.sealing.signing_service", *given])
    try:
        while not ready.exists():
            assert service.poll() is None
            time.sleep(0.02)
        yield f"http://127.0.0.1:{ready.read_text()}"
    finally:
        service.kill()
        service.wait()


def refuse(status: int, error: str, why: str) -> NoReturn:
    """Says no as the API says it."""
    raise _RefusedError(web.json_response({"error": error, "error_description": why}, status=status))


class _RefusedError(Exception):
    def __init__(self, answer: web.Response) -> None:
        self.answer = answer


@web.middleware
async def refusing(request: web.Request, handler: Any) -> web.StreamResponse:
    """Sends what a handler refused."""
    try:
        answer: web.StreamResponse = await handler(request)
    except _RefusedError as refused:
        return refused.answer
    return answer


class Service:
    """What it knows: its key, its certificates, which hashes were released, and what it was asked."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificates: list[bytes]) -> None:
        self._key = key
        self._seal, self._between, self._other = (base64.b64encode(one).decode() for one in certificates)
        self._released: dict[str, list[str]] = {}
        self._asked_for: list[list[str]] = []

    async def asked(self, _request: web.Request) -> web.Response:
        """The calls so far: name and credential."""
        return web.json_response(self._asked_for)

    async def info(self, request: web.Request) -> web.Response:
        """credentials/info"""
        name = (await self._read(request, "info"))["credentialID"]
        if name == "elsewhere":
            raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/csc/v1/credentials/info")
        if name == "scrap":
            return web.Response(text="<html>Welcome</html>", content_type="text/html")
        certificate = self._other if name == "another-key" else self._seal
        code = {"OTP": {"presence": "true"}} if name == "wants-a-code" else {}
        known = {"cert": {"certificates": [certificate, self._between]}, "key": {"algo": [ECDSA_SHA256]}, "multisign": 1, "SCAL": "2"}
        return web.json_response(known | {"authMode": "explicit", "PIN": {"presence": "true"}} | code)

    async def authorize(self, request: web.Request) -> web.Response:
        """credentials/authorize"""
        asked = await self._read(request, "authorize")
        match asked["credentialID"]:
            case "locked":
                given = f"{asked.get('PIN')} {request.headers['Authorization']}"
                refuse(400, "invalid_pin", f"The PIN is invalid:\x1b[2J\u202e\n{given} " + "again and again " * 500)
            case "mute":
                raise web.HTTPUnauthorized
            case "hung":
                refuse(503, "temporarily_unavailable", "Back at noon")
        if asked.get("PIN") != PIN:
            refuse(400, "invalid_pin", "The PIN is invalid")
        released = secrets.token_urlsafe(16)
        self._released[released] = asked["hash"]
        return web.json_response({"SAD": released, "expiresIn": 60})

    async def sign(self, request: web.Request) -> web.Response:
        """signatures/signHash"""
        asked = await self._read(request, "sign")
        if asked["credentialID"] == "unsigned":
            refuse(400, "invalid_request", f"SAD {asked['SAD']} is used up")
        if self._released.pop(asked["SAD"], None) != asked["hash"] or asked["signAlgo"] != ECDSA_SHA256 or asked["hashAlgo"] != SHA256:
            refuse(400, "invalid_request", "these hashes were not released")
        made = [self._key.sign(base64.b64decode(one), ec.ECDSA(Prehashed(hashes.SHA256()))) for one in asked["hash"]]
        return web.json_response({"signatures": [base64.b64encode(one).decode() for one in made]})

    async def _read(self, request: web.Request, call: str) -> dict[str, Any]:
        asked: dict[str, Any] = orjson.loads(await request.read())
        self._asked_for.append([call, asked["credentialID"]])
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            refuse(401, "invalid_token", "The access token is expired or was revoked")
        if asked["credentialID"] not in KNOWN:
            refuse(400, "invalid_request", "Invalid parameter credentialID")
        return asked


def main() -> None:
    """Serves until it is ended."""
    key_file, ready, *certificates = map(Path, sys.argv[1:])
    key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    service = Service(key, [pem.unarmor(one.read_bytes())[2] for one in certificates])
    app = web.Application(middlewares=[refusing])
    app.router.add_get("/asked", service.asked)
    app.router.add_post("/csc/v1/credentials/info", service.info)
    app.router.add_post("/csc/v1/credentials/authorize", service.authorize)
    app.router.add_post("/csc/v1/signatures/signHash", service.sign)
    runner = web.AppRunner(app, access_log=None)

    async def serve() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.with_suffix(".new").write_text(str(runner.addresses[0][1]))
        ready.with_suffix(".new").rename(ready)
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
