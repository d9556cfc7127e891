"""Every page in a real browser, on a phone and on a desk: nothing sticks out, every word stands out, no page complains."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.app import create_app
from ledger.access.model import AccessSession
from ledger.access.rules import token_hash
from ledger.access.staff import add_staff
from ledger.parties.commands import draft_unit
from ledger.parties.model import Party
from ledger.protocol.quantities import hex0x
from ledger.services.acting import Actor
from ledger.services.commands import submit
from tests.api.conftest import Homes, Places
from tests.api.test_signing_in_a_browser import CHROMIUM, serving
from tests.ledger.services.conftest import HOUSEHOLD

COOKIES = {"sonang_session": "customer", "sonang_staff": "staff"}
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


def everybody(homes: Homes, places: Places) -> list[str]:
    """Somebody signed in as both a customer and staff, a request, and every page they may open."""
    now = int(time.time())
    with homes.sessions.begin() as session:
        unit = draft_unit(session, code="PD01TR", name="Điện lực Trăng")
        staff, _ = add_staff(session, name="le.thi.trang", role="admin", unit=None)
        party = session.get_one(Party, homes.agreement.signatories[0].party_id)
        actor = Actor("customer", party.id.hex(), "web")
        made = submit(session, service="low-voltage-supply", given=HOUSEHOLD, actor=actor, at=now, unit=unit, party=party)
        for cookie, whose in (("customer", {"party_id": party.id}), ("staff", {"staff_id": staff.id})):
            session.add(AccessSession(token_hash=token_hash(cookie), created_s=now, expires_s=now + 600, **whose))
        request = made.number
    own = ["/my", f"/my/documents/{hex0x(homes.agreement.id)}", "/my/contacts", "/my/requests", f"/my/requests/{request}", "/my/ask"]
    works = ["/staff", "/staff/requests", f"/staff/requests/{request}", places.path("/zones/{zone}/days/{date}")]
    open_to_all = ["/", "/find", "/verify", "/log", "/docs", "/sign-in", "/staff/sign-in", "/sign"]
    return [*open_to_all, *own, "/my/ask?service=low-voltage-supply", *works]


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
            context.add_cookies([{"name": name, "value": who, "url": here} for name, who in COOKIES.items()])
            page = context.new_page()
            page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
            for path in paths:
                answer = page.goto(here + path)
                if answer is None or answer.status != 200 or page.url != here + path:
                    wrong.append((path, page.url))
                sticks_out, faint = page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.evaluate(FAINT)
                if sticks_out or faint:
                    wrong.append((width, scheme, path, sticks_out, faint))
            context.close()
    app.state.parts.close()
    assert wrong == []
