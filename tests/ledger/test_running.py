"""`make clean` ends what runs from this folder, by number and birth, and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import psutil
import pytest

from ledger.chain.devchain import Devchain
from ledger.db import open_engine
from ledger.errors import InputError
from ledger.running import recorded, stop_recorded
from ledger.settings import Settings
from scripts.stop import remove, stop_all

HOLD = """
import signal, sys, time
from pathlib import Path
from ledger.running import recorded
if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
with recorded(Path(sys.argv[1]), "worker"):
    print("ready", flush=True)
    time.sleep(60)
"""


def hold(state: Path, manner: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(state), manner], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_process_is_on_record_while_it_runs_and_not_afterwards(tmp_path: Path) -> None:
    with recorded(tmp_path, "worker"):
        (file,) = (tmp_path / "run").glob("*.json")
        assert orjson.loads(file.read_bytes())["pid"] == os.getpid()
    assert list((tmp_path / "run").glob("*")) == []


def test_who_was_killed_is_cleared_away_by_the_next_and_who_lives_is_not(tmp_path: Path) -> None:
    folder, living = tmp_path / "run", hold(tmp_path, "willing")
    killed = hold(tmp_path, "willing")
    killed.kill()
    killed.communicate(timeout=10)
    born_before = {"pid": living.pid, "created": 1.0}
    (folder / f"another.{living.pid}.json").write_bytes(orjson.dumps(born_before))
    (folder / f"torn.{killed.pid}.json").write_bytes(b"{")
    (folder / f"being-written.{living.pid}.json").write_bytes(b"")
    assert len(list(folder.iterdir())) == 5
    with recorded(tmp_path, "office"):
        left = {f"worker.{living.pid}.json", f"being-written.{living.pid}.json"}
        assert {path.name for path in folder.iterdir()} == {f"office.{os.getpid()}.json", *left}
    assert stop_recorded(tmp_path) == ["worker"]
    living.communicate(timeout=10)


def test_a_recorded_process_is_ended_even_when_it_does_not_want_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.running.STOP_TIMEOUT_S", 0.5)
    for manner in ("willing", "stubborn"):
        process = hold(tmp_path, manner)
        assert stop_recorded(tmp_path) == ["worker"]
        process.communicate(timeout=10)
        assert not psutil.pid_exists(process.pid)
    assert stop_recorded(tmp_path) == []


def test_a_number_that_belongs_to_another_program_by_now_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as other:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "worker.1.json").write_bytes(orjson.dumps({"pid": other.pid, "created": 1.0}))
        (tmp_path / "run" / "torn.2.json").write_bytes(b"{")
        assert stop_recorded(tmp_path) == []
        assert other.poll() is None
        assert list((tmp_path / "run").glob("*")) == []


def test_stopping_ends_processes_chain_and_database_of_the_folder(open_path: Path, project_root: Path) -> None:
    (open_path / "node_modules").symlink_to(project_root / "node_modules")
    shutil.copy(project_root / "devchain.toml", open_path)
    state = open_path / ".sonang"
    settings = Settings(project_root=open_path, state_dir=state)
    try:
        anvil_pid = Devchain.of(settings).up(port=0).pid
        assert anvil_pid is not None
        engine = open_engine(settings)
        server_pid = int((state / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        process = hold(state, "willing")
        assert stop_all(settings) == ["worker", "devchain", "PostgreSQL"]
        assert not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in (anvil_pid, server_pid))
        process.communicate()
        engine.dispose()
    finally:
        assert stop_all(settings) == []


def test_an_installation_is_removed_from_its_own_folder_and_nothing_else_is(
    tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other, home = (tmp_path / name for name in ("mine", "other", "home"))
    (tmp_path / "project").mkdir()
    shutil.copy(project_root / "devchain.toml", tmp_path / "project")
    (home / "run").mkdir(parents=True)
    (mine / "postgres").mkdir(parents=True)
    other.mkdir()
    (other / "thesis.txt").write_text("all my work")
    monkeypatch.setenv("HOME", str(home))
    for folder, problem in ((other, "holds no installation"), (home, "holds more than an installation"), (tmp_path, "holds more")):
        with pytest.raises(InputError, match=problem):
            remove(Settings(project_root=tmp_path / "project", state_dir=folder))
    remove(Settings(project_root=tmp_path / "project", state_dir=mine))
    remove(Settings(project_root=tmp_path / "project", state_dir=tmp_path / "never"))
    assert (mine.exists(), other.exists(), home.exists()) == (False, True, True)
