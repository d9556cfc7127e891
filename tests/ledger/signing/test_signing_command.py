"""`sonang signing`: a contact is changed and vouched for, a link is sent, and the progress shows it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from ledger.access.staff import add_staff
from ledger.agreements.queries import agreement_by_lookup_code
from ledger.agreements.store import DocumentStore
from ledger.cli.program import build
from ledger.cli.signing import signing
from ledger.db import open_engine, open_sessions
from ledger.errors import SonangError
from ledger.messages.sealing import prepare
from ledger.parties.commands import draft_unit
from ledger.private_files import kept, private_name
from ledger.protocol.signers import new_eoa_key
from ledger.sealing.model import IssueJob
from ledger.settings import Settings
from ledger.signing.utility import UTILITY_FILE
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.signing.hall import NOON, Hall

Run = Callable[..., str]


@pytest.fixture
def office(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in an installation of this test's own."""
    for name, value in environment.items():
        if name.startswith("SONANG_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("SONANG_MAILBOX", "1")
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> str:
        done = CliRunner().invoke(signing, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_a_contact_is_changed_and_vouched_for_a_link_sent_and_the_progress_shown(
    office: Run, world: World, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_engine(settings)
    sessions = open_sessions(engine)
    with sessions.begin() as session:
        opener = prepare(session, settings.model_copy(update={"mailbox": True}))
    secret = kept(settings.state_dir / "keys" / private_name(UTILITY_FILE), new_eoa_key)
    town = Town(world.gateway, sessions, DocumentStore.of(settings), world.operator, world.guardian)
    hall = Hall(town, opener, utility_secret=secret)
    with sessions.begin() as session:
        code = hall.draft(session, hall.keyless(session, "PE15000123456")).lookup_code
        here, there = (draft_unit(session, code=one, name="Hải Hậu") for one in ("PE1500", "PE1600"))
        for name, role, unit in (("an", "counter", here), ("binh", "counter", here), ("dao", "agent", here), ("xa", "counter", there)):
            add_staff(session, name=name, role=role, unit=unit)
    changing = "contact", "PE15000123456", "sms", "0987 654 321", "--staff"
    for nobody, problem in (("ghost", "nobody is called 'ghost'"), ("xa", "another unit's customer")):
        with pytest.raises(SonangError, match=problem):
            office(*changing, nobody)
    number = office(*changing, "an").split(":")[0]
    for other, problem in (("an", "cannot vouch"), ("AN ", "cannot vouch"), ("dao", "agent may not"), ("ghost", "nobody is called")):
        with pytest.raises(SonangError, match=problem):
            office("vouch", "PE15000123456", number, "--staff", other)
    assert "binh đã xác nhận" in office("vouch", "PE15000123456", number, "--staff", " Binh")
    with sessions.begin() as session:
        add_staff(session, name="chi", role="counter", unit=session.merge(here))
    with pytest.raises(SonangError, match="vouched for already, by binh"):
        office("vouch", "PE15000123456", number, "--staff", "chi")
    shown = office("contacts", "PE15000123456")
    assert "+84…321" in shown
    assert "staff binh" in shown
    assert "987654" not in shown
    assert "+84…321" in office("link", code, "PE15000123456", "sms")
    assert f"please sign {code}" in hall.letters()[-1]
    assert "chờ ký · open" in office("progress", code.lower().replace("-", " "))
    for job, stands in (
        (None, "đã niêm phong · sealed"),
        ({"state": "waiting", "reason": "no time stamp"}, "đã niêm phong, chờ phát hành · sealed, still to be issued: no time stamp"),
        (
            {"state": "issued", "issued_digest": bytes(32), "issued_s": NOON, "level": "B-LTA"},
            "đã phát hành · issued: 01/07/2026 12:00, B-LTA",
        ),
    ):
        with sessions.begin() as session:
            row = agreement_by_lookup_code(session, code)
            row.sealed_digest = bytes(32)
            if job is not None:
                session.merge(IssueJob(agreement_id=row.id, asked_s=NOON, tries=1, next_try_s=NOON, **{"reason": None, **job}))
        assert office("progress", code).startswith(f"{stands}\n")
    build("messages")(["messages", "--list", "--json"], standalone_mode=False)
    waiting = json.loads(capsys.readouterr().out)["stuck"][0]
    assert (waiting["customer"], waiting["code"], waiting["to"]) == ("PE15000123456", code, "+84…321")
    engine.dispose()
