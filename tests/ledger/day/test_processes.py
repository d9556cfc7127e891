"""Children end when they are asked to, when they are killed, and when nobody is left to ask."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ledger.day.processes import Child, environment, start, stop_all
from ledger.day.signals import deferred
from ledger.errors import UnavailableError
from ledger.running import stop_recorded
from ledger.settings import Settings

SLEEPER = "tests.ledger.day.sleeper"


def settings_of(folder: Path) -> Settings:
    return Settings(state_dir=folder / "state")


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def wakes(child: Child) -> Child:
    eventually(lambda: "awake" in child.log.read_text())
    return child


@pytest.fixture
def sleeper(tmp_path: Path) -> Child:
    return wakes(start("sleeper", SLEEPER, [], settings_of(tmp_path)))


def test_a_child_that_is_asked_to_end_ends_in_order(sleeper: Child) -> None:
    stop_all([sleeper])
    assert not sleeper.alive
    assert "goodbye" in sleeper.log.read_text()


def test_a_child_that_is_killed_is_gone_at_once_and_its_parent_is_told_where_to_look(sleeper: Child) -> None:
    sleeper.kill()
    assert not psutil.pid_exists(sleeper.pid)
    with pytest.raises(UnavailableError, match="ended with code -9") as told:
        sleeper.check()
    assert str(sleeper.log) in told.value.fix


def test_a_child_is_on_record_for_make_clean(sleeper: Child, tmp_path: Path) -> None:
    assert stop_recorded(settings_of(tmp_path).state_dir) == ["sleeper"]
    stop_all([sleeper])


def test_a_child_whose_parent_was_killed_ends_by_itself(tmp_path: Path) -> None:
    parent = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from ledger.day.processes import start
        from ledger.settings import Settings
        child = start("sleeper", "{SLEEPER}", [], Settings(state_dir=Path(sys.argv[1]) / "state"))
        print(child.pid, flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", parent, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        log = tmp_path / "state" / "logs" / "sleeper.log"
        eventually(lambda: "awake" in log.read_text())
        process.kill()
    eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert "goodbye" in log.read_text()


def test_a_child_is_told_our_settings_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONANG_RPC_URL", "http://elsewhere:1")
    monkeypatch.setenv("UNRELATED", "kept")
    told = environment(Settings(state_dir=tmp_path, rpc_url=None, operator_key="0x" + "11" * 32))
    assert told["SONANG_STATE_DIR"] == str(tmp_path)
    assert told["SONANG_OPERATOR_KEY"] == "0x" + "11" * 32
    assert "SONANG_RPC_URL" not in told
    assert told["UNRELATED"] == "kept"


def test_ctrl_c_waits_until_what_must_not_be_torn_is_done() -> None:
    done = []

    def work() -> None:
        with deferred():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["whole"]
