"""The embedded PostgreSQL: started by whoever comes first, shared, and stopped by whoever leaves last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, text

from ledger.db import connect, open_engine
from ledger.embedded import EmbeddedPostgres, stop_server
from ledger.errors import UnavailableError
from ledger.settings import Settings

HOLD = """
import sys
from pathlib import Path
from sqlalchemy import text
from ledger.db import open_engine
from ledger.settings import Settings
engine = open_engine(Settings(state_dir=Path(sys.argv[1])))
with engine.connect() as connection:
    print(connection.scalar(text("SELECT 6 * 7")), flush=True)
sys.stdin.read()
"""


def server_pid(state: Path) -> int:
    return int((state / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def hold(state: Path) -> subprocess.Popen[str]:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "42\n"
    return holder


def ended(pid: int, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid):
            return True
        time.sleep(0.02)
    return False


def test_a_test_database_is_empty_utc_and_its_own(engine: Engine) -> None:
    with engine.begin() as connection:
        assert connection.scalar(text("SHOW timezone")) == "UTC"
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
        assert connection.scalar(text("SELECT count(*) FROM pg_stat_user_tables WHERE n_live_tup > 0")) == 0


def test_the_server_outlives_a_user_that_others_outlive_and_the_last_one_stops_it(open_path: Path) -> None:
    first, second = hold(open_path), hold(open_path)
    pid = server_pid(open_path)
    first.communicate("", timeout=30)
    assert psutil.pid_exists(pid)
    second.communicate("", timeout=30)
    assert ended(pid)


def test_a_killed_user_neither_stops_the_server_nor_keeps_it_alive(open_path: Path) -> None:
    killed, other = hold(open_path), hold(open_path)
    pid = server_pid(open_path)
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=30)
    assert psutil.pid_exists(pid)
    other.communicate("", timeout=30)
    assert ended(pid)


def test_rows_survive_a_restart_and_a_stale_process_id_is_not_believed(open_path: Path) -> None:
    settings = Settings(state_dir=open_path)
    engine = open_engine(settings)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept AS SELECT 7 AS n"))
    pid = server_pid(open_path)
    engine.dispose()
    assert ended(pid)
    (open_path / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\ntorn")
    engine = open_engine(settings)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT n FROM kept")) == 7
    assert stop_server(open_path / "postgres")
    assert not stop_server(open_path / "postgres")
    engine.dispose()


def test_a_long_path_moves_the_socket_to_a_folder_that_only_the_server_and_root_may_enter(open_path: Path) -> None:
    engine = open_engine(Settings(state_dir=open_path / ("x" * 120)))
    with engine.connect() as connection:
        folder = Path(str(connection.scalar(text("SHOW unix_socket_directories"))))
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / ".s.PGSQL.5432").is_socket()
    engine.dispose()
    assert not (folder / ".s.PGSQL.5432").exists()
    folder.rmdir()


def test_the_folders_above_the_data_are_not_opened_for_reading(open_path: Path) -> None:
    private = open_path / "private"
    private.mkdir(mode=0o700)
    open_engine(Settings(state_dir=private / "state")).dispose()
    assert private.stat().st_mode & 0o066 == 0


def test_a_server_that_does_not_start_is_told_in_a_line_of_ours_that_names_its_log(open_path: Path) -> None:
    settings = Settings(state_dir=open_path / "state")
    open_engine(settings).dispose()
    with (settings.state_dir / "postgres" / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("nonsense = 1\n")
    words = [sys.executable, "-c", HOLD, str(settings.state_dir)]
    said = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL).stderr
    assert said.splitlines()[-1].endswith(f"read {settings.state_dir / 'postgres' / 'log'}, or name a server with SONANG_DATABASE_URL")
    assert "nonsense" not in said, "the log is named, not quoted"


def test_a_server_that_is_not_there_is_named_without_its_password(open_path: Path) -> None:
    settings = Settings(state_dir=open_path, database_url="postgresql://ann:geheim@127.0.0.1:1/ledger")
    with pytest.raises(UnavailableError) as refused:
        open_engine(settings)
    assert "127.0.0.1:1/ledger" in refused.value.field
    assert "geheim" not in str(refused.value)
    assert "SONANG_DATABASE_URL" in refused.value.fix


def test_a_named_server_is_used_as_it_is(postgres: EmbeddedPostgres, open_path: Path) -> None:
    url = postgres.url().render_as_string(hide_password=False)
    engine = open_engine(Settings(state_dir=open_path, database_url=url))
    assert not (open_path / "postgres").exists()
    engine.dispose()
    connect(postgres.url()).dispose()
