"""Customers sign in by a code and see their own documents and nobody else's; whoever holds a code learns what it finds and no name."""

from __future__ import annotations

import re
import time
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import httpx
from sqlalchemy import update

from api.pages.customers import _told
from ledger.access.staff import add_staff
from ledger.messages.commands import queue_message
from ledger.messages.model import Message
from ledger.messages.signatures import REPORT, signature_of
from ledger.parties.commands import draft_unit
from ledger.protocol.quantities import hex0x
from ledger.sealing.model import IssueJob
from ledger.settings import Settings
from tests.api.conftest import SIGNED, Client, Homes, Told, started

KEYS = ("signing-link", "one-time-code", "elsewhere")
"""How keys of messages begin; an SMS says by its key alone what it is."""


def signed_in(site: Client, homes: Homes, label: str | None = None) -> Client:
    """The same client, signed in by the pages as a browser would."""
    page = site.post("/sign-in", data={"label": label or homes.label}).text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None
    done = site.post("/sign-in/code", data={"ticket": ticket[1], "code": homes.code(ticket[1])})
    assert (done.status_code, done.headers["location"]) == (303, "/my")
    return site


def test_a_customer_signs_in_and_finds_and_downloads_their_document(site: Client, homes: Homes) -> None:
    assert site.get("/my").headers["location"] == "/sign-in"
    signed_in(site, homes)
    cookie = next(iter(site.http.cookies.jar))
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    page = site.get("/my").text
    path = f"/my/documents/{hex0x(homes.agreement.id)}"
    assert path in page
    assert hex0x(homes.other.id) not in page
    assert homes.agreement.lookup_code in page
    front = site.get("/").text
    assert [word in front for word in ("Xin chào", homes.label, 'action="/sign-out"', "/staff/sign-out")] == [True, True, True, False]
    file = site.get(f"{path}/file")
    assert sha256(file.content).digest() == homes.agreement.sealed_digest
    named = f"rooftop-surplus-sale-{homes.agreement.lookup_code}-sealed.pdf"
    assert f'filename="{named}"' in file.headers["content-disposition"]
    with ZipFile(BytesIO(site.get("/my/documents.zip").content)) as every:
        assert every.namelist() == [named]
        assert every.read(named) == file.content
    judged = site.post("/api/v1/verify", files={"file": ("documents.zip", site.get("/my/documents.zip").content)}).json()
    assert (judged["answer"], judged["exit_code"], named in judged["checks"][0]["detail"]) == ("unrecognised", 5, True)
    assert "still to come" in site.get(path).text
    assert "Nothing was sent about it yet" in site.get(path).text
    assert site.post("/sign-out").status_code == 303
    assert "Xin chào" not in site.get("/").text
    assert site.get("/my").headers["location"] == "/sign-in"


def test_the_json_says_the_same_and_shows_messages_to_ones_own_address_in_part(site: Client, homes: Homes) -> None:
    with homes.sessions.begin() as session:
        about = {"about": homes.agreement.id, "subject": "Mời xem · Please look", "body": "…"}
        for name, address in (("mine", "roof@example.vn"), ("theirs", "utility@example.vn")):
            queue_message(session, key=f"look/{name}", channel="email", address=address, **about)  # type: ignore[arg-type]
        short = {"subject": "", "body": "…", "about": None}
        texts = [queue_message(session, key=f"{key}/x", channel="sms", address="+84912345678", **short) for key in KEYS]  # type: ignore[arg-type]
        assert [_told(one)[3] for one in texts] == ["Đường dẫn ký · Link to sign", "Mã dùng một lần · One-time code", ""]
    ticket = site.post("/api/v1/sign-in", json={"label": homes.label, "channel": "email"}).json()["ticket"]
    assert site.post("/api/v1/sign-in/code", json={"ticket": ticket, "code": homes.code(ticket)}).status_code == 200
    (listed,) = site.get("/api/v1/my/documents").json()["items"]
    assert (listed["id"], listed["file"], listed["waits"]) == (hex0x(homes.agreement.id), "sealed", False)
    assert [one["address"] for one in listed["messages"]] == ["r…@example.vn"]
    assert "<strong>Mời xem · Please look</strong>" in site.get(f"/my/documents/{listed['id']}").text
    one = site.get(f"/api/v1/my/documents/{listed['id']}")
    assert one.json() == listed
    assert site.get(f"/api/v1/my/documents/{listed['id']}/file").content.startswith(b"%PDF-")
    assert site.get("/api/v1/my/documents.zip").content.startswith(b"PK")
    assert site.post("/api/v1/sign-out").json() == {"signed_out": True}
    assert [site.get(f"/api/v1/my/documents{what}").status_code for what in ("", ".zip")] == [401, 401]


def test_the_issued_file_takes_the_sealed_ones_place_and_waiting_for_it_is_said(site: Client, homes: Homes, told: Told) -> None:
    store = told.day.valley.town.store
    with homes.sessions.begin() as session:
        session.add(
            IssueJob(agreement_id=homes.agreement.id, asked_s=1, state="waiting", tries=1, next_try_s=1, reason="http://tsa.internal")
        )
    signed_in(site, homes)
    waiting = site.get(f"/my/documents/{hex0x(homes.agreement.id)}").text
    assert "takes its place here" in waiting
    assert "tsa.internal" not in waiting
    issued = store.read(homes.agreement.id) + b"\n% as if sealed"
    with homes.sessions.begin() as session:
        job = session.get_one(IssueJob, homes.agreement.id)
        job.state, job.issued_s, job.issued_digest, job.level = "issued", 2, sha256(issued).digest(), "B-LTA"
    store.write_issued(homes.agreement.id, issued)
    try:
        file = site.get(f"/my/documents/{hex0x(homes.agreement.id)}/file")
        assert file.content == issued
        assert f'filename="rooftop-surplus-sale-{homes.agreement.lookup_code}.pdf"' in file.headers["content-disposition"]
        found = site.post("/api/v1/look-up", data={"code": homes.agreement.lookup_code}, files={"file": ("a.pdf", issued)}).json()
        assert found["file"] == "authentic"
        store.issued_path(homes.agreement.id).unlink()
        told_of = [site.get(path).text for path in ("/my", f"/my/documents/{hex0x(homes.agreement.id)}")]
        assert ["the issued file is missing" in page for page in told_of] == [True, True]
        assert not any("still to come" in page or "takes its place here" in page for page in told_of)
        listed = site.get(f"/api/v1/my/documents/{hex0x(homes.agreement.id)}").json()
        assert (listed["file"], listed["waits"], listed["missing"]) == ("sealed", False, True)
    finally:
        store.issued_path(homes.agreement.id).unlink(missing_ok=True)
        with homes.sessions.begin() as session:
            session.delete(session.get_one(IssueJob, homes.agreement.id))


def test_signing_in_leads_back_to_the_page_that_was_asked_for_and_to_no_other_site(site: Client, homes: Homes) -> None:
    door = site.get("/my/ask?service=renewal").headers["location"]
    assert door == "/sign-in?to=/my/ask%3Fservice%3Drenewal"
    assert 'name="to" value="/my/ask?service=renewal"' in site.get(door).text
    for to, lands in (
        ("/my/ask?service=renewal", "/my/ask?service=renewal"),
        ("//evil.example", "/my"),
        ("/my/../staff", "/my"),
        ("/staff", "/my"),
    ):
        page = site.post("/sign-in", data={"label": homes.label, "to": to}).text
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        assert ticket is not None
        done = site.post("/sign-in/code", data={"ticket": ticket[1], "code": homes.code(ticket[1]), "to": to})
        assert done.headers["location"] == lands


def test_somebody_elses_document_is_not_there(site: Client, homes: Homes) -> None:
    signed_in(site, homes)
    for path in (f"/my/documents/{hex0x(homes.other.id)}", f"/my/documents/{hex0x(homes.other.id)}/file"):
        theirs, nobodys = site.get(path), site.get(path.replace(hex0x(homes.other.id), "0x" + "00" * 32))
        assert (theirs.status_code, nobodys.status_code) == (404, 404)
        assert theirs.json()["detail"] == nobodys.json()["detail"] == "no such document of yours"
        assert site.get(f"/api/v1{path}").status_code == 404


def test_a_customer_without_documents_is_told_so(site: Client, homes: Homes) -> None:
    assert "No documents yet" in signed_in(site, homes, "NEWCOMER").get("/my").text
    assert site.get("/api/v1/my/documents").json() == {"items": [], "next": None}


def test_nobody_learns_from_an_answer_who_is_a_customer(site: Client, homes: Homes) -> None:
    def shown(label: str, code: str) -> list[tuple[int, str]]:
        page = site.post("/sign-in", data={"label": label})
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        assert ticket is not None
        answers = [page, site.post("/sign-in/code", data={"ticket": ticket[1], "code": code})]
        return [(one.status_code, _plain(one.text.replace(ticket[1], ""))) for one in answers]

    assert shown(homes.label, "wrong!") == shown("nobody-of-this-name", "wrong!")
    asked = [site.post("/api/v1/sign-in", json={"label": one}).json() for one in ("NEWCOMER", "somebody")]
    assert [sorted(one) for one in asked] == [["expires", "ticket"]] * 2
    assert [len(one["ticket"]) for one in asked] == [43, 43]
    assert [homes.code(one["ticket"]) is None for one in asked] == [False, True]


def _plain(page: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", page)


def test_another_site_cannot_sign_anybody_in_or_out(site: Client, homes: Homes) -> None:
    signed_in(site, homes)
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"},
        {"sec-fetch-site": "same-site"},
    ):
        for path in ("/sign-in", "/sign-in/code", "/sign-out", "/staff/sign-in", "/api/v1/sign-out"):
            refused = site.post(path, data={"label": "x", "ticket": "x", "code": "1", "token": "x"}, headers=headers)
            assert refused.status_code == 403, path
            assert refused.json()["fix"]
    assert site.get("/my").status_code == 200
    for headers in ({"origin": "http://127.0.0.1"}, {"origin": "null", "sec-fetch-site": "same-origin"}, {}):
        assert site.post("/sign-out", headers=headers).status_code == 303


def test_a_made_up_cookie_opens_nothing_and_neither_does_a_customers_cookie_the_staffs_door(site: Client, homes: Homes) -> None:
    forged = {"cookie": "sonang_session=" + "A" * 43}
    for path, operations in site.get("/openapi.json").json()["paths"].items():
        if path.startswith(SIGNED) and "get" in operations:
            filled = re.sub(r"\{\w+\}", hex0x(homes.agreement.id), path.replace("{number}", "1"))
            assert site.get(filled, headers=forged).status_code == 401, path
    signed_in(site, homes)
    (cookie,) = site.http.cookies.jar
    assert site.get("/api/v1/staff/me", headers={"cookie": f"sonang_staff={cookie.value}"}).status_code == 401


def test_one_customer_cannot_be_flooded_with_codes(homes: Homes) -> None:
    with started(homes.settings) as running:

        async def asked(label: str) -> int:
            browser = httpx.ASGITransport(app=running.app, client=homes.browser())
            async with httpx.AsyncClient(transport=browser, base_url="http://127.0.0.1") as http:
                return (await http.post("/api/v1/sign-in", json={"label": label})).status_code

        one_code = ("FLOOD\u1ec6D", "floode\u0323\u0302d ", "FLOOD\u00ca\u0323D", "FLOOD\u1eb8\u0302D")  # however it is put together
        codes = [running.portal.call(asked, label) for label in one_code * 3]
    assert codes.count(200) <= 10  # five an hour, and perhaps an hour has just turned
    assert codes[-1] == 429


def test_staff_sign_in_by_their_token_and_see_what_is_stuck(site: Client, homes: Homes) -> None:
    with homes.sessions.begin() as session:
        _, token = add_staff(session, name="truong.phong", role="admin", unit=None)
        unit = draft_unit(session, code="PA01HH", name="Hải Hậu")
        _, local = add_staff(session, name="an.hai.hau", role="agent", unit=unit)
        queue_message(session, key="stuck/1", channel="zalo", address="+84912345678", subject="", body="mật")
        queue_message(session, key="stuck/2", channel="zalo", address="+84912345678", subject="", body="mật")
        failed = {"state": "failed", "reason": "no such number", "ended_s": 1, "body": None}
        session.execute(update(Message).where(Message.key == "stuck/2").values(failed))
    assert site.get("/staff").headers["location"] == "/staff/sign-in"
    assert site.post("/staff/sign-in", data={"token": "wrong"}).status_code == 401
    assert site.post("/staff/sign-in", data={"token": token}).headers["location"] == "/staff"
    page = site.get("/staff").text
    assert "stuck/1" in page
    assert "+84…678" in page
    front = site.get("/").text
    assert ("Xin chào, truong.phong" in front, "quản trị viên · admin" in front, 'action="/staff/sign-out"' in front) == (True, True, True)
    bearer = {"authorization": f"Bearer {token}"}
    assert site.get("/api/v1/staff/me", headers=bearer).json() == {"name": "truong.phong", "role": "admin", "unit": None}
    stuck = site.get("/api/v1/staff/messages", headers=bearer).json()["stuck"]
    again = {one["key"]: one["next_try"] is not None for one in stuck}
    assert (again["stuck/1"], again["stuck/2"]) == (True, False), "what failed is not tried again"
    assert site.get("/api/v1/staff/messages", headers={"authorization": f"Bearer {local}"}).json()["stuck"] == []
    assert site.get("/api/v1/staff/me", headers={"authorization": "Bearer x"}).status_code == 401
    assert site.post("/staff/sign-out").status_code == 303
    assert site.get("/staff").status_code == 303


def test_a_gateways_report_is_taken_when_signed_and_refused_when_not(homes: Homes) -> None:
    secret = "s" * 32
    with homes.sessions.begin() as session:
        handle = queue_message(session, key="reported/1", channel="sms", address="+84912345678", subject="", body="mật").handle
    body, stamp = b'{"id": "%s", "state": "delivered"}' % handle.encode(), str(int(time.time()))
    good = {"x-sonang-signature": signature_of(secret.encode(), REPORT, stamp, body), "x-sonang-timestamp": stamp}

    def told_by(site: Client, headers: dict[str, str], channel: str = "sms") -> httpx.Response:
        return site.post(f"/api/v1/messages/reports/{channel}", content=body, headers=headers)

    with started(Settings(**homes.settings.model_dump() | {"sms_secret": secret}), homes.browser()) as site:
        assert told_by(site, {}).status_code == 401
        assert told_by(site, good | {"x-sonang-timestamp": "1"}).status_code == 401
        assert told_by(site, good, "zalo").status_code == 401
        assert told_by(site, good).json() == {"state": "delivered", "moved": True}
        assert told_by(site, good).json() == {"state": "delivered", "moved": False}
