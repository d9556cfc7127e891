"""Staff have a token that is shown once, a unit they see, and no access from the moment they are removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from ledger.access.commands import open_staff_session, staff_by_token, staff_of
from ledger.access.staff import add_staff, remove_staff, staff_list
from ledger.errors import AccessError, ConflictError, InputError, NotFoundError
from ledger.parties.commands import draft_unit


def test_a_token_is_of_one_person_and_of_their_unit(session: Session) -> None:
    here, there = draft_unit(session, code="PA01HH", name="Hải Hậu"), draft_unit(session, code="PA02XT", name="Xuân Trường")
    an, token = add_staff(session, name="an.nguyen", role="counter", unit=here)
    boss, _ = add_staff(session, name="boss", role="admin", unit=None)
    assert staff_by_token(session, f" {token}\n").name == "an.nguyen"
    assert (an.sees(here.id), an.sees(there.id), an.sees(None)) == (True, False, False)
    assert (boss.sees(here.id), boss.sees(None)) == (True, True)
    assert token not in str(session.scalar(text("SELECT string_agg(staff::text, ' ') FROM staff")))
    with pytest.raises(AccessError):
        staff_by_token(session, token[:-1])


def test_who_is_removed_is_out_at_once_and_their_name_is_never_given_again(session: Session) -> None:
    unit = draft_unit(session, code="PA01HH", name="Hải Hậu")
    an, token = add_staff(session, name="an.nguyen", role="agent", unit=unit)
    cookie = open_staff_session(session, an)
    assert staff_of(session, cookie).name == "an.nguyen"
    remove_staff(session, "an.nguyen")
    for attempt in (lambda: staff_by_token(session, token), lambda: staff_of(session, cookie)):
        with pytest.raises(AccessError):
            attempt()
    assert staff_list(session) == []
    with pytest.raises(NotFoundError):
        remove_staff(session, "an.nguyen")
    for same in ("an.nguyen", " AN.Nguyen"):
        with pytest.raises(ConflictError):
            add_staff(session, name=same, role="agent", unit=unit)


def test_only_an_admin_sees_every_unit(session: Session) -> None:
    for wrong in ({"role": "agent"}, {"role": "king"}, {"name": ""}, {"name": "a\nb"}):
        with pytest.raises(InputError) as refused:
            add_staff(session, **({"name": "an", "role": "admin", "unit": None} | wrong))  # type: ignore[arg-type]
        assert refused.value.fix


def test_the_command_shows_a_token_once(engine: Engine, sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with sessions.begin() as session:
        draft_unit(session, code="PA01HH", name="Hải Hậu")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    url = engine.url.render_as_string(hide_password=False)
    shell = plain | {"SONANG_DATABASE_URL": url, "SONANG_STATE_DIR": str(tmp_path)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ledger.cli", "staff", *words]
        return subprocess.run(command, env=shell, capture_output=True, text=True, timeout=60, check=False)

    token = json.loads(run("add", "an.nguyen", "--unit", "PA01HH", "--role", "counter", "--json").stdout)["token"]
    with sessions() as session:
        assert staff_by_token(session, token).role == "counter"
    listed = run("list").stdout
    assert "an.nguyen" in listed
    assert token not in listed
    assert "no unit 'PA09'" in run("add", "binh", "--unit", "PA09").stderr
