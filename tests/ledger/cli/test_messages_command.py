"""`sonang messages` delivers, shows what is stuck and why, and says so when nothing is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from ledger.messages.commands import queue_message
from ledger.messages.sealing import prepare
from ledger.parties.commands import draft_party
from ledger.parties.contacts import give_contacts
from ledger.settings import Settings


@pytest.fixture
def shell(engine: Engine, tmp_path: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    url = engine.url.render_as_string(hide_password=False)
    return plain | {"SONANG_DATABASE_URL": url, "SONANG_STATE_DIR": str(tmp_path / "state"), "COLUMNS": "200"}


def run(shell: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ledger.cli", "messages", *words]
    return subprocess.run(command, env=shell, capture_output=True, text=True, timeout=60, check=False)


def queue(sessions: sessionmaker[Session], shell: dict[str, str], key: str, channel: str, address: str) -> None:
    with sessions.begin() as session:
        prepare(session, Settings(state_dir=Path(shell["SONANG_STATE_DIR"])))
        queue_message(session, key=key, channel=channel, address=address, subject="Chào · Hello", body="Mật 428 913")  # type: ignore[arg-type]


def test_it_delivers_to_the_folder_and_then_has_nothing_to_show(sessions: sessionmaker[Session], shell: dict[str, str]) -> None:
    queue(sessions, shell, "hello/1", "email", "an@example.vn")
    done = run(shell)
    assert done.returncode == 0, done.stderr
    assert "Sent 1" in done.stdout
    assert "Nothing is queued" in done.stdout
    (file,) = (Path(shell["SONANG_STATE_DIR"]) / "mailbox" / "an@example.vn").iterdir()
    assert "Mật 428 913" in file.read_text("utf-8")
    assert "428" not in done.stdout + done.stderr


def test_what_is_stuck_is_shown_with_its_reason_and_its_address_masked(sessions: sessionmaker[Session], shell: dict[str, str]) -> None:
    queue(sessions, shell, "hello/2", "zalo", "+84912345678")
    with sessions.begin() as session:
        party = draft_party(session, label="PE15000123456", role="customer", name="Nguyễn Thị Hoà", signer=None)
        give_contacts(session, party, {"zalo": "0912 345 678"}, by="staff:an", now_s=1_764_000_000)
    shell |= {"SONANG_MAILBOX": "false"}
    before = int(time.time())
    shown = run(shell).stdout
    assert "PE15000123456" in shown
    assert "giờ Việt Nam · Vietnam time" in shown
    assert "no carrier is set for zalo" in shown
    assert "+84…678" in shown
    assert "912345" not in shown
    (stuck,) = json.loads(run(shell, "--list", "--json").stdout)["stuck"]
    assert (stuck["key"], stuck["state"], stuck["tries"]) == ("hello/2", "queued", 1)
    assert (stuck["customer"], stuck["code"], stuck["to"]) == ("PE15000123456", None, "+84…678")
    assert before < stuck["next_try_s"] < before + 600


def test_it_watches_until_it_is_told_to_stop(sessions: sessionmaker[Session], shell: dict[str, str]) -> None:
    queue(sessions, shell, "hello/3", "email", "an@example.vn")
    command = [sys.executable, "-m", "ledger.cli", "messages", "--watch"]
    watching = subprocess.Popen(command, env=shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    folder, deadline = Path(shell["SONANG_STATE_DIR"]) / "mailbox", time.monotonic() + 60
    while not list(folder.glob("*/*.eml")) and time.monotonic() < deadline:
        time.sleep(0.05)
    watching.send_signal(signal.SIGTERM)
    _, logs = watching.communicate(timeout=30)
    assert watching.returncode == 0
    assert '"delivered"' in logs
    assert '"stopped"' in logs
    assert "428" not in logs


def test_without_a_key_it_says_how_to_make_one_and_makes_it_only_once(shell: dict[str, str]) -> None:
    shell |= {"SONANG_MAILBOX": "false"}
    assert "sonang messages --new-key" in run(shell).stderr
    assert run(shell, "--new-key").returncode == 0
    assert "exists already" in run(shell, "--new-key").stderr
