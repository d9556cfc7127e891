"""A person comes by a link, reads the document, and signs: over HTTP, in every way there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from eth_account import Account
from sqlalchemy import select

from api.own_documents import own_document
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.messages.sealing import prepare
from ledger.parties.model import Party
from ledger.private_files import kept, private_name
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import new_eoa_key, sign_eoa
from ledger.settings import Settings
from ledger.signing.commands import decline
from ledger.signing.desk import open_desk
from ledger.signing.links import new_token, send_link
from ledger.signing.utility import UTILITY_FILE
from tests.api.conftest import Client, started
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.signing.authenticator import asserted, created
from tests.ledger.signing.certifier import Certifier
from tests.ledger.signing.hall import Hall
from tests.passkey import Passkey

PATH = "/api/v1/signing"
FAR = 2**33


@dataclass
class Counter:
    """An app of its own, and the hall its customers come from."""

    client: Client
    hall: Hall

    def link(self, owner: str = "keyless") -> dict[str, str]:
        """The header of a link to a new document for a new customer."""
        with self.hall.sessions.begin() as session:
            party = self.hall.keyless(session) if owner == "keyless" else self.hall.with_key(session, "wallet", "owner")
            row = self.hall.draft(session, party, deadline=FAR)
            number, party_id = row.id, party.id
        return self.send(number, party_id)

    def send(self, agreement: bytes, party_id: bytes) -> dict[str, str]:
        with self.hall.sessions.begin() as session:
            row, party = session.get_one(AgreementRow, agreement), session.get_one(Party, party_id)
            if party.signer is not None:
                return {"x-signing-link": new_token(session, self.hall.desk, row, party)}
            send_link(session, self.hall.desk, row, party, "email")
        return {"x-signing-link": self.token()}

    def token(self) -> str:
        """The token of the link in the newest message."""
        found = re.search(r"/sign#([\w-]{43})", self.hall.letters()[-1])
        assert found is not None
        return found[1]

    def ask(self, method: str, path: str, link: dict[str, str], body: object = None) -> httpx.Response:
        return self.client.ask(method, PATH + path, headers=link, **({} if body is None else {"json": body}))


@pytest.fixture
def certifier(tmp_path: Path) -> Certifier:
    return Certifier(tmp_path)


@pytest.fixture
def counter(world: World, settings: Settings, certifier: Certifier) -> Iterator[Counter]:
    settings = settings.model_copy(update={"company_trust_roots": certifier.roots})
    with started(settings) as client:
        parts = client.app.state.parts
        sessions = parts.writing()
        town = Town(world.gateway, sessions, DocumentStore.of(settings), world.operator, world.guardian)
        with sessions.begin() as session:
            opener = prepare(session, settings.model_copy(update={"mailbox": True}))
        desk = open_desk(settings, sessions, world.gateway)
        secret = kept(settings.state_dir / "keys" / private_name(UTILITY_FILE), new_eoa_key)
        yield Counter(client, Hall(town, opener, now=desk.clock(), opened=desk, utility_secret=secret))


def test_a_customer_reads_the_document_and_signs_by_code(counter: Counter) -> None:
    link = counter.link()
    paper = counter.ask("GET", "", link).json()
    assert (paper["state"], paper["my_turn"], paper["key"]) == ("open", True, "none")
    assert [one["address"] for one in paper["contacts"]] == ["+84…678", "h…@example.vn"]
    content = counter.ask("GET", "/document", link).content
    assert "0x" + sha256(content).hexdigest() == paper["base_digest"]
    sent = counter.ask("POST", "/code", link, {"channel": "sms"}).json()
    assert sent["address"] == "+84…678"
    wrong = counter.ask("POST", "/code/confirmation", link, {"code": counter.hall.wrong_code()})
    assert (wrong.status_code, wrong.json()["detail"]) == (401, "the code is wrong")
    done = counter.ask("POST", "/code/confirmation", link, {"code": counter.hall.code()})
    assert (done.status_code, done.json()["way"]) == (200, "otp")
    after = counter.ask("GET", "", link).json()
    assert [(one["signed"], one["way"]) for one in after["steps"]] == [(True, "otp"), (False, None)]
    assert not after["my_turn"]
    again = counter.ask("POST", "/code", link, {"channel": "sms"})
    assert (again.status_code, again.json()["detail"]) == (409, "you have signed")
    assert again.json()["vi"].startswith("Bạn đã ký. Bạn không phải làm gì thêm")


def test_a_customer_enrols_a_passkey_and_signs_with_it(counter: Counter) -> None:
    link, phone = counter.link(), Passkey(origin="http://localhost:8000")
    counter.ask("POST", "/enrolment-code", link, {"channel": "sms"})
    making = counter.ask("POST", "/passkey/creation-options", link, {"code": counter.hall.code()}).json()["options"]
    standing = counter.ask("POST", "/passkey/creation", link, {"credential": created(phone, making)}).json()["options"]
    assert counter.ask("POST", "/passkey/enrolment", link, {"credential": asserted(phone, standing)}).json() == {"done": True}
    assert counter.ask("GET", "", link).json()["key"] == "passkey"
    asked = counter.ask("GET", "/passkey", link).json()["options"]
    done = counter.ask("POST", "/passkey", link, {"credential": asserted(phone, asked)})
    assert (done.status_code, done.json()["way"]) == (200, "passkey")


def test_a_customer_enrols_a_wallet_and_signs_with_it(counter: Counter) -> None:
    link, account = counter.link(), Account.from_key(new_eoa_key())
    counter.ask("POST", "/enrolment-code", link, {"channel": "sms"})
    asked = counter.ask("POST", "/wallet/registration", link, {"address": account.address}).json()
    assert (asked["typed_data"]["primaryType"], asked["signer"]) == ("RegisterParty", account.address.lower())
    given = {"address": account.address, "deadline": asked["deadline"]["unix_s"], "code": counter.hall.code()}
    given["signature"] = account.sign_typed_data(full_message=asked["typed_data"]).signature.to_0x_hex()
    assert counter.ask("POST", "/wallet/enrolment", link, given | {"code": counter.hall.wrong_code()}).status_code == 401
    assert counter.ask("POST", "/wallet/enrolment", link, given).json() == {"done": True}
    assert counter.ask("GET", "", link).json()["key"] == "wallet"
    message = counter.ask("GET", "/wallet", link).json()["typed_data"]
    signature = account.sign_typed_data(full_message=message).signature.to_0x_hex()
    assert counter.ask("POST", "/wallet", link, {"signature": signature}).json()["way"] == "wallet"


def test_a_wallet_is_given_the_message_and_its_signature_taken(counter: Counter) -> None:
    link = counter.link("wallet")
    paper = counter.ask("GET", "", link).json()
    asked = counter.ask("GET", "/wallet", link).json()
    assert asked["typed_data"]["primaryType"] == "Agreement"
    key = counter.hall.wallets[bytes.fromhex(paper["party"][2:])]
    signature = "0x" + sign_eoa(key, bytes.fromhex(paper["digest"][2:])).hex()
    assert counter.ask("POST", "/wallet", link, {"signature": "0x12"}).status_code == 422
    assert counter.ask("POST", "/wallet", link, {"signature": signature}).json()["way"] == "wallet"
    assert counter.ask("POST", "/certificate", link, {"signature": signature}).status_code == 409


def test_who_opens_a_link_to_a_document_that_ended_before_is_told_by_whom_and_why(counter: Counter) -> None:
    with counter.hall.sessions.begin() as session:
        row = counter.hall.draft(session, counter.hall.keyless(session), deadline=FAR)
        number, (customer, utility) = row.id, [one.party_id for one in row.signatories]
    link = counter.send(number, customer)
    with counter.hall.sessions.begin() as session:
        withdrawn, by = session.get_one(AgreementRow, number), session.get_one(Party, utility)
        decline(session, withdrawn, by, reason="Biểu giá mới", now_s=counter.hall.desk.clock())
    paper = counter.ask("GET", "", link).json()
    assert (paper["state"], paper["reason"], paper["ended_by"], paper["shown"]) == ("declined", "Biểu giá mới", hex0x(utility), False)
    assert (paper["role"], paper["my_turn"]) == ("owner", False)
    assert counter.ask("GET", "/document", link).status_code == 409


def test_declining_over_http_ends_the_draft(counter: Counter) -> None:
    link = counter.link()
    assert counter.ask("POST", "/refusal", link, {"reason": " "}).status_code == 422
    paper = counter.ask("POST", "/refusal", link, {"reason": "Sai số công tơ"}).json()
    assert (paper["state"], paper["reason"]) == ("declined", "Sai số công tơ")
    assert counter.ask("POST", "/code", link, {"channel": "sms"}).status_code == 409
    assert counter.ask("GET", "", link).json()["state"] == "declined"
    found = counter.client.post("/api/v1/look-up", data={"code": paper["lookup_code"]})
    assert (found.json()["state"], "Sai số" in found.text) == ("declined", False), "who holds the code alone is told no reason"
    page = counter.client.post("/find", data={"code": paper["lookup_code"]}).text
    assert ("A party declined" in page, "Valid:" in page) == (True, False), "it never was in force"
    with counter.hall.sessions() as session:
        row = session.get_one(AgreementRow, bytes.fromhex(paper["agreement"][2:]))
        told = {one.party.role: own_document(session, counter.hall.store, one.party, row.id).words for one in row.signatories}
    assert told == {
        "owner": "Bạn đã từ chối ký · You declined to sign it",
        "utility": "Một bên đã từ chối ký · A party declined to sign it",
    }


def test_a_link_that_is_unknown_old_or_replaced_opens_nothing_and_all_look_alike(counter: Counter) -> None:
    link = counter.link()
    with counter.hall.sessions() as session:
        row = session.scalars(select(AgreementRow)).one()
        ids = row.id, row.signatories[0].party_id
    newer = counter.send(*ids)
    answers = [counter.ask("GET", "", one) for one in (link, {"x-signing-link": "x" * 43}, {})]
    assert {(one.status_code, one.json()["type"]) for one in answers} == {(401, "/docs#problem-link")}
    assert len({one.json()["detail"] for one in answers}) == 1
    assert counter.ask("GET", "", newer).status_code == 200


def test_the_page_loads_nothing_but_its_own_script_and_says_so(counter: Counter) -> None:
    page = counter.client.get("/sign", headers={"accept": "text/html"})
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert re.findall(r"<script[^>]*>(.*?)</script>", page.text, re.S) == [""]
    assert "onclick" not in page.text
    script = counter.client.get("/static/signing.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "innerHTML" not in script.text
    assert "http://" not in script.text
    assert "https://" not in script.text


def test_who_signed_in_is_led_to_what_waits_for_them_and_sees_how_far_it_is(counter: Counter) -> None:
    hall, client = counter.hall, counter.client
    counter.link()
    with hall.sessions.begin() as session:
        row = session.scalars(select(AgreementRow)).one()
        label, path = row.signatories[0].party.label, f"/my/documents/0x{row.id.hex()}"
    ticket = re.search(r'name="ticket" value="([^"]+)"', client.post("/sign-in", data={"label": label}).text)
    code = re.search(r"(\d{3}) (\d{3})", hall.letters()[-1])
    assert ticket
    assert code
    session_cookie = client.post("/sign-in/code", data={"ticket": ticket[1], "code": code[1] + code[2]}).headers["set-cookie"]
    client.http.cookies.clear()
    cookies = {"cookie": session_cookie.partition(";")[0]}
    assert client.post(f"{path}/sign").headers["location"] == "/sign-in"
    assert f'href="{path}">Ký' in client.get("/my", headers=cookies).text
    assert "chưa ký · not yet" in client.get(path, headers=cookies).text
    led = client.post(f"{path}/sign", headers=cookies)
    assert (led.status_code, led.headers["cache-control"]) == (303, "no-store")
    link = {"x-signing-link": led.headers["location"].removeprefix("/sign#")}
    assert counter.ask("GET", "", link).json()["my_turn"] is True
    asked = client.post(f"/api/v1{path}/signing-link", headers=cookies).json()
    assert counter.ask("GET", "", link).status_code == 401, "the newest link alone is good"
    link = {"x-signing-link": asked["page"].removeprefix("/sign#")}
    counter.ask("GET", "", link)
    counter.ask("GET", "/document", link)
    assert counter.ask("POST", "/code", link, {"channel": "sms"}).status_code == 200
    assert counter.ask("POST", "/code/confirmation", link, {"code": hall.code()}).status_code == 200
    shown = client.get(path, headers=cookies).text
    assert "đã ký · signed" in shown
    assert f'action="{path}/sign"' not in shown
    assert client.post(f"{path}/sign", headers=cookies).headers["location"] == path
    assert client.post(f"/api/v1{path}/signing-link", headers=cookies).status_code == 409
