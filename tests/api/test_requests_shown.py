"""What pages of requests show: who asks for whose point, what is late; and strangers' numbers answered as numbers that are none."""

from __future__ import annotations

from sqlalchemy import delete

from ledger.access.staff import staff_named
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Unit
from ledger.parties.queries import party_by_label
from ledger.services.queries import request_by_number
from tests.api.test_services import Branch, branch
from tests.ledger.services.conftest import Desk

__all__ = ["branch"]


def test_the_clerk_sees_who_asks_for_which_point_and_is_warned_of_another_customers(branch: Branch) -> None:
    with branch.sessions.begin() as session:
        party_by_label(session, "PA01HH0000001").name = "Nguyễn Thị A"
    body = {"service": "termination", "metering_point": "PA01HH0000007", "given": {}}
    number = branch.answer(branch.http.post("/api/v1/my/requests", json=body, headers=branch.customer))["number"]
    shown = branch.http.get(f"/staff/requests/{number}", headers=branch.staff).text
    assert all(word in shown for word in ("PA01HH0000001", "Nguyễn Thị A", "PA01HH0000007001", "Nobody here has the metering point"))
    assert "No contract is known" not in branch.http.get(f"/my/requests/{number}", headers=branch.customer).text


def test_a_strangers_number_an_unknown_one_and_none_tell_nothing(branch: Branch) -> None:
    number = branch.take()["number"]
    page = {"accept": "text/html", **branch.customer}
    answers = [branch.http.get(f"/api/v1/my/requests/{one}", headers=branch.customer).json() for one in (number, 999)]
    assert answers[0]["fix"] == answers[1]["fix"] == "take one from the list of your requests"
    shown = [branch.http.get(f"/my/requests/{one}", headers=page) for one in (number, 999, "abc", "0")]
    assert [one.status_code for one in shown] == [404] * 4
    assert not any("sonang service" in one.text for one in shown)
    assert "Không có gì ở địa chỉ này" in shown[2].text


def test_what_is_late_can_be_listed_alone(branch: Branch) -> None:
    with branch.sessions.begin() as session:
        unit = request_by_number(session, branch.take()["number"]).unit
        assert unit is not None
        Desk(session, unit).take("2025-03-03T09:00")
    shown = branch.http.get("/staff/requests?state=late", headers=branch.staff).text
    assert ("000002" in shown, "-000001" in shown) == (True, False)


def test_a_customer_orders_no_inspection_and_is_told_of_no_command(branch: Branch) -> None:
    body = {"service": "inspection", "unit": "PA01HH", "given": {}}
    refused = branch.http.post("/api/v1/my/requests", json=body, headers=branch.customer)
    assert (refused.status_code, refused.json()["field"]) == (404, "service")
    assert branch.http.get("/my/ask?service=inspection", headers=branch.customer).status_code == 404
    lost = branch.http.post("/api/v1/my/requests", json=body | {"service": "low-voltage-supply", "unit": "ZZ"}, headers=branch.customer)
    assert (lost.status_code, "sonang" in lost.text) == (404, False)
    odd = body | {"service": "low-voltage-supply", "given": {"capacity_w": 3000.5}}
    assert branch.http.post("/api/v1/my/requests", json=odd, headers=branch.customer).json()["field"] == "capacity_w"


def test_what_is_known_of_a_customer_is_filled_in_and_nothing_of_a_new_holder(branch: Branch) -> None:
    with branch.sessions.begin() as session:
        give_contacts(session, party_by_label(session, "PA01HH0000001"), {"sms": "+84912345678"}, by="staff:lan", now_s=1)
    renewal, passing = (branch.http.get(f"/my/ask?service={one}", headers=branch.customer).text for one in ("renewal", "contract-holder"))
    assert all(word in renewal for word in ('value="+84912345678"', 'value="Nguyễn Thị A"', 'value="PA01HH0000001"'))
    assert "+84912345678" not in passing


def test_who_asks_twice_is_told_of_the_open_one_and_so_is_the_desk_and_neither_is_refused(branch: Branch) -> None:
    body = {"service": "termination", "metering_point": "PA01HH0000001", "given": {}}
    numbers = []
    for service in ("termination", "termination", "renewal"):
        asked = branch.http.post("/api/v1/my/requests", json=body | {"service": service}, headers=branch.customer)
        numbers.append(branch.answer(asked)["number"])
    first, second, other = numbers
    code = branch.answer(branch.http.get(f"/api/v1/my/requests/{first}", headers=branch.customer))["code"]
    unknown = branch.answer(branch.http.post("/api/v1/staff/requests", json=body, headers=branch.staff))
    assert unknown["alike"] == [first, second], "who asks at the counter is not known yet"
    mine = [branch.answer(branch.http.get(f"/api/v1/my/requests/{one}", headers=branch.customer))["alike"] for one in numbers]
    assert mine == [[second], [first], []], "a customer reads of their own alone"
    assert branch.answer(branch.http.get(f"/api/v1/staff/requests/{first}", headers=branch.staff))["alike"] == [second, unknown["number"]]
    pages = [
        branch.http.get(f"/{whose}/requests/{second}", headers=by).text for whose, by in (("my", branch.customer), ("staff", branch.staff))
    ]
    for page in pages:
        assert f"Yêu cầu {code} cho cùng dịch vụ và điểm đo này cũng đang mở" in page
        assert f"{other:06d} cho cùng" not in page
    gone = {"verb": "withdraw", "seen": 2, "reason": "thừa"}
    assert branch.answer(branch.http.post(f"/api/v1/my/requests/{second}/acts", json=gone, headers=branch.customer))["alike"] == []
    assert branch.answer(branch.http.get(f"/api/v1/my/requests/{first}", headers=branch.customer))["alike"] == []


def test_staff_too_correct_what_was_sent_and_bring_on_by_the_form_what_they_handed_back(branch: Branch) -> None:
    number = branch.take()["number"]
    back = {"verb": "hand-back", "seen": 2, "reason": "ảnh mờ", "channel": "internal"}
    branch.answer(branch.http.post(f"/api/v1/staff/requests/{number}/acts", json=back, headers=branch.staff))
    page = branch.http.get(f"/staff/requests/{number}", headers=branch.staff).text
    assert "Sửa thông tin đã gửi" in page
    assert page.count('name="value.phone"') == 1
    form = {"verb": "give", "seen": "3", "value.phone": "0912345678"}
    assert branch.http.post(f"/staff/requests/{number}", data=form, headers=branch.staff).status_code == 303
    assert branch.answer(branch.http.get(f"/api/v1/staff/requests/{number}", headers=branch.staff))["state"] == "open"


def test_what_was_given_is_corrected_on_the_page_until_documents_are_drafted(branch: Branch) -> None:
    given = {"unit": "PA01HH", "value.purpose": "business", "value.tax_code": "123"}
    form = "/my/ask?service=low-voltage-supply"
    refused = branch.http.post(form, data=given, headers=branch.customer)
    assert (refused.status_code, "Mã số thuế: chưa đúng dạng mã số thuế.</strong> Nhập 10 chữ số" in refused.text) == (422, True)
    mine = branch.http.post(form, data=given | {"value.tax_code": "0312345678"}, headers=branch.customer).headers["location"]
    shown = branch.http.get(mine, headers=branch.customer).text
    assert ("Sửa thông tin đã gửi" in shown, shown.count('name="value.tax_code" value="0312345678"')) == (True, 1)
    give = {"verb": "give", "value.purpose": "business", "value.tax_code": "0312345678"}
    same = branch.http.post(mine, data=give | {"seen": "2"}, headers=branch.customer)
    assert (same.status_code, "Chưa sửa gì" in same.text) == (422, True)
    assert branch.http.post(mine, data=give | {"seen": "2", "value.tax_code": "0300951119012"}, headers=branch.customer).status_code == 303
    assert branch.http.post(f"/staff{mine.removeprefix('/my')}", data=give | {"seen": "3"}, headers=branch.staff).status_code == 303
    with branch.sessions.begin() as session:
        request = request_by_number(session, int(mine.rsplit("/", 1)[1]))
        assert [(one.verb, one.who, one.note) for one in request.acts[2:]] == [("give", who, "tax_code") for who in ("customer", "staff")]


def test_who_is_no_customer_yet_is_told_where_to_ask_for_a_supply(branch: Branch) -> None:
    door = branch.http.get("/my/ask?service=low-voltage-supply").headers["location"]
    asked, other = branch.http.get(door).text, branch.http.get("/sign-in").text
    for words in ("Chưa là khách hàng?", "quầy giao dịch", "tổng đài", "at the counter of the utility", "by telephone"):
        assert (words in asked, words in other) == (True, False)


def test_the_only_unit_is_chosen_and_what_cannot_wait_is_said(branch: Branch) -> None:
    ask = "/my/ask?service=low-voltage-supply"
    several = branch.http.get(ask, headers=branch.customer).text
    assert (" selected>Điện lực" in several, "Trừ đơn vị điện lực, thiếu gì vẫn gửi được" in several) == (False, True)
    assert "Trừ mã khách hàng, thiếu gì" in branch.http.get("/my/ask?service=renewal", headers=branch.customer).text
    none = branch.http.post(ask, data={"unit": ""}, headers=branch.customer)
    assert (none.status_code, "Thiếu đơn vị điện lực.</strong> Chọn đơn vị điện lực nơi dùng điện" in none.text) == (422, True)
    with branch.sessions.begin() as session:
        session.delete(staff_named(session, "xa"))
        session.flush()
        session.execute(delete(Unit).where(Unit.code == "PA01AB"))
    assert '<option value="PA01HH" selected>' in branch.http.get(ask, headers=branch.customer).text
