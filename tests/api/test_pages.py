"""The pages a newcomer opens: they say what is there, lead on, check a file, and need nothing from anywhere else."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markupsafe import escape
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from api.pages.views import day
from ledger.access.model import AccessSession
from ledger.access.rules import token_hash
from ledger.evidence.findings import Answer
from ledger.invocation import command
from ledger.metering.rules import DAY_S
from ledger.protocol.quantities import hex0x
from ledger.sealing.model import IssueJob
from ledger.settings import Settings
from scripts.demo import import_week
from tests.api.conftest import Client, Homes, Places, Told, started
from tests.conftest import World


def links(page: str) -> list[str]:
    return re.findall(r'(?:href|src|action)="([^"]*)"', page)


def test_the_front_page_lists_zones_and_days_and_every_link_leads_somewhere(client: Client, told: Told, places: Places) -> None:
    page = client.get("/").text
    assert "Sẵn sàng · Ready" in page
    assert told.day.valley.zone.name in page
    assert places.path("/zones/{zone}/days/{date}") in links(page)
    assert ("#main" in links(page), 'id="main"' in page) == (True, True)
    assert "Xin chào, kiem.toan" in page
    for link in set(links(page)) - {"#main", "/staff/sign-out"}:
        assert link.startswith("/"), link
        assert client.get(link, follow_redirects=True).status_code == 200, link
    for way in ("/my", "/my/requests", "/find", "/verify", "/staff", "/staff/requests", "/log"):
        assert way in links(page)
    assert f"<strong>{'/'.join(reversed(told.date.split('-')))}</strong>" in page


def test_the_page_of_a_day_is_its_report_and_every_check_on_it_holds(client: Client, places: Places) -> None:
    page = client.get(places.path("/zones/{zone}/days/{date}")).text
    assert (page.count("<h1"), '<nav aria-label="Trang · Pages">' in page, "<title>" in page) == (1, True, True)
    assert (page.count("<style>"), "--traded:" in page, 'class="title"' in page) == (1, True, True)
    assert "11 ✓" in page
    assert "Traded among neighbours" in page
    assert "sonang verify --bundle" in page


def test_the_page_of_the_log_shows_checkpoints_entries_and_how_to_audit(client: Client, told: Told) -> None:
    page, head = client.get("/log").text, client.get("/api/v1/log/checkpoint").json()
    assert head["root"] in page
    assert "chưa neo · not anchored yet" in page
    assert "sonang audit-log --api http://127.0.0.1 --log-key KEY" in page
    for one in client.get("/api/v1/log/entries").json()["items"]:
        assert one["document"] in page
        assert f"/api/v1/log/tlog-proof?index={one['index']}" in links(page)
    assert told.day.valley.agreements[told.day.valley.roof.id].lookup_code not in page


def test_a_customer_finds_their_documents_in_the_log_and_the_log_in_their_document(site: Client, homes: Homes) -> None:
    now, own = int(time.time()), f"/my/documents/{hex0x(homes.agreement.id)}"
    with homes.sessions.begin() as session:
        party = homes.agreement.signatories[0].party_id
        session.add(AccessSession(token_hash=token_hash("log"), party_id=party, created_s=now, expires_s=now + 600))
        job = {"state": "issued", "tries": 1, "next_try_s": 1, "issued_digest": bytes(32), "level": "B-LTA"}
        session.add(IssueJob(agreement_id=homes.other.id, asked_s=1, issued_s=now - 3 * DAY_S, **job))
    signed = {"cookie": "sonang_session=log"}
    try:
        assert own not in site.get("/log").text
        page = site.get("/log", headers=signed).text
        assert own in links(page)
        assert hex0x(homes.other.id) in page
        assert page.count("<rect") == 30
        assert f"<title>{day(now - 3 * DAY_S)}: 1</title>" in page
        document = site.get(own, headers=signed).text
        assert "Đã ký đủ · Signed by all" in document
        (proof,) = [link for link in links(document) if "tlog-proof" in link]
        assert site.get(proof).status_code == 200
    finally:
        with homes.sessions.begin() as session:
            session.delete(session.get_one(IssueJob, homes.other.id))
            session.delete(session.get_one(AccessSession, token_hash("log")))


def test_no_page_loads_anything_from_elsewhere_or_runs_a_script(client: Client, places: Places) -> None:
    for path in ("/", "/docs", "/log", "/verify", places.path("/zones/{zone}/days/{date}")):
        page = client.get(path).text
        assert not re.search(r"<script|<iframe|<object|<link|@import|url\(", page), path
        assert [link for link in links(page) if not link.startswith(("/", "#"))] == [], path


def test_more_readers_than_connections_do_not_wait_for_one_another(client: Client, places: Places) -> None:
    paths = ["/", places.path("/zones/{zone}/days/{date}")] * 20
    began = time.monotonic()
    with ThreadPoolExecutor(len(paths)) as readers:
        assert {answer.status_code for answer in readers.map(client.get, paths)} == {200}
    assert time.monotonic() - began < 25  # a full pool gives up after thirty seconds


def test_a_bundle_is_judged_by_a_given_block_without_a_database_or_a_node(told: Told, tmp_path: Path) -> None:
    assert told.day.trust.block_hash is not None
    upload, block = {"file": ("it.zip", told.day.bundle("position"))}, {"trust_block": "0x" + told.day.trust.block_hash.hex()}
    nowhere = {"database_url": f"postgresql:///none?host={tmp_path}", "rpc_url": "http://127.0.0.1:9"}
    with started(told.settings.model_copy(update=nowhere)) as alone:
        assert alone.post("/api/v1/verify", files=upload, data=block).json()["answer"] == "authentic"
        assert alone.post("/api/v1/verify", files=upload).status_code == 503


def test_a_new_installation_says_what_to_run(engine: Engine, tmp_path: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with started(Settings(state_dir=tmp_path, database_url=url, rpc_url="http://127.0.0.1:9")) as empty:
        page = empty.get("/").text
        assert "No zones yet" in page
        assert "make demo" in page
        assert "does not answer" in page
        assert f"<code>{command('import-readings')}</code>" in page
        assert f"`{command('devchain', 'status')}`" in page
        log = empty.get("/log").text
        assert "The log is empty" in log
        assert "<svg" not in log


def test_a_browser_is_told_of_a_problem_by_a_page_and_a_program_by_json(client: Client, places: Places) -> None:
    for method, path, status in (
        ("GET", places.path("/zones/{zone}/days/2020-01-01"), 404),
        ("GET", "/zones/<b>/days/2020-01-01", 404),
        ("GET", "/my/requests/abc", 404),
        ("POST", "/verify", 422),
        ("PUT", "/", 405),
    ):
        shown = client.ask(method, path, headers={"accept": "text/html,*/*;q=0.8", "x-request-id": "till-7"})
        told = client.ask(method, path, headers={"accept": "*/*"})
        assert (shown.status_code, told.status_code) == (status, status)
        assert shown.headers["content-type"] == "text/html; charset=utf-8"
        assert told.headers["content-type"] == "application/problem+json"
        assert ('class="button" href="/my/requests"' in shown.text) == (path == "/my/requests/abc"), "a way on from where one was"
        for said in (told.json()["title"], told.json()["detail"], told.json()["fix"], "till-7"):
            assert escape(said) in shown.text
        assert "<b>" not in shown.text
    assert "begin at / for pages" in client.get("/hop-dong", headers={"accept": "text/html"}).text
    as_asked = client.get("/api/v1/zones/0x12", headers={"accept": "text/html"})
    assert as_asked.headers["content-type"] == "application/problem+json"


def test_only_a_day_whose_gates_are_still_ahead_is_offered_to_run(
    world: World, settings: Settings, sessions: sessionmaker[Session]
) -> None:
    import_week(sessions)
    sunday_noon, june = (int(datetime(2016, *day, 12, tzinfo=UTC).timestamp()) for day in ((5, 22), (6, 1)))
    with started(settings) as app:
        assert "--date 2016-05-21" in app.get("/").text
        world.reach(sunday_noon)
        assert "--date 2016-05-23" in app.get("/").text
        world.reach(june)
        page = app.get("/").text
        assert "--date" not in page
        assert "SONANG_STATE_DIR=…" in page


def test_a_bundle_sent_by_the_form_is_judged_in_words(client: Client, told: Told) -> None:
    assert told.day.trust.block_hash is not None
    bundle, block = told.day.bundle("trade"), "0x" + told.day.trust.block_hash.hex()
    form = {"file": ("<b>trade</b>.zip", bundle), "bundle": ("", b"")}
    page = client.post("/verify", files=form, data={"trust_block": f" {block} "}).text
    assert "XÁC THỰC · AUTHENTIC" in page
    assert "&lt;b&gt;trade" in page
    assert "By the block you trust" in page
    flipped = bytearray(bundle)
    flipped[len(flipped) // 2] ^= 1
    page = client.post("/verify", files={"file": ("trade.zip", bytes(flipped))}, data={"trust_block": block}).text
    assert "ĐÃ BỊ SỬA · ALTERED" in page


@pytest.mark.parametrize("kind", ["agreement", "reading", "trade", "position"])
def test_a_bundle_is_authentic_by_a_given_block_and_by_this_node(client: Client, told: Told, kind: str) -> None:
    assert told.day.trust.block_hash is not None
    upload = {"file": ("it.zip", told.day.bundle(kind))}
    given = client.post("/api/v1/verify", files=upload, data={"trust_block": "0x" + told.day.trust.block_hash.hex()}).json()
    here = client.post("/api/v1/verify", files=upload).json()
    assert (given["answer"], given["kind"], given["trusted"], given["exit_code"]) == (Answer.AUTHENTIC, kind, "given", 0)
    assert (here["answer"], here["kind"], here["trusted"]) == (Answer.AUTHENTIC, kind, "node")
    other = client.post("/api/v1/verify", files=upload, data={"trust_block": "0x" + "00" * 32}).json()
    assert other["answer"] == Answer.ALTERED
    assert next(check for check in other["checks"] if check["result"] == "failed")["check"] == "block"


def test_a_document_is_judged_by_the_node_or_with_its_bundle_by_a_block(client: Client, told: Told) -> None:
    assert told.day.trust.block_hash is not None
    valley, block = told.day.valley, {"trust_block": "0x" + told.day.trust.block_hash.hex()}
    document = valley.town.store.read(valley.agreements[valley.roof.id].id)
    other = valley.town.store.read(valley.agreements[valley.spare_roof.id].id)
    bundle = ("bundle.zip", told.day.bundle("agreement"))

    def answer(pdf: bytes, form: dict[str, str], *, proven: bool) -> str:
        files = {"file": ("agreement.pdf", pdf)} | ({"bundle": bundle} if proven else {})
        found = client.post("/api/v1/verify", files=files, data=form)
        return str(found.json()["answer"]) if found.status_code == 200 else f"{found.status_code} {found.json()['field']}"

    assert answer(document, {}, proven=False) == "authentic"
    assert answer(document, block, proven=True) == "authentic"
    assert answer(document, block, proven=False) == "422 bundle"
    assert answer(other, block, proven=True) in ("altered", "unrecognised")
    assert answer(document[:-1], {}, proven=False) == "altered"
    assert answer(b"%PDF-1.7 of somebody else", {}, proven=False) == "unrecognised"
    page = client.post("/verify", files={"file": ("agreement.pdf", b"%PDF-1.7 of somebody else")}).text
    assert "chọn thêm gói bằng chứng của nó, hoặc hỏi nơi đã phát hành" in page, "what to do is said in Vietnamese too"
