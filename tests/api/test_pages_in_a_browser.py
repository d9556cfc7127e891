"""Every page in a real browser, on a phone and on a desk: nothing sticks out, every word stands out, no page complains."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from api.app import create_app
from ledger.access.model import AccessSession
from ledger.access.rules import token_hash
from ledger.access.staff import add_staff
from ledger.messages.sealing import prepare
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.contacts import give_contacts
from ledger.parties.model import Party, Unit
from ledger.protocol.quantities import hex0x
from ledger.services.acting import Actor
from ledger.services.commands import submit
from ledger.services.model import Request
from ledger.services.verbs import Told, perform
from ledger.signing.contacting import change_contact
from tests.api.conftest import Homes, Places
from tests.api.test_signing_in_a_browser import CHROMIUM, serving
from tests.ledger.services.conftest import HOUSEHOLD

LONG = "Công ty Trách nhiệm hữu hạn Một thành viên Đầu tư Xây dựng và Thương mại Dịch vụ Năng lượng Mặt trời Hoàng Liên Sơn"
UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
  .filter(one => !one.labels.length && one.getClientRects().length).map(one => one.name || one.id)"""
FAINT = """() => {
  const light = c => c.map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const behind = one => {
    for (; one; one = one.parentElement) {
      const c = parts(getComputedStyle(one).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const faint = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || ['SCRIPT', 'STYLE'].includes(one.tagName) || !one.getClientRects().length) continue;
    const [low, high] = [light(parts(getComputedStyle(one).color).slice(0, 3)), light(behind(one))].sort((a, b) => a - b);
    if ((high + .05) / (low + .05) < 4.5) faint.push(walk.currentNode.textContent.trim().slice(0, 40));
  }
  return faint;
}"""
"""Texts with less contrast than 4.5 to 1."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def everybody(homes: Homes, places: Places) -> list[tuple[str, str]]:
    """Every page there is, and as whom it is opened: a customer who is staff too, one with a long name and a changed number, or nobody."""
    now = int(time.time())
    with homes.sessions.begin() as session:
        prepare(session, homes.settings)
        unit = draft_unit(session, code="PD01TR", name="Điện lực Trăng")
        staff, _ = add_staff(session, name="le.thi.trang", role="admin", unit=None)
        party = session.get_one(Party, homes.agreement.signatories[0].party_id)
        company = draft_party(session, label="PD01TR0000001", role="customer", name=LONG, signer=None)
        give_contacts(session, company, {"email": f"x@{'dien-mat-troi-' * 4}vn.example.vn", "sms": "0905123987"}, by="staff:an", now_s=1)
        change_contact(session, company, "sms", "0987654321", by="party", now_s=now)
        made = [ask_for_supply(session, one, unit, now) for one in (party, company)]
        perform(session, made[1].id, "hand-back", Actor("staff", "lan", "internal"), now, seen=made[1].version, told=Told(reason=LONG))
        for cookie, whose in (
            ("customer", {"party_id": party.id}),
            ("company", {"party_id": company.id}),
            ("staff", {"staff_id": staff.id}),
        ):
            session.add(AccessSession(token_hash=token_hash(cookie), created_s=now, expires_s=now + 600, **whose))
        ordinary, returned = (one.number for one in made)
        counter = ["/staff/contacts", f"/staff/contacts/{hex0x(company.id)}"]
    own = ["/my", f"/my/documents/{hex0x(homes.agreement.id)}", "/my/contacts", "/my/requests", f"/my/requests/{ordinary}", "/my/ask"]
    works = ["/staff", "/staff/requests", f"/staff/requests/{returned}", places.path("/zones/{zone}/days/{date}")]
    open_to_all = ["/", "/find", "/verify", "/log", "/docs", "/sign-in", "/staff/sign-in", "/sign", "/nothing"]
    companys = ["/", "/my", "/my/contacts", f"/my/requests/{returned}"]
    as_customer = [*open_to_all, *own, "/my/ask?service=low-voltage-supply", *works, *counter]
    return [(path, "customer") for path in as_customer] + [(path, "company") for path in companys]


def ask_for_supply(session: Session, party: Party, unit: Unit, now: int) -> Request:
    given = HOUSEHOLD | {"customer_name": party.name, "phases": None}
    actor = Actor("customer", party.id.hex(), "web")
    return submit(session, service="low-voltage-supply", given=given, actor=actor, at=now, unit=unit, party=party)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_every_page_fits_a_phone_and_a_desk_and_can_be_read_by_day_and_by_night(homes: Homes, places: Places, browser: Browser) -> None:
    paths, app = everybody(homes, places), create_app(homes.settings)
    with socket.create_server(("127.0.0.1", 0)) as free:
        here = f"http://127.0.0.1:{free.getsockname()[1]}"
    wrong: list[Any] = []
    with serving(app, int(here.rpartition(":")[2])):
        for width, scheme in ((390, "light"), (1200, "dark")):
            context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
            page = context.new_page()
            page.on("console", lambda said: wrong.append(said.text) if said.type == "error" and "404" not in said.text else None)
            for path, whose in paths:
                cookies = {"sonang_session": whose, "sonang_staff": "staff"}
                context.add_cookies([{"name": name, "value": who, "url": here} for name, who in cookies.items()])
                answer = page.goto(here + path)
                if answer is None or answer.status != (404 if path == "/nothing" else 200) or page.url != here + path:
                    wrong.append((path, page.url))
                sticks_out, *seen = (page.evaluate(one) for one in ("document.documentElement.scrollWidth > innerWidth", FAINT, UNLABELLED))
                if sticks_out or any(seen):
                    wrong.append((width, scheme, path, sticks_out, seen))
            context.close()
    app.state.parts.close()
    assert wrong == []
