"""A remote signing service (CSC API v1) as a process: it holds a key, wants a bearer token and a PIN, and releases one hash at a time.

Run as `python signing_service.py KEY_FILE READY_FILE CERTIFICATE…`, the signer's certificate first. It writes its port to the ready file.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from asn1crypto import pem
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

CREDENTIAL, TOKEN, PIN = "utility-seal", "token-of-the-test", "2468"
ECDSA_SHA256, SHA256 = "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1"


class Service:
    """What it knows: its key, its certificates, and which hashes were released."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificates: list[bytes]) -> None:
        self._key = key
        self._certificates = [base64.b64encode(one).decode() for one in certificates]
        self._released: dict[str, list[str]] = {}

    async def info(self, request: web.Request) -> web.Response:
        """credentials/info"""
        await self._asked(request)
        return web.json_response(
            {"cert": {"certificates": self._certificates}, "key": {"algo": [ECDSA_SHA256]}, "multisign": 1, "SCAL": "2"}
        )

    async def authorize(self, request: web.Request) -> web.Response:
        """credentials/authorize"""
        asked = await self._asked(request)
        if asked.get("PIN") != PIN:
            raise web.HTTPUnauthorized(reason="wrong PIN")
        released = secrets.token_urlsafe(16)
        self._released[released] = asked["hash"]
        return web.json_response({"SAD": released, "expiresIn": 60})

    async def sign(self, request: web.Request) -> web.Response:
        """signatures/signHash"""
        asked = await self._asked(request)
        if self._released.pop(asked["SAD"], None) != asked["hash"] or asked["signAlgo"] != ECDSA_SHA256 or asked["hashAlgo"] != SHA256:
            raise web.HTTPBadRequest(reason="these hashes were not released")
        made = [self._key.sign(base64.b64decode(one), ec.ECDSA(Prehashed(hashes.SHA256()))) for one in asked["hash"]]
        return web.json_response({"signatures": [base64.b64encode(one).decode() for one in made]})

    async def _asked(self, request: web.Request) -> dict[str, Any]:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized(reason="no such token")
        asked: dict[str, Any] = await request.json()
        if asked["credentialID"] != CREDENTIAL:
            raise web.HTTPNotFound(reason="no such credential")
        return asked


def main() -> None:
    """Serves until it is ended."""
    key_file, ready, *certificates = map(Path, sys.argv[1:])
    key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    service = Service(key, [pem.unarmor(one.read_bytes())[2] for one in certificates])
    app = web.Application()
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
