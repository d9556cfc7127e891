"""A customer's contacts on a page: changing one is told to those before, cools off, and is vouched for by a code to one of them."""

from __future__ import annotations

import re
import time
from hashlib import sha256

import pytest
from sqlalchemy import select

from ledger.access.staff import add_staff
from ledger.messages.model import Message
from ledger.messages.sealing import load_opener
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Party, Unit
from ledger.protocol.quantities import hex0x
from tests.api.conftest import Client, Homes
from tests.api.test_access import signed_in

CUSTOMERS = iter(range(100))


def newest(homes: Homes) -> tuple[str, str]:
    """Where the newest message goes, and what it says."""
    with homes.sessions() as session:
        message = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert message.body is not None
        return message.address, load_opener(homes.settings.state_dir / "message.key").open(message.handle, message.body)


def code_in(text: str) -> str:
    """The code as the message writes it, in groups."""
    found = re.search(r"\b\d{3} \d{3}\b", text)
    assert found is not None
    return found[0]


@pytest.fixture
def moving(site: Client, homes: Homes) -> Client:
    """A customer with an e-mail address and a telephone, signed in."""
    label = f"MOVING{next(CUSTOMERS)}"
    with homes.sessions.begin() as session:
        party = draft_party(session, label=label, role="customer", name="Lê Thị Đổi", signer=None)
        number = f"09123456{int(label[6:]):02}"
        give_contacts(session, party, {"email": f"{label}@example.vn", "sms": number}, by="staff:an", now_s=int(time.time()))
    return signed_in(site, homes, label)


def standing(site: Client) -> dict[str, dict[str, object]]:
    return {one["channel"]: one for one in site.get("/api/v1/my/contacts").json()["items"]}


def test_a_changed_number_waits_until_a_code_to_the_contact_before_vouches_for_it(moving: Client, homes: Homes) -> None:
    page = moving.get("/my/contacts").text
    assert (page.count("✓ Nhận được mã ký"), "72 giờ" in page, "m…@example.vn" in page.lower()) == (2, True, True)
    assert "0912345600" not in page.replace(" ", "")
    refused = moving.post("/my/contacts", data={"channel": "sms", "address": "024 3943 <b>"})
    assert (refused.status_code, "Chưa đúng số di động.</strong> Nhập như" in refused.text) == (422, True)
    assert ("not a mobile number" in refused.text, "024 3943 &lt;b&gt;" in refused.text) == (True, True)
    mine = standing(moving)
    same = moving.post("/my/contacts", data={"channel": "sms", "address": "09123456 " + mine["sms"]["address"][-2:]})  # type: ignore[index]
    assert (same.status_code, "Đây đã là liên hệ đang dùng.</strong> Nhập địa chỉ khác" in same.text) == (409, True)
    assert standing(moving) == mine
    assert moving.post("/my/contacts", data={"channel": "sms", "address": "0987 654 321"}).headers["location"] == "/my/contacts#sms"
    address, told = newest(homes)
    assert (address[:9], "+84…321" in told) == ("+84912345", True)
    page, changed = moving.get("/my/contacts").text, standing(moving)["sms"]
    assert ("Mới đổi: chưa nhận được mã ký" in page, changed["settled"], changed["verified"]) == (True, False, False)
    here = f"/my/contacts/{changed['id']}"
    asked = moving.post(f"{here}/code", data={"why": "check"})
    assert ("+84…321" in asked.text, newest(homes)[0]) == (True, "+84987654321")
    assert moving.post(f"{here}/confirmation", data={"why": "check", "code": code_in(newest(homes)[1])}).status_code == 303
    assert (standing(moving)["sms"]["verified"], standing(moving)["sms"]["settled"]) == (True, False)
    moving.post(f"{here}/code", data={"why": "vouch"})
    address, told = newest(homes)
    assert (address.endswith("@example.vn"), "+84…321" in told) == (True, True)
    wrong = moving.post(f"{here}/confirmation", data={"why": "vouch", "code": "000 00"})
    assert (wrong.status_code, "Nhập 6 chữ số" in wrong.text) == (422, True)
    assert moving.post(f"{here}/confirmation", data={"why": "vouch", "code": code_in(told)}).headers["location"] == "/my/contacts#sms"
    assert standing(moving)["sms"]["settled"] is True


def test_a_contact_added_beside_the_others_is_told_to_them(moving: Client, homes: Homes) -> None:
    made = moving.post("/api/v1/my/contacts", json={"channel": "zalo", "address": "0987 654 321"})
    assert (made.status_code, made.json()["settled"], made.json()["address"]) == (200, False, "+84…321")
    assert (made.json()["settles"] is None, standing(moving)["sms"]["settles"]) == (False, None)
    address, told = newest(homes)
    assert (address.endswith("@example.vn"), "+84…321" in told) == (True, True)
    sent = moving.post(f"/api/v1/my/contacts/{made.json()['id']}/vouching-code").json()
    assert sent["address"].startswith("+84…6")
    code = code_in(newest(homes)[1])
    assert moving.post(f"/api/v1/my/contacts/{made.json()['id']}/vouching", json={"code": code}).json() == {"done": True}
    assert standing(moving)["zalo"]["settled"] is True


@pytest.mark.parametrize(
    ("channel", "addresses", "said"),
    [
        ("email", ["new@example.vn"], ("@example.vn", "n…@example.vn")),
        ("zalo", ["0987 654 311", "0987 654 322"], ("+84987654311", "+84…322")),
    ],
)
def test_a_changed_email_or_zalo_waits_for_a_code_to_another_as_a_number_does(
    moving: Client, homes: Homes, channel: str, addresses: list[str], said: tuple[str, str]
) -> None:
    for address in addresses:
        assert moving.post("/my/contacts", data={"channel": channel, "address": address}).headers["location"] == f"/my/contacts#{channel}"
    address, told = newest(homes)
    before, shown = said
    assert (address.endswith(before), shown in told, standing(moving)[channel]["settled"]) == (True, True, False)
    here = f"/my/contacts/{standing(moving)[channel]['id']}"
    assert "+84…6" in moving.post(f"{here}/code", data={"why": "vouch"}).text
    done = moving.post(f"{here}/confirmation", data={"why": "vouch", "code": code_in(newest(homes)[1])})
    assert (done.headers["location"], standing(moving)[channel]["settled"]) == (f"/my/contacts#{channel}", True)


def test_whoever_signs_with_a_key_of_their_own_is_not_told_of_codes_to_sign(moving: Client, homes: Homes) -> None:
    label = f"MOVING{next(CUSTOMERS) - 1}"
    with homes.sessions.begin() as session:
        session.scalars(select(Party).where(Party.label == label)).one().signer = sha256(label.encode()).digest()[:20]
    page = moving.get("/my/contacts").text
    assert ("không ký bằng mã" in page, page.count("✓ Nhận được mã đăng nhập"), "mã ký" in page) == (True, 2, False)
    assert ("codes to sign in" in page, re.search(r"codes to sign\b(?! in)", page), "lần ký sau" in page) == (True, None, False)
    moving.post("/my/contacts", data={"channel": "sms", "address": "0987 654 391"})
    asked = moving.post(f"/my/contacts/{standing(moving)['sms']['id']}/code", data={"why": "vouch"}).text
    assert ("nhận mã đăng nhập ngay" in asked, "mã ký" in asked, re.search(r"codes to sign\b(?! in)", asked)) == (True, False, None)


def test_contacts_are_their_customers_own_and_change_so_often_only(moving: Client, homes: Homes) -> None:
    for path in ("/my/contacts/1/code", "/my/contacts/1/confirmation"):
        assert moving.post(path, data={"why": "vouch", "code": "123456"}).status_code == 404
    new = {"channel": "email", "address": "x@example.vn"}
    assert moving.post("/my/contacts", data=new, headers={"origin": "https://evil.example"}).status_code == 403
    statuses = [moving.post("/my/contacts", data=new | {"address": f"x{n}@example.vn"}).status_code for n in range(11)]
    assert (statuses[0], statuses[-1]) == (303, 429)
    told = moving.post("/my/contacts", data=new, headers={"accept": "text/html"})
    assert ("bạn đã thử quá nhiều lần" in told.text.lower(), "retry-after" in told.headers) == (True, True)
    moving.post("/sign-out")
    assert moving.get("/my/contacts").headers["location"] == "/sign-in?to=/my/contacts"
    assert moving.post("/my/contacts", data=new).headers["location"] == "/sign-in"
    assert moving.get("/api/v1/my/contacts").status_code == 401


def test_staff_see_a_customers_contacts_record_a_change_and_a_colleague_who_saw_the_card_vouches_for_it(site: Client, homes: Homes) -> None:
    code = f"PC{next(CUSTOMERS):02}DD"
    label = f"{code}0000001"
    with homes.sessions.begin() as session:
        party = draft_party(session, label=label, role="customer", name="Lê Thị Đổi", signer=None)
        give_contacts(session, party, {"sms": "0912345699"}, by="staff:an", now_s=int(time.time()))
        unit, other = (draft_unit(session, code=one, name="Điện lực Đổi") for one in (code, f"X{code[1:]}"))
        staff: list[tuple[str, Unit | None]] = [
            ("agent", unit),
            ("counter", unit),
            ("admin", None),
            ("inspector", unit),
            ("counter", other),
        ]
        tokens = [add_staff(session, name=f"{role}.{label}.{at}", role=role, unit=theirs)[1] for at, (role, theirs) in enumerate(staff)]
        here = f"/staff/contacts/{hex0x(party.id)}"
    agent, counter, admin, inspector, elsewhere = ({"authorization": f"Bearer {token}"} for token in tokens)
    assert site.get(here).headers["location"] == f"/staff/sign-in?to={here}"
    assert site.post("/staff/contacts", data={"label": "no-such"}, headers=agent).status_code == 404
    assert site.post("/staff/contacts", data={"label": label.lower()}, headers=agent).headers["location"] == here
    assert "+84912345699" in site.get(here, headers=agent).text
    assert site.post("/staff/contacts", data={"label": label}, headers=elsewhere).status_code == 404
    theirs = [site.get(here, headers=elsewhere), site.post(here, data={"channel": "sms", "address": "0987 654 320"}, headers=elsewhere)]
    assert [(one.status_code, "912345699" in one.text) for one in theirs] == [(403, False)] * 2
    assert site.post(f"{here}/vouching", data={"contact": 1}, headers=elsewhere).status_code == 403
    refused = site.post(here, data={"channel": "sms", "address": "12"}, headers=counter)
    assert (refused.status_code, "Chưa đúng số di động" in refused.text) == (422, True)
    assert site.post(here, data={"channel": "sms", "address": "0987 654 321"}, headers=counter).status_code == 303
    assert "một đồng nghiệp ở quầy" in site.get(here, headers=counter).text
    page = site.get(here, headers=admin).text
    found = re.search(r'name="contact" value="(\d+)"', page)
    assert found is not None
    assert ("Mới đổi" in page, "+84912345699" in page, 'name="contact"' in site.get(here, headers=agent).text) == (True, True, False)
    assert ('name="contact"' in site.get(here, headers=counter).text, f"· counter.{label}.1<" in page) == (False, False)
    vouched = [site.post(f"{here}/vouching", data={"contact": found[1]}, headers=who).status_code for who in (agent, counter, admin)]
    assert vouched == [403, 409, 303]
    assert [site.get(one, headers=inspector).status_code for one in ("/staff/contacts", here)] == [403, 403]
    assert "✓ Nhận được mã ký" in site.get(here, headers=agent).text
    assert (
        site.post(here, data={"channel": "sms", "address": "0987 654 322"}, headers=agent | {"origin": "https://evil.example"}).status_code
        == 403
    )
