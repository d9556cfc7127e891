"""Whatever goes wrong, the answer has one shape, says what to do next, and tells nothing it should not."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, MutableMapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import Request
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from api.doorway import LARGEST_BODY, LARGEST_TEXT, TAKES_FILES
from api.errors import Problem, kind_of
from ledger.access.limits import spend
from ledger.access.model import AskedOften
from ledger.access.rules import CHECK_FILE
from ledger.errors import ChainError, NotFoundError, SettingsError, SonangError, UnavailableError
from tests.api.conftest import UTILITY, Client, Places, Told, readable, started

LABELS = ("Mái 1", "Mái 2", "Mái 3", "Nhà 4", UTILITY, "Nguyễn")
NONSENSE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(lambda text: text.strip(".") != ""),
    st.integers(-(2**70), 2**70).map(str),
    st.binary(min_size=0, max_size=40).map(lambda data: "0x" + data.hex()),
    st.binary(min_size=32, max_size=32).map(lambda data: "0x" + data.hex()),
    st.dates().map(str),
)


def problem(answer: httpx.Response) -> Problem:
    """The problem an answer tells, in the one shape and no other."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = Problem.model_validate_json(answer.content)
    assert told.status == answer.status_code
    assert told.detail
    assert told.fix
    assert told.request_id == answer.headers["x-request-id"]
    return told


@pytest.mark.parametrize(
    ("method", "path", "status", "field"),
    [
        ("GET", "/nothing", 404, ""),
        ("GET", "/api/v1/zones/", 404, ""),
        ("DELETE", "/api/v1/zones", 405, ""),
        ("PUT", "/", 405, ""),
        ("GET", "/api/v1/zones/0x12", 422, "zone"),
        ("GET", "/api/v1/zones/" + "5e" * 32, 422, "zone"),
        ("GET", "/api/v1/zones/0x" + "5e" * 32, 404, "zone"),
        ("GET", "/api/v1/parties/0xzz", 422, "party"),
        ("GET", "/api/v1/agreements/0x" + "11" * 32 + "/document", 404, "agreement"),
        ("GET", "/api/v1/zones?limit=0", 422, "limit"),
        ("GET", "/api/v1/zones?limit=501", 422, "limit"),
        ("GET", "/api/v1/zones?cursor=nonsense", 422, "cursor"),
        ("GET", "/api/v1/zones?cursor=WzFd", 422, "cursor"),
        ("GET", "/api/v1/parties?role=king", 422, "role"),
        ("GET", "/api/v1/zones/{zone}/days/2016-02-30/units", 422, "date"),
        ("GET", "/api/v1/zones/{zone}/days/1463788800/units", 422, "date"),
        ("GET", "/api/v1/zones/{zone}/days/{date}/units?version=2", 404, "date"),
        ("GET", "/api/v1/zones/{zone}/days/{date}/settlements/2", 404, "date"),
        ("GET", "/api/v1/zones/{zone}/units/{start}/trades/99", 404, "index"),
        ("GET", "/api/v1/zones/{zone}/units/17", 404, "start"),
        ("GET", "/api/v1/meters/{meter}/readings/1", 404, "date"),
        ("POST", "/api/v1/verify", 422, "file"),
        ("POST", "/verify", 422, "file"),
        ("GET", "/zones/{zone}/days/2020-01-01", 404, "date"),
    ],
)
def test_every_refusal_names_what_is_wrong(*, client: Client, places: Places, method: str, path: str, status: int, field: str) -> None:
    told = problem(client.ask(method, places.path(path)))
    assert (told.status, told.field) == (status, field)


def test_what_is_no_number_no_list_and_no_json_is_told_in_vietnamese_too(client: Client) -> None:
    for path, vi in (
        ("zones?limit=0", "Phải từ 1 trở lên. Sửa limit rồi gửi lại."),
        ("zones?cursor=nonsense", "Con trỏ không thuộc danh sách này. Lấy `next` của trang trước, hoặc bỏ đi."),
        (f"zones?cursor={'x' * 501}", "Dài quá 500 ký tự. Sửa cursor rồi gửi lại."),
    ):
        assert problem(client.get(f"/api/v1/{path}")).vi == vi
    nobody = problem(client.get("/api/v1/staff/requests", headers={"authorization": ""}))
    assert nobody.vi.startswith("Chưa đăng nhập bằng tài khoản nhân viên, hoặc phiên đã hết. Đăng nhập tại /staff/sign-in")
    broken = problem(client.post("/api/v1/sign-in", content=b"{bad", headers={"content-type": "application/json"}))
    assert (broken.field, broken.vi.partition(".")[0]) == ("body", "Nội dung gửi không phải JSON")


def test_a_405_says_which_methods_there_are(client: Client) -> None:
    assert client.post("/api/v1/zones").headers["allow"] == "GET"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_nonsense_in_a_path_or_a_question_breaks_anything(client: Client, places: Places, data: st.DataObject) -> None:
    template = data.draw(st.sampled_from(readable(client)))
    broken = data.draw(st.sets(st.sampled_from(sorted(places.values))))
    values = {name: data.draw(NONSENSE) if name in broken else value for name, value in places.values.items()}
    asked = data.draw(st.dictionaries(st.sampled_from(["limit", "cursor", "version", "role", "zone", "party"]), NONSENSE, max_size=2))
    path = re.sub(r"\{(\w+)\}", lambda found: quote(values[found[1]], safe=""), template)
    answer = client.get(path, params=asked)
    assert answer.status_code < 500, answer.text
    if answer.status_code != 200:
        problem(answer)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=300), kind=st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04"]), block=NONSENSE)
@example(b"x", b"PK\x03\x04", "0x" + "00" * 32)
def test_no_uploaded_bytes_break_anything(client: Client, content: bytes, kind: bytes, block: str) -> None:
    with client.app.state.parts.writing().begin() as session:
        session.execute(delete(AskedOften))
    for form in ({}, {"trust_block": block}):
        answer = client.post("/api/v1/verify", files={"file": ("it", kind + content)}, data=form)
        assert answer.status_code < 500, answer.text
        if answer.status_code != 200:
            assert problem(answer).field in ("trust_block", "bundle")
        else:
            assert answer.json()["answer"] in ("unrecognised", "altered")


def test_a_request_id_is_accepted_echoed_and_logged(client: Client, logged: list[MutableMapping[str, Any]]) -> None:
    answer = client.get("/nothing", headers={"x-request-id": "till-7.3_a"})
    assert problem(answer).request_id == "till-7.3_a"
    seen = next(entry for entry in logged if entry["event"] == "request")
    assert (seen["request_id"], seen["status"], seen["method"], seen["path"]) == ("till-7.3_a", 404, "GET", "/nothing")
    for bad in ("a b", "x" * 65, 'a"b', ""):
        assert re.fullmatch("[0-9a-f]{32}", problem(client.get("/nothing", headers={"x-request-id": bad})).request_id)


def test_another_web_site_in_the_same_browser_learns_nothing(client: Client) -> None:
    for host in ("evil.example", "evil.example:8000", "192.168.1.7", "", "[::", "localhost.evil.example"):
        told = problem(client.get("/api/v1/parties", headers={"host": host}))
        assert (told.status, told.field) == (421, "Host")
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert client.get("/health", headers={"host": host}).status_code == 200


def test_another_machine_learns_nothing(told: Told) -> None:
    with started(told.settings, client=("192.168.1.9", 4321)) as stranger:
        assert problem(stranger.get("/health")).status == 421


def test_labels_and_names_stay_in_the_ledger(client: Client, told: Told, places: Places) -> None:
    home = told.day.valley.home
    asked = [places.path(path) for path in readable(client) if not path.endswith(("document", "bundle"))]
    asked += [
        f"/api/v1/parties/0x{home.party_id.hex()}",
        f"/api/v1/meters/0x{home.id.hex()}/readings/{told.day.valley.day + 7}",
        f"/api/v1/zones/{told.zone}/days/{told.date}/settlements/1/positions/0x{told.day.valley.utility.id.hex()}",
    ]
    for path in asked:
        text = client.get(path).text
        assert [label for label in LABELS if label in text] == [], path


def test_a_destroyed_key_is_told_without_a_name(client: Client, told: Told, places: Places) -> None:
    session, home = told.day.session, told.day.valley.home
    key, home.party.salt_key = home.party.salt_key, None
    session.commit()
    start, run = places.values["start"], f"/api/v1/zones/{told.zone}/days/{told.date}/settlements/1/positions"
    try:
        assert client.get(f"/api/v1/parties/0x{home.party_id.hex()}").json()["erased"] is True
        own = next(
            fill for fill in client.get(places.path("/api/v1/zones/{zone}/units/{start}/trades")).json()["items"] if fill["side"] == "buy"
        )
        for path in (
            f"/api/v1/meters/0x{home.id.hex()}/readings/{start}",
            f"/api/v1/zones/{told.zone}/units/{start}/trades/{own['index']}",
            f"/api/v1/zones/{told.zone}/units/{start}/trades/{own['index']}/bundle",
            f"{run}/0x{home.party_id.hex()}",
        ):
            refused = problem(client.get(path))
            assert (refused.status, refused.type) == (409, "/docs#problem-rule")
            assert "Nhà" not in refused.detail
        assert client.get(f"{run}/{places.values['party']}").status_code == 200
    finally:
        home.party.salt_key = key
        session.commit()


def test_a_fault_nobody_foresaw_is_logged_and_not_shown(told: Told, logged: list[MutableMapping[str, Any]]) -> None:
    with started(told.settings) as running:

        @running.app.get("/fault")
        def fault(request: Request) -> None:
            raise ZeroDivisionError(f"secret of {request.url}")

        refused = problem(running.get("/fault"))
    assert (refused.status, refused.type) == (500, "/docs#problem-internal")
    assert "secret" not in refused.model_dump_json()
    entry = next(entry for entry in logged if entry["event"] == "unexpected")
    assert "secret" in str(entry["exc_info"])
    assert entry["request_id"] == refused.request_id


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UnavailableError("away"), 503),
        (ChainError("no"), 502),
        (SettingsError("no"), 500),
        (NotFoundError("no"), 404),
        (SonangError("no"), 500),
    ],
)
def test_the_nearest_class_of_an_error_decides(told: Told, error: SonangError, status: int) -> None:
    assert kind_of(error).status == status
    with started(told.settings) as running:

        @running.app.get("/fails")
        def fails() -> None:
            error.field = "/root/secret/path"
            raise error

        answer = running.get("/fails")
    assert problem(answer).status == status
    assert problem(answer).field == ""
    assert ("retry-after" in answer.headers) == (status == 503)


def test_too_large_a_request_is_refused_by_its_length_and_by_its_size(client: Client) -> None:
    form = {"content-type": "multipart/form-data; boundary=b"}

    async def endless() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        for _ in range(LARGEST_BODY // 2**20 + 1):
            yield bytes(2**20)

    assert problem(client.post("/api/v1/verify", content=b"x", headers={**form, "content-length": str(2**31)})).status == 413
    assert problem(client.post("/api/v1/verify", content=endless(), headers=form)).status == 413


def test_a_text_without_a_file_is_no_larger_than_a_text(client: Client) -> None:
    asked = {"service": "renewal", "given": {"phone": "1" * LARGEST_TEXT}}
    assert problem(client.post("/api/v1/staff/requests", json=asked)).status == 413
    assert problem(client.post("/find", data={"code": "x" * LARGEST_TEXT})).status == 413
    form = {"content-type": "multipart/form-data; boundary=b"}
    assert problem(client.post("/api/v1/staff/requests", content=bytes(LARGEST_TEXT + 1), headers=form)).status == 413


def test_files_are_taken_where_a_route_says_so_and_nowhere_else(client: Client) -> None:
    paths = client.app.openapi()["paths"]
    takes = {
        path for path, ways in paths.items() if "multipart/form-data" in ways.get("post", {}).get("requestBody", {}).get("content", {})
    }
    assert takes == {path for path in paths if TAKES_FILES.fullmatch(path)}


def test_files_are_checked_so_often_only(client: Client) -> None:
    sessions = client.app.state.parts.writing()
    with sessions.begin() as session:
        session.execute(delete(AskedOften))
    limit = CHECK_FILE[0].times
    for _ in range(limit):
        spend(sessions, CHECK_FILE, "127.0.0.1")
    told = [client.post(path, files={"file": ("x", b"x")}) for path in ("/verify", "/api/v1/verify")]
    assert [one.status_code for one in told] == [429, 429]
    with sessions.begin() as session:
        session.execute(delete(AskedOften))


@pytest.mark.parametrize("text", ["\x00", "PA01\x00", "\ud800"])
def test_what_is_no_text_is_refused_as_such(client: Client, text: str) -> None:
    body = json.dumps({"service": "renewal", "unit": text, "given": {}})
    told = problem(client.post("/api/v1/staff/requests", content=body, headers={"content-type": "application/json"}))
    assert (told.status, told.field, told.vi) == (422, "text", "Có ký tự không phải là chữ. Bỏ ký tự đó, hoặc gõ lại rồi gửi.")


def test_a_broken_form_is_told_as_one(client: Client) -> None:
    refused = problem(client.post("/api/v1/verify", content=b"nonsense", headers={"content-type": "multipart/form-data"}))
    assert refused.status == 400


def test_answers_are_not_kept_by_browsers_nor_framed_by_others(client: Client) -> None:
    for path in ("/", "/docs", "/api/v1/zones", "/nothing"):
        headers = client.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
