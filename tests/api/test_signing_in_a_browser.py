"""The signing page in a real browser: a code, a passkey made there and a wallet with a real key sign; the chain checks it itself."""

from __future__ import annotations

import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from eth_account import Account
from fastapi import FastAPI
from playwright.sync_api import Page, expect, sync_playwright

from api.app import create_app
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.messages.sealing import prepare
from ledger.private_files import kept, private_name
from ledger.protocol.signers import new_eoa_key
from ledger.settings import Settings
from ledger.signing.commands import decline as refuse
from ledger.signing.contacting import change_contact
from ledger.signing.countersigning import countersign_due
from ledger.signing.desk import open_desk
from ledger.signing.links import new_token
from ledger.signing.queries import approvals_of
from ledger.signing.utility import UTILITY_FILE
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.signing.hall import Hall

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FAR = 2**33
PHONE = {"width": 390, "height": 844}


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[None]:
    """The app on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def phone(errors: list[str]) -> Iterator[Page]:
    """A browser with an authenticator that knows its holder."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=PHONE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True}})
        try:
            yield page
        finally:
            browser.close()


WALLETS = """
const asked = [];
const wallet = (account, refusals = 0, chain = "0x1") => ({ request: async ({ method, params }) => {
  asked.push(method);
  if (method === "eth_requestAccounts") return [account];
  if (method === "eth_chainId") return chain;
  if (method === "wallet_switchEthereumChain") { chain = params[0].chainId; return null; }
  if (method !== "eth_signTypedData_v4" || params[0].toLowerCase() !== account.toLowerCase()) throw { code: 4200, message: method };
  if (refusals-- > 0) throw { code: 4001, message: "User rejected the request." };
  if (BigInt(JSON.parse(params[1]).domain.chainId) !== BigInt(chain)) throw { code: -32603, message: "another chain" };
  return window.signWithKey(params[1]);
} });
window.ethereum = wallet("0x" + "11".repeat(20));
const announce = (uuid, name, provider) => {
  const detail = Object.freeze({ info: { uuid, name, rdns: "", icon: "" }, provider });
  dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
};
Object.assign(window, { asked, wallet, announce });
"""
"""Wallets as browsers have them (EIP-1193, EIP-6963): they open one account, are on one chain, and sign when their holder agrees."""

NO_PASSKEY = """() => {
  window.asking = navigator.credentials.get.bind(navigator.credentials);
  navigator.credentials.get = () => Promise.reject(new DOMException("", "NotAllowedError"));
}"""
"""As when its holder cancels, or it is on another device."""


def swapped(page: Page, link: str, file: Path) -> None:
    """A file that changed after it was shown is not read and not signed; once it is whole again, it is."""
    whole = file.read_bytes()
    for content, shown in ((whole, 3), (whole[:-1] + b"?", 0), (whole[:-1] + b"?", 0), (whole, 3)):
        file.write_bytes(content)
        page.goto("about:blank")
        page.goto(link)
        expect(page.locator("#hash-said" if shown else "#done.bad")).to_contain_text("Tính trên máy" if shown else "nên tạm dừng")
        expect(page.locator("#fingerprint, #opening, #read:not([disabled])").locator("visible=true")).to_have_count(shown)
    expect(page.locator("#done, #problem").locator("visible=true")).to_have_count(0)


def withdrawn(page: Page, link: str) -> None:
    """Who opens a document for the first time after the utility took it back is told that and why, and has nothing to do."""
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#done.bad")).to_have_text("Điện lực đã thôi mời ký · The utility withdrew it: Biểu giá mới")
    expect(page.locator("#next")).to_contain_text("Bạn không phải làm gì")
    expect(page.locator("#fingerprint, #opening, #view, #signing, #problem").locator("visible=true")).to_have_count(0)


def decline(page: Page, link: str) -> None:
    """Asked twice, since it ends the document for everybody; and what ended is no good news."""
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#deadline")).to_have_text(re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d, giờ Việt Nam · Vietnam time"))
    page.click("summary:has-text('Từ chối ký')")
    page.click("#decline")
    expect(page.locator("#problem")).to_contain_text("Ghi lý do từ chối.")
    page.fill("#reason", "Sai số công tơ")
    page.click("#decline")
    page.click("#decline-not")
    expect(page.locator("#declining")).to_be_hidden()
    page.click("#decline")
    page.click("#decline-surely")
    expect(page.locator("#done.bad")).to_have_text("Bạn đã từ chối · You declined: Sai số công tơ")
    expect(page.locator("#until, #signing").locator("visible=true")).to_have_count(0)
    expect(page.locator("#next")).to_contain_text("Tiếp theo: điện lực xem lý do")
    expect(page.locator("#next a[href='/my']")).to_be_visible()


def sign_with_wallet(page: Page, link: str, hall: Hall) -> None:
    """One of two wallets that announce themselves is enrolled by a code, refused at first; then the other's account is refused."""
    account = Account.from_key(new_eoa_key())
    page.expose_function("signWithKey", lambda message: account.sign_typed_data(full_message=json.loads(message)).signature.to_0x_hex())
    page.add_init_script(WALLETS)
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#deadline")).not_to_be_empty()
    page.evaluate(f"announce('a', 'Ví khác', window.ethereum); announce('b', 'Ví thật', wallet('{account.address}', 1))")
    page.check("#read")
    page.click("#enrolling-wallet summary")
    page.click("#enrol-wallet-send")
    expect(page.locator("#enrol-wallet-sent")).to_contain_text("Mã đã gửi đến")
    page.select_option("#which", label="Ví thật")
    page.fill("#enrol-wallet-code", hall.code())
    page.click("#enrol-wallet")
    expect(page.locator("#problem")).to_contain_text("Bạn đã từ chối trong ví")
    page.click("#enrol-wallet")
    expect(page.locator("#by-wallet")).to_be_visible()
    page.select_option("#which", label="Ví khác")
    page.click("#wallet")
    expect(page.locator("#problem")).to_contain_text("Ví này không mở tài khoản đã đăng ký")
    page.select_option("#which", label="Ví thật")
    page.click("#wallet")
    expect(page.locator("#done")).to_contain_text("Bạn đã ký")
    assert page.evaluate("asked.filter((one) => one === 'wallet_switchEthereumChain').length") == 1


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_customers_sign_by_code_with_a_passkey_made_on_the_page_and_with_a_wallet(world: World, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = settings.model_copy(update={"public_url": f"http://localhost:{port}"})
    app, errors = create_app(settings), []
    sessions = app.state.parts.writing()
    with sessions.begin() as session:
        opener = prepare(session, settings.model_copy(update={"mailbox": True}))
    desk = open_desk(settings, sessions, world.gateway)
    secret = kept(settings.state_dir / "keys" / private_name(UTILITY_FILE), new_eoa_key)
    town = Town(world.gateway, sessions, DocumentStore.of(settings), world.operator, world.guardian)
    hall = Hall(town, opener, now=desk.clock(), opened=desk, utility_secret=secret)
    with sessions.begin() as session:
        party = hall.keyless(session)
        first, second, unwanted, gone = (hall.draft(session, party, deadline=FAR).id for _ in range(4))
        change_contact(session, party, "sms", "0987 654 321", by="staff:an", now_s=desk.clock())
        owner = hall.keyless(session, "vi", {"sms": "0911 222 333"})
        third = hall.draft(session, owner, deadline=FAR).id
        signing = ((first, party), (second, party), (third, owner), (unwanted, party), (gone, party))
        links = [new_token(session, desk, session.get_one(AgreementRow, one), whose) for one, whose in signing]
        refused = session.get_one(AgreementRow, gone)
        refuse(session, refused, refused.signatories[-1].party, reason="Biểu giá mới")
    with serving(app, port), phone(errors) as page:
        page.goto(f"http://localhost:{port}/sign#{links[0]}")
        page.select_option("#channel", "sms")
        expect(page.locator("#hash-said")).to_contain_text("Tính trên máy của bạn")
        with sessions() as session:
            assert page.locator("#hash-head").inner_text() == session.get_one(AgreementRow, first).base_digest.hex()[:12]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator("#vouching")).to_be_visible()
        page.click("#vouch-send")
        expect(page.locator("#vouch-sent")).to_contain_text("h…@example.vn")
        page.fill("#vouch-code", hall.code())
        page.click("#vouch")
        expect(page.locator("#vouching")).to_be_hidden()
        page.check("#read")
        page.click("#send")
        expect(page.locator("#sent")).to_contain_text("+84…321")
        page.fill("#code", hall.wrong_code())
        page.click("#confirm")
        expect(page.locator("#problem")).to_contain_text("Mã không đúng. Nhập lại mã mới nhất, còn 4 lần thử.")
        expect(page.locator("#problem")).to_be_in_viewport(ratio=1)
        expect(page.locator("#code")).to_be_in_viewport(ratio=1)
        page.fill("#code", hall.code())
        page.click("#confirm")
        expect(page.locator("#done")).to_contain_text("Bạn đã ký")
        expect(page.locator("#next")).to_contain_text("Tiếp theo: các bên còn lại ký")
        expect(page.locator("#next-code")).to_have_text("hoa")
        assert countersign_due(desk).done == (first,)
        town.deliver()
        swapped(page, f"http://localhost:{port}/sign#{links[3]}", town.store.path(unwanted))
        decline(page, f"http://localhost:{port}/sign#{links[3]}")
        withdrawn(page, f"http://localhost:{port}/sign#{links[4]}")

        page.goto("about:blank")
        page.goto(f"http://localhost:{port}/sign#{links[1]}")
        page.check("#read")
        page.click("#enrolling summary")
        page.click("#enrol-send")
        expect(page.locator("#enrol-sent")).to_contain_text("Mã đã gửi đến")
        expect(page.locator("#sent")).to_be_hidden()
        page.fill("#enrol-code", hall.code())
        page.click("#enrol")
        expect(page.locator("#by-passkey")).to_be_visible()
        page.evaluate(NO_PASSKEY)
        page.click("#passkey")
        expect(page.locator("#problem")).to_contain_text("mất máy thì báo điện lực")
        page.evaluate("() => { navigator.credentials.get = asking; }")
        page.click("#passkey")
        expect(page.locator("#done")).to_contain_text("Bạn đã ký")

        sign_with_wallet(page, f"http://localhost:{port}/sign#{links[2]}", hall)
    assert set(countersign_due(desk).done) == {second, third}
    town.deliver()
    with sessions() as session:
        assert [[one.way for one in approvals_of(session, agreement)] for agreement in (first, second, third)] == [
            ["otp", "utility"],
            ["passkey", "utility"],
            ["wallet", "utility"],
        ]
    app.state.parts.close()
    assert {world.gateway.call("AgreementRegistry", "recordOf", one)[5] for one in (first, second, third)} == {1}
    assert [one for one in errors if not re.search("status of 40[19] ", one)] == [], "but for a wrong code and the file that had changed"
