"""A unit's branch with everything running: the command line, the API, the office's duties, the chain; and a customer with a telephone."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from ledger.access.staff import add_staff
from ledger.agreements.store import DocumentStore
from ledger.note_keys import new_note_key
from ledger.office.duties import Duty, Plan, duties
from ledger.parties.commands import draft_unit
from ledger.settings import Settings
from ledger.signing.model import OneTimeCode
from ledger.test_authority.files import AuthorityFiles
from ledger.transparency.queries import origin_of
from tests.api.conftest import Client, started
from tests.conftest import World
from tests.ledger.agreements.town import Town

SIGNING, REQUESTS = "/api/v1/signing", "/api/v1/staff/requests"
LINK, CODE = re.compile(r"/sign#([\w-]{43})"), re.compile(r"\b(\d{3} ?\d{3})\b")
Sonang = Callable[..., Any]


@dataclass
class Branch:
    """Staff who type commands, an office that turns its duties, and whoever opens the letters.

    Attributes:
        sonang: runs one command line with `--json`, `facts` as its file, and gives its answer.
        staff: the header of a member of staff.
        read: letters that were opened, by file.
    """

    settings: Settings
    sessions: sessionmaker[Session]
    town: Town
    http: Client
    duties: Sequence[Duty]
    sonang: Sonang
    staff: dict[str, str]
    read: set[Path] = field(default_factory=set)

    def ask(self, service: str, **body: object) -> Any:
        """A request taken in over HTTP."""
        return self._done(self.http.post(REQUESTS, json={"service": service, **body}, headers=self.staff)).json()

    def act(self, request: Any, verb: str, **body: object) -> Any:
        """An act on a request as it is now, over HTTP."""
        path = f"{REQUESTS}/{request['number']}"
        seen = self._done(self.http.get(path, headers=self.staff)).json()["version"]
        return self._done(self.http.post(path + "/acts", json={"verb": verb, "seen": seen, **body}, headers=self.staff)).json()

    def next_day(self) -> None:
        """Lets codes that were sent count no more against those to come."""
        with self.sessions.begin() as session:
            session.execute(update(OneTimeCode).values(requested_s=OneTimeCode.requested_s - 86_400))

    def turn(self, *also: str) -> None:
        """The office does what requests wait for, and other duties that are named, and the chain hears of it; then once more."""
        due = [one for one in self.duties if one.name in ("requests", "messages", "signatures", *also)]
        for duty in due:
            duty.work()
        self.town.deliver()
        for duty in due:
            duty.work()

    def letters(self) -> list[str]:
        """Letters nobody opened yet, oldest first."""
        found = sorted((self.settings.state_dir / "mailbox").glob("*/[!.]*"), key=lambda path: path.stat().st_mtime_ns)
        fresh = [path for path in found if path not in self.read]
        self.read |= set(fresh)
        return [path.read_text() for path in fresh]

    def sign(self) -> int:
        """Whoever got a link reads the document and types the code that comes; the office seals it. Returns how many were signed."""
        self.turn()
        self.next_day()
        links = [found[1] for letter in self.letters() if (found := LINK.search(letter))]
        for link in links:
            self._sign(link)
        self.turn()
        return len(links)

    def _sign(self, link: str) -> None:
        header = {"x-signing-link": link}
        self._done(self.http.get(SIGNING + "/document", headers=header))
        channel = self._done(self.http.get(SIGNING, headers=header)).json()["contacts"][0]["channel"]
        self._done(self.http.post(SIGNING + "/code", headers=header, json={"channel": channel}))
        next(duty for duty in self.duties if duty.name == "messages").work()
        code = CODE.search(self.letters()[-1])
        assert code is not None
        self._done(self.http.post(SIGNING + "/code/confirmation", headers=header, json={"code": code[1].replace(" ", "")}))

    def _done(self, answer: Any) -> Any:
        assert answer.status_code == 200, answer.text
        return answer


@contextmanager
def branch_at_work(
    world: World, settings: Settings, sessions: sessionmaker[Session], authority: AuthorityFiles, sonang: Sonang
) -> Iterator[Branch]:
    """An installation of the present day: its utility, its unit, its office and its pages; nobody has asked for anything yet."""
    settings.state_dir.mkdir(exist_ok=True)
    AuthorityFiles.of(settings.state_dir).directory.symlink_to(authority.directory)
    new_note_key(settings.state_dir / "log.key", origin_of(world.deployment))
    world.reach(int(time.time()))
    with duties(settings, sessions, world.gateway, Plan(), threading.Event()) as found, started(settings) as http:
        with sessions.begin() as session:
            _, token = add_staff(session, name="lan", role="counter", unit=draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà"))
        town = Town(world.gateway, sessions, DocumentStore.of(settings), world.operator, world.guardian)
        yield Branch(settings, sessions, town, http, found, sonang, {"authorization": f"Bearer {token}"})
