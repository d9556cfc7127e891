"""`sonang service` as its users type it: tables, JSON, empty states, and errors that say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.parties.commands import draft_party
from ledger.services.annexes import terms_of
from tests.calling import Sonang, answer, calling
from tests.ledger.services.conftest import HOUSEHOLD, at
from tests.ledger.services.test_supply_story import PLAN


@pytest.fixture
def sonang(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Sonang:
    """Runs `sonang service …` in this process on this test's database."""
    url = engine.url.render_as_string(hide_password=False)
    own = {"SONANG_DATABASE_URL": url, "SONANG_STATE_DIR": str(tmp_path / "state")}
    return calling(monkeypatch, capfd, own, "service")


def test_an_empty_installation_says_what_to_do(sonang: Sonang) -> None:
    assert sonang("show") == (0, "Không có yêu cầu nào · No requests\n")
    assert sonang("overdue") == (0, "Không có yêu cầu quá hạn · Nothing is late\n")
    assert "sonang service unit add CODE --name NAME" in sonang("unit", "list")[1]
    assert "No more documents are signed" in sonang("follow")[1]


def test_services_are_listed_and_described_in_both_languages(sonang: Sonang) -> None:
    listed = answer(sonang("list", "--json"))
    assert [one["group"] for one in listed].count("electronic") == 10
    table = sonang("list")[1]
    assert all(one["code"] in table and one["names"][0] in table for one in listed)
    described = sonang("describe", "low-voltage-supply")[1]
    assert "≤ 7 ngày làm việc · working days – phải trồng cột" in described
    assert all(word in described for word in ("chữ · text", "điện thoại · phone", "số · count W"))
    assert "khi · if purpose = production, business, administrative" in described
    assert "give one of low-voltage-supply" in sonang("describe", "tea")[1]
    assert "somebody should have looked at its rules again" in sonang("list", "--date", "2030-01-01")[1]
    assert "YYYY-MM-DD" in sonang("list", "--date", "soon")[1]


def test_a_year_of_the_calendar_says_whether_the_government_decided_it(sonang: Sonang) -> None:
    year = answer(sonang("calendar", "2026", "--json"))
    assert year["decided"]
    assert {"day": "2026-01-10", "working": True, "why": "quyết định của Chính phủ"} in year["days"]
    assert "decision for 2027 is not configured" in sonang("calendar", "2027")[1]
    assert "2027-04-30 thứ sáu · Fri" in " ".join(sonang("calendar", "2027")[1].split())
    assert "does not reach 2019" in sonang("calendar", "2019")[1]


def test_a_request_is_taken_in_worked_on_and_shown(sonang: Sonang, tmp_path: Path) -> None:
    paper = tmp_path / "request.json"
    paper.write_text(json.dumps({"service": "low-voltage-supply", "unit": "pa01hh", "given": {**HOUSEHOLD, "place_title": ""}}))
    assert "no unit 'pa01hh'" in sonang("submit", str(paper))[1]
    assert answer(
        sonang("unit", "add", "PA01HH", "--name", "Điện lực Hồng Hà", "--serves", "PA01HH0000001", "--desk", "a@b.vn", "--json")
    ) == [{"code": "PA01HH", "name": "Điện lực Hồng Hà", "serves": ["PA01HH0000001"], "desk": "email a@b.vn"}]
    taken = answer(sonang("submit", str(paper), "--at", "2026-02-13T10:00", "--json"))
    assert (taken["code"], taken["step"], taken["channel"]) == ("PA01HH-2026-000001", "check", "counter")
    assert [one["name"] for one in taken["missing"]] == ["place_title"]
    assert taken["may"] == ["accept", "hand-back", "give", "reject", "withdraw", "assign"]
    code, said = sonang("act", "1", "accept", "--at", "2026-02-23T08:00")
    assert (code, "missing: giấy tờ xác định" in said) == (1, True)
    sonang("act", "1", "hand-back", "--reason", "thiếu sổ", "--at", "2026-02-23T08:00")
    assert "chờ khách hàng bổ sung · the customer has to give something" in sonang("show", "1", "--at", "2026-02-23T09:00")[1]
    sonang("act", "1", "give", "--value", "place_title=sổ hồng [đỏ]", "--channel", "agent-phone", "--at", "2026-02-24T08:00")
    assert answer(sonang("act", "1", "accept", "--at", "2026-02-24T08:30", "--json"))["step"] == "survey"
    assert "look at it again (version 5)" in sonang("act", "1", "reject", "--reason", "x", "--seen", "2")[1]
    shown = sonang("show", "1", "--at", "2026-02-24T09:30")[1]
    assert "sổ hồng [đỏ]" in shown
    assert "agent-phone" in shown
    assert "needs_works" in str(answer(sonang("show", "1", "--json"))["asks"])
    assert "connection-plan" in answer(sonang("show", "1", "--json"))["facts_missing"]
    needs = shown[shown.index("This step") :]
    assert "survey: khảo sát, lập phương án cấp điện · survey and plan the connection; có thể · may record" in needs
    assert all(word in needs for word in ("needs_works", "supply_point", "connection-plan", "voltage_v", "direct, ct, ct-vt"))


def test_the_facts_of_a_kind_are_listed_with_sort_choices_and_groups(sonang: Sonang) -> None:
    told = {one["name"]: one for one in answer(sonang("facts", "meter-minutes", "--json"))}
    assert (told["act"]["required"], told["act"]["what"]) == (True, "one of install, remove, replace; a replacement has both meters")
    seals = next(one for one in told["installed"]["fields"] if one["name"] == "seals")
    assert (seals["sort"], [one["name"] for one in seals["fields"]]) == ("list of groups", ["place", "code", "state"])
    table = sonang("facts", "connection-plan")[1]
    assert "voltage_v" in table
    assert "whole number" in table
    assert "give one of supply-residential" in sonang("facts", "tea")[1]


def test_what_is_late_is_listed_with_an_exit_code(sonang: Sonang, tmp_path: Path) -> None:
    paper = tmp_path / "request.json"
    paper.write_text(json.dumps({"service": "renewal", "metering_point": "PA01HH0000001", "given": {}}))
    sonang("unit", "add", "PA01HH", "--name", "Điện lực Hồng Hà")
    sonang("submit", str(paper), "--at", "2026-03-02T10:00")
    assert "sonang service act 1 contract --contract CODE" in sonang("show", "1")[1]
    assert sonang("overdue", "--at", "2026-03-02T11:00")[0] == 0
    code, said = sonang("overdue", "--at", "2026-03-20T11:00", "--unit", "PA01HH")
    assert code == 3
    assert "PA01HH-2026-000001" in said
    assert "05/03/2026 17:00" in said
    assert "PA01HH: nobody reads its reminders" in sonang("remind", "--at", "2026-03-20T11:00")[1]
    sonang("unit", "add", "PA01HH", "--desk", "a@b.vn")
    assert "sonang messages --new-key" in sonang("remind", "--at", "2026-03-20T11:00")[1]


def test_documents_are_drafted_from_a_file_of_facts_in_force_from_the_moment_that_is_named(
    sonang: Sonang, session: Session, tmp_path: Path
) -> None:
    draft_party(session, label="evn", role="utility", name="Điện lực", signer=b"\x01" * 20)
    session.commit()
    paper, facts = tmp_path / "request.json", tmp_path / "plan.json"
    paper.write_text(json.dumps({"service": "low-voltage-supply", "unit": "PA01HH", "given": HOUSEHOLD}))
    facts.write_text(json.dumps({"connection-plan": PLAN}))
    sonang("unit", "add", "PA01HH", "--name", "Điện lực Hồng Hà")
    sonang("submit", str(paper), "--at", "2026-02-13T10:00")
    sonang("act", "1", "accept", "--at", "2026-02-23T08:30")
    survey = ("act", "1", "record", "--value", "needs_works=no", "--value", "supply_point=T15", "--at", "2026-02-24T09:00")
    assert "connection-plan.voltage_v: missing" in sonang(*survey)[1]
    done = answer(sonang(*survey, "--facts", str(facts), "--from", "2026-03-01T00:00", "--json"))
    assert (done["step"], [one["kind"] for one in done["documents"]], done["waits_for"]) == ("sign-plan", ["connection-plan"], "customer")
    (plan,) = session.scalars(select(AgreementRow)).all()
    assert (plan.valid_from, plan.unit.code if plan.unit else None) == (at("2026-03-01T00:00"), "PA01HH")
    terms = terms_of(plan)
    assert (terms["supply.voltage_v"], terms["supply.point"]) == (220, "T15"), "from the file, and from what was recorded"
    assert DocumentStore(tmp_path / "state" / "agreements").read(plan.id).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("submit", "-"), "not JSON"),
        (("show", "9"), "no such request"),
        (("show", "--at", "noon"), "YYYY-MM-DDTHH:MM"),
        (("show", "--state", "lost"), "no state 'lost'"),
        (("act", "9", "accept"), "no such request"),
        (("unit", "add", "PA01HH"), "no unit 'PA01HH'"),
    ],
)
def test_a_wrong_word_gets_one_line_that_says_what_to_do(
    sonang: Sonang, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"no json")))
    code, said = sonang(*words)
    assert (code, said.count("\n")) == (1, 1)
    assert says in said
    assert " – " in said
