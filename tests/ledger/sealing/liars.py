"""Time-stamp authorities that misbehave: real servers with the test authority's own key, each wrong in one way."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import threading
from collections.abc import Callable, Iterator

from aiohttp import web
from asn1crypto import tsp
from certomancer.integrations.aiohttp_animator import build_animator_app
from certomancer.registry import CertLabel, CertomancerConfig, KeyLabel, ServiceLabel
from certomancer.services import TimeStamper

from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.hierarchy import ARCHITECTURE, LABELS, configuration

Answer = Callable[[tsp.TimeStampReq], tsp.TimeStampResp | bytes | int]


def honest(authority: AuthorityFiles, shift: Callable[[], float] = lambda: 0.0) -> Answer:
    """Answers as the authority itself does, by a clock that is off by so many seconds."""
    architecture = authority.architecture()

    def answer(request: tsp.TimeStampReq) -> tsp.TimeStampResp:
        moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=shift())
        return architecture.service_registry.summon_timestamper(ServiceLabel("stamps"), moment).request_tsa_response(request)

    return answer


def about_other_bytes(authority: AuthorityFiles) -> Answer:
    """Stamps something else than what was sent."""
    answer = honest(authority)

    def lie(request: tsp.TimeStampReq) -> tsp.TimeStampResp | bytes | int:
        imprint = request["message_imprint"]
        imprint["hashed_message"] = bytes(len(imprint["hashed_message"].native))
        return answer(request)

    return lie


def with_another_nonce(authority: AuthorityFiles) -> Answer:
    """Answers as if it had been asked before: a stamp that was kept and sent again."""
    answer = honest(authority)

    def lie(request: tsp.TimeStampReq) -> tsp.TimeStampResp | bytes | int:
        request["nonce"] = 1
        return answer(request)

    return lie


def signed_with(authority: AuthorityFiles, label: str) -> Answer:
    """Stamps with a certificate that is for something else."""
    architecture = authority.architecture()
    certificate, key = architecture.get_cert(CertLabel(label)), architecture.key_set.get_private_key(KeyLabel(label))
    return TimeStamper(certificate, key).request_tsa_response


def refusing(_request: tsp.TimeStampReq) -> bytes:
    """Says that the account is used up, without a stamp; asn1crypto's own class would insist on one."""
    status = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["quota used up"]}).dump()
    return bytes([0x30, len(status)]) + bytes(status)


@contextlib.contextmanager
def revoking(files: AuthorityFiles, label: str) -> Iterator[None]:
    """The authority itself, at its own address, which says that one of its certificates is revoked."""
    born = datetime.date.fromisoformat(files.record["born"])
    config = configuration(files.url, born, {one: f"{one}.crt" for one in LABELS})
    certificates = config["pki-architectures"][ARCHITECTURE]["certs"]
    certificates[label]["revocation"] = {"revoked-since": f"{born}T00:00:01+0000", "reason": "key_compromise"}
    folder = str(files.directory)
    known = CertomancerConfig(config, key_search_dir=folder, config_search_dir=folder, external_url_prefix=files.url)
    with _running(build_animator_app(known.pki_archs, with_web_ui=False), int(files.record["port"])):
        yield


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server that answers so, at an address of its own."""

    async def handle(request: web.Request) -> web.Response:
        said = answer(tsp.TimeStampReq.load(await request.read()))
        if isinstance(said, int):
            return web.Response(status=said)
        body = said if isinstance(said, bytes) else said.dump()
        return web.Response(body=body, content_type="application/timestamp-reply")

    app = web.Application()
    app.router.add_post("/", handle)
    with _running(app, 0) as port:
        yield f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def _running(app: web.Application, port: int) -> Iterator[int]:
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return int(runner.addresses[0][1])

    chosen = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield chosen
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
