"""Requests over HTTP: staff of a unit take them in and act on what they see, customers follow their own, and pages draw the time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from api.noted import told_note
from api.request_answers import ActBody
from api.routes.services import papers_of
from api.timeline import drawn
from ledger.access.model import AccessSession
from ledger.access.rules import token_hash
from ledger.access.staff import add_staff, staff_named
from ledger.agreements.model import ERASED_CODE, AgreementRow, Signatory
from ledger.agreements.rules import lookup_code
from ledger.agreements.store import DocumentStore
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.queries import party_by_label
from ledger.services.queries import request_by_number
from ledger.settings import Settings
from tests.api.conftest import Client, started
from tests.ledger.services.conftest import HOUSEHOLD, Desk, at


@dataclass
class Branch:
    """A unit's office with its staff and one customer, asked over HTTP."""

    http: Client
    sessions: sessionmaker[Session]
    staff: dict[str, str]
    stranger: dict[str, str]
    customer: dict[str, str]

    def take(self, **given: Any) -> dict[str, Any]:
        body = {"service": "low-voltage-supply", "unit": "PA01HH", "channel": "counter", "given": HOUSEHOLD | given}
        return self.answer(self.http.post("/api/v1/staff/requests", json=body, headers=self.staff))

    def answer(self, response: Any) -> dict[str, Any]:
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


@pytest.fixture
def branch(engine: Engine, sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[Branch]:
    with sessions.begin() as session:
        unit, other = draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"), draft_unit(session, code="PA01AB", name="Điện lực A")
        tokens = [add_staff(session, name=name, role="counter", unit=one)[1] for name, one in (("lan", unit), ("xa", other))]
        party = draft_party(session, label="PA01HH0000001", role="customer", name="Nguyễn Thị A", signer=None)
        draft_party(session, label="utility", role="utility", name="Điện lực", signer=b"\x01" * 20)
        now = int(time.time())
        session.add(AccessSession(token_hash=token_hash("cookie"), party=party, created_s=now, expires_s=now + 3600))
    url = engine.url.render_as_string(hide_password=False)
    with started(Settings(state_dir=tmp_path, database_url=url, rpc_url="http://127.0.0.1:9", mailbox=True)) as http:
        lan, stranger = ({"authorization": f"Bearer {token}"} for token in tokens)
        yield Branch(http, sessions, lan, stranger, {"cookie": "sonang_session=cookie"})


def test_a_request_is_taken_in_listed_and_acted_on_by_its_units_staff_only(branch: Branch) -> None:
    taken = branch.take(place_title="")
    assert (taken["step"], taken["unit"], taken["missing"]) == ("check", "PA01HH", ["place_title"])
    path = f"/api/v1/staff/requests/{taken['number']}"
    assert [one["number"] for one in branch.answer(branch.http.get("/api/v1/staff/requests", headers=branch.staff))["items"]] == [1]
    assert branch.answer(branch.http.get("/api/v1/staff/requests", headers=branch.stranger))["items"] == []
    for answer in (branch.http.get(path, headers=branch.stranger), branch.http.get(path + "/given", headers=branch.stranger)):
        assert answer.status_code == 404
    assert branch.http.get("/api/v1/staff/requests", params={"unit": "PA01HH"}, headers=branch.stranger).status_code == 404
    assert branch.http.get(path).status_code == 401
    refused = branch.http.post(path + "/acts", json={"verb": "accept", "seen": 2}, headers=branch.staff)
    assert (refused.status_code, refused.json()["field"]) == (409, "place_title")
    back = {"verb": "hand-back", "seen": 2, "reason": "thiếu sổ", "channel": "internal"}
    assert branch.answer(branch.http.post(path + "/acts", json=back, headers=branch.staff))["state"] == "returned"
    stale = branch.http.post(path + "/acts", json={"verb": "reject", "seen": 2, "reason": "x"}, headers=branch.staff)
    assert (stale.status_code, stale.json()["field"], "version 3" in stale.json()["fix"]) == (409, "seen", True)
    given = {"verb": "give", "seen": 3, "given": {"place_title": "sổ hồng"}, "channel": "agent-phone"}
    assert branch.answer(branch.http.post(path + "/acts", json=given, headers=branch.staff))["missing"] == []
    moved = branch.answer(branch.http.post(path + "/acts", json={"verb": "accept", "seen": 4}, headers=branch.staff))
    assert (moved["step"], [one["name"] for one in moved["asks"]][:1]) == ("survey", ["needs_works"])
    assert [(one["verb"], one["channel"]) for one in moved["acts"]][2:4] == [("hand-back", "internal"), ("give", "agent-phone")]


def test_an_act_may_name_who_else_signs_and_when_its_documents_begin(branch: Branch, tmp_path: Path) -> None:
    path, begins = f"/api/v1/staff/requests/{branch.take()['number']}/acts", at("2026-07-01T00:00")
    body = {"verb": "accept", "seen": 2, "beside": ["PA01HH0000001"], "begins_s": begins}
    with branch.sessions() as session:
        staff = staff_named(session, "lan")
        papers = papers_of(session, staff, DocumentStore(tmp_path), ActBody.model_validate(body))
        assert papers is not None
        assert ([one.label for one in papers.beside], papers.takes_effect) == (["PA01HH0000001"], begins)
    assert branch.answer(branch.http.post(path, json=body, headers=branch.staff))["step"] == "survey"
    unknown = branch.http.post(path, json={**body, "seen": 3, "beside": ["PA01HH0000009"]}, headers=branch.staff)
    assert (unknown.status_code, unknown.json()["field"]) == (404, "beside")


def test_a_timeline_says_nothing_of_the_customer_and_what_was_given_is_asked_for_by_name(branch: Branch) -> None:
    path = f"/api/v1/staff/requests/{branch.take()['number']}"
    told = branch.http.get(path, headers=branch.staff).text
    assert [name for name, value in HOUSEHOLD.items() if len(str(value)) > 11 and str(value) in told] == []
    assert branch.answer(branch.http.get(path + "/given", headers=branch.staff))["values"] == HOUSEHOLD


def test_what_is_late_is_listed_and_lists_come_in_pages(branch: Branch) -> None:
    with branch.sessions.begin() as session:
        unit = request_by_number(session, branch.take()["number"]).unit
        assert unit is not None
        late = Desk(session, unit).take("2025-03-03T09:00").number
    found = branch.answer(branch.http.get("/api/v1/staff/requests/overdue", headers=branch.staff))["items"]
    assert [(one["number"], one["time"]["late"]) for one in found] == [(late, True)]
    first = branch.answer(branch.http.get("/api/v1/staff/requests?limit=1", headers=branch.staff))
    second = branch.answer(branch.http.get(f"/api/v1/staff/requests?limit=1&cursor={first['next']}", headers=branch.staff))
    assert [one["number"] for one in first["items"] + second["items"]] == [1, 2]


def test_a_customer_asks_follows_completes_and_withdraws_but_does_nothing_else(branch: Branch) -> None:
    body = {"service": "renewal", "metering_point": "PA01HH0000001", "channel": "web", "given": {"customer_name": "Nguyễn Thị A"}}
    assert branch.http.post("/api/v1/my/requests", json=body).status_code == 401
    mine = branch.answer(branch.http.post("/api/v1/my/requests", json=body, headers=branch.customer))
    assert (mine["unit"], mine["channel"], "contract_until" in mine["missing"]) == ("PA01HH", "web", True)
    assert mine["may"] == ["give", "withdraw"]
    path = f"/api/v1/my/requests/{mine['number']}"
    foreign = branch.take()["number"]
    assert branch.http.get(f"/api/v1/my/requests/{foreign}", headers=branch.customer).status_code == 404
    assert [one["number"] for one in branch.answer(branch.http.get("/api/v1/my/requests", headers=branch.customer))["items"]] == [1]
    wrong = branch.http.post(path + "/acts", json={"verb": "accept", "seen": 2, "channel": "web"}, headers=branch.customer)
    assert (wrong.status_code, wrong.json()["field"]) == (422, "verb")
    posing = branch.http.post(path + "/acts", json={"verb": "give", "seen": 2, "channel": "counter"}, headers=branch.customer)
    assert (posing.status_code, posing.json()["field"]) == (422, "channel")
    give = {"verb": "give", "seen": 2, "channel": "app", "given": {"contract_until": "2031-12-31", "phone": "0912345678"}}
    assert "contract_until" not in branch.answer(branch.http.post(path + "/acts", json=give, headers=branch.customer))["missing"]
    assert branch.answer(branch.http.get(path + "/given", headers=branch.customer))["values"]["contract_until"] == "2031-12-31"
    gone = {"verb": "withdraw", "seen": 3, "channel": "app", "reason": "thôi"}
    assert branch.answer(branch.http.post(path + "/acts", json=gone, headers=branch.customer))["state"] == "withdrawn"
    elsewhere = {**branch.customer, "origin": "https://evil.example"}
    assert branch.http.post("/api/v1/my/requests", json=body, headers=elsewhere).status_code == 403


def test_pages_list_requests_with_bars_show_a_timeline_and_act_by_a_form(branch: Branch) -> None:
    number = branch.take(customer_name="<b>A</b>", place_title="")["number"]
    assert branch.http.get("/staff/requests?state=open").headers["location"] == "/staff/sign-in?to=/staff/requests%3Fstate%3Dopen"
    page = branch.http.get("/staff/requests", headers=branch.staff).text
    assert 'class="bar"' in page
    assert f'href="/staff/requests/{number}"' in page
    one = branch.http.get(f"/staff/requests/{number}", headers=branch.staff).text
    assert "&lt;b&gt;A" in one
    assert "<b>A" not in one
    assert "Còn thiếu · Missing: giấy tờ" in one
    assert 'class="lane"' in one
    assert not re.search(r"<script|<iframe|<object|<link|@import|url\(", page + one)
    form = {"seen": "2", "verb": "accept", "channel": "internal"}
    refused = branch.http.post(f"/staff/requests/{number}", data=form, headers=branch.staff)
    assert (refused.status_code, "missing: giấy tờ" in refused.text) == (409, True)
    fill = {"seen": "2", "verb": "give", "value.place_title": "sổ hồng", "channel": "counter"}
    assert branch.http.post(f"/staff/requests/{number}", data=fill, headers=branch.staff).status_code == 303
    assert branch.http.post(f"/staff/requests/{number}", data=form | {"seen": "3"}, headers=branch.staff).status_code == 303
    path, plan = f"/staff/requests/{number}", "fact.connection-plan."
    form = {"seen": "4", "verb": "record", "value.needs_works": "no", "value.supply_point": "T15", f"{plan}boundary": "Đầu <cốt>"}
    lacking = branch.http.post(path, data=form, headers=branch.staff)
    assert (lacking.status_code, "Còn thiếu: điện áp danh định, V; dây dẫn" in lacking.text) == (422, True)
    assert 'value="Đầu &lt;cốt&gt;"' in lacking.text
    assert "12 ngõ 3 phố Hồng Hà" in lacking.text.partition("Đã biết hoặc không bắt buộc")[2]
    more = branch.http.post(path, data=form | {"more": "a list"}, headers=branch.staff)
    assert (more.status_code, 'value="Đầu &lt;cốt&gt;"' in more.text) == (200, True)
    form |= {f"{plan}voltage_v": "220", f"{plan}service_line": "Muller 2x16", f"{plan}service_length_m": "20", f"{plan}metering": "direct"}
    form |= {f"{plan}meter_place": "Tường nhà", f"{plan}lapses_on": "2099-12-31"}
    assert re.search(
        rf'name="{plan}voltage_v"><option value=""></option>\s*<option value="220">220</option><option value="380">', lacking.text
    )
    high = branch.http.post(path, data=form | {f"{plan}voltage_v": "22000"}, headers=branch.staff)
    told = "22000 V không phải điện áp cấp cho 1 pha.</strong> Chọn 220, hoặc sửa số pha."
    assert (high.status_code, told in high.text) == (409, True)
    drafted = branch.http.post(path, data=form, headers=branch.staff)
    assert drafted.status_code == 303, drafted.text.partition('role="alert"')[2][:300]
    assert "Thoả thuận phương án cấp điện" in branch.http.get(path, headers=branch.staff).text
    assert branch.http.get(f"/staff/requests/{number}", headers=branch.stranger | {"accept": "text/html"}).status_code == 404


def test_staff_name_the_contract_of_a_request_and_from_when_its_documents_are_in_force_by_the_form(branch: Branch) -> None:
    with branch.sessions() as session:
        party = party_by_label(session, "PA01HH0000001")
        agreement = AgreementRow(
            **dict.fromkeys(("id", "base_digest", "terms_root", "family"), bytes(32)),
            **dict.fromkeys(("base_length", "kind_version", "valid_from", "deadline"), 1),
            kind="supply-residential",
            valid_to=2**40,
            lookup_code=lookup_code(bytes(32), bytes(32)),
            sealed_digest=bytes(32),
            signatories=[Signatory(place=0, party=party)],
        )
        session.add(agreement)
        session.commit()
    asked = {"service": "renewal", "metering_point": "PA01HH0000002", "given": {}}
    path = f"/staff/requests/{branch.answer(branch.http.post('/api/v1/staff/requests', json=asked, headers=branch.staff))['number']}"
    assert '<option value="contract">' in branch.http.get(path, headers=branch.staff).text
    named = {"seen": "2", "verb": "contract", "contract": lookup_code(bytes(32), bytes(32)).lower()}
    assert branch.http.post(path, data=named, headers=branch.staff).status_code == 303
    with branch.sessions() as session:
        assert request_by_number(session, 1).contract_id == bytes(32)
    begins = {"seen": "3", "verb": "accept", "begins": "soon"}
    assert "no moment" in branch.http.post(path, data=begins, headers=branch.staff).text
    with branch.sessions.begin() as session:
        session.get_one(AgreementRow, bytes(32)).lookup_code = ERASED_CODE + bytes(32).hex()
    told = branch.answer(branch.http.get(f"/api/v1{path}", headers=branch.staff))
    assert (told["contract_code"], told["contract_erased"]) == (None, True)
    page = branch.http.get(path, headers=branch.staff).text
    assert (ERASED_CODE in page, "đã xoá · erased" in page) == (False, True)


def test_a_customers_page_shows_their_requests_and_nobody_elses(branch: Branch) -> None:
    assert branch.http.get("/my/requests").headers["location"] == "/sign-in?to=/my/requests"
    assert "Không có yêu cầu nào" in branch.http.get("/my/requests", headers=branch.customer).text
    body = {"service": "renewal", "metering_point": "PA01HH0000001", "channel": "web", "given": {"customer_name": "Nguyễn Thị A"}}
    branch.http.post("/api/v1/my/requests", json=body, headers=branch.customer)
    page = branch.http.get("/my/requests/1", headers=branch.customer).text
    assert "gia hạn hợp đồng" in page
    assert "đơn vị · unit PA01HH" in page
    assert "Giao cho đơn vị" not in page
    done = branch.http.post("/my/requests/1", data={"seen": "2", "verb": "withdraw", "reason": "thôi"}, headers=branch.customer)
    assert done.status_code == 303
    assert "đã rút" in branch.http.get("/my/requests", headers=branch.customer).text
    foreign = branch.take()["number"]
    assert branch.http.get(f"/my/requests/{foreign}", headers=branch.customer).status_code == 404


def test_a_picture_of_time_stays_within_its_edges(session: Session) -> None:
    desk = Desk(session, draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"))
    request = desk.take("2026-03-02T09:00", phone=None)
    desk.act(request, "hand-back", "2026-03-03T09:00", reason="thiếu")
    for now in ("2026-03-02T09:00", "2026-03-03T10:00", "2026-05-03T10:00"):
        picture = drawn(request, at(now))
        spans = [row.span for row in picture.rows if row.span] + list(picture.pauses)
        assert all(0 <= float(span.left[:-1]) <= 100 and 0 <= float(span.width[:-1]) <= 100 for span in spans)
        assert [row.ahead for row in picture.rows].count(False) == 2
    assert [row.used for row in picture.rows[:1] if row.done] == ["✓ xong · done"]
    desk.act(request, "give", "2026-03-03T10:00", given={"phone": "0912345678"})
    desk.act(request, "accept", "2026-03-03T11:00")
    desk.act(request, "go-back", "2026-03-03T11:30", step="check", reason="xem lại")
    picture, notes = drawn(request, at("2026-03-03T13:30")), [told_note(request, one) for one in request.acts]
    assert [row.used for row in picture.rows if row.done] == [
        "✓ xong · done",
        "✓ xong, 2 giờ 30 phút trên 4 giờ · done, 2 h 30 min of 4 h",
        "↩ dừng, 30 phút trên 1 ngày · left, 30 min of 1 d",
    ]
    assert notes[1:] == [
        "đơn vị · unit PA01HH",
        "thiếu (thiếu · missing: điện thoại (telephone))",
        "điện thoại (telephone)",
        "",
        "kiểm tra hồ sơ · check what was given: xem lại",
    ]


def test_a_customer_asks_on_a_page_and_a_refusal_keeps_what_was_filled_in(branch: Branch) -> None:
    assert branch.http.get("/my/ask").headers["location"] == "/sign-in?to=/my/ask"
    choices = branch.http.get("/my/ask", headers=branch.customer).text
    assert choices.count('href="/my/ask?service=') == 10
    form = branch.http.get("/my/ask?service=renewal", headers=branch.customer).text
    assert 'value="PA01HH0000001"' in form
    assert 'value="Nguyễn Thị A"' in form
    filled = {"metering_point": "PA01HH0000001", "value.contract_until": "someday", "value.customer_name": "<b>A</b>"}
    refused = branch.http.post("/my/ask?service=renewal", data=filled, headers=branch.customer)
    assert (refused.status_code, 'value="&lt;b&gt;A&lt;/b&gt;"' in refused.text, "YYYY-MM-DD" in refused.text) == (422, True, True)
    kept = branch.http.post("/my/ask?service=renewal", data=filled | {"value.contract_until": "2031-12-31"}, headers=branch.customer)
    assert (kept.status_code, kept.headers["location"]) == (303, "/my/requests/1")
    assert branch.http.get("/my/ask?service=tea", headers=branch.customer).status_code == 404


def test_what_has_few_answers_is_a_choice_wherever_it_is_asked_for_and_keeps_what_was_chosen(branch: Branch) -> None:
    form = branch.http.get("/my/ask?service=low-voltage-supply", headers=branch.customer).text
    assert re.search(r'<select id="i-phases" name="value.phases"><option value=""></option>\s*<option value="1">1 pha · single-phase', form)
    assert ("công suất đăng ký, W · registered capacity, W *" in form, "3 kW ghi là 3000" in form) == (True, True)
    filled = {"value.phases": "3", "value.phone": "12"}
    again = branch.http.post("/my/ask?service=low-voltage-supply", data=filled, headers=branch.customer).text
    assert '<option value="3" selected>3 pha · three-phase' in again
    assert "<strong>Điện thoại: chưa đúng số điện thoại.</strong> Nhập như 0912345678" in again
    path = f"/staff/requests/{branch.take(phases='')['number']}"
    assert '<option value="1">1 pha · single-phase' in branch.http.get(path, headers=branch.staff).text
    give = {"seen": "2", "verb": "give", "value.phases": "3", "channel": "counter"}
    assert branch.http.post(path, data=give, headers=branch.staff).status_code == 303
    assert ">3 pha · three-phase</td>" in branch.http.get(path, headers=branch.staff).text
