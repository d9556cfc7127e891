"""`sonang` as a person meets it: real processes, their output, their exit codes."""

from __future__ import annotations

import ast
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import psutil
import pytest

from ledger.cli import COMMANDS

Sonang = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = Path(sys.executable).with_name("sonang")


@pytest.fixture
def sonang(tmp_path: Path, project_root: Path) -> Sonang:
    """Runs the program with a state folder of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    ours = {"SONANG_STATE_DIR": str(tmp_path / "state"), "SONANG_DEPLOYMENT_FILE": str(tmp_path / "31337.json"), "COLUMNS": "120"}

    ours["PATH"] = os.pathsep.join((str(PROGRAM.parent), os.environ["PATH"]))

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *words], cwd=project_root, env={**clean, **ours, **more}, capture_output=True, text=True, check=False, timeout=120
        )

    return run


def test_the_devchain_and_the_contracts_from_the_command_line(sonang: Sonang, tmp_path: Path) -> None:
    try:
        up = sonang("devchain", "up", "--port", "0", "--json")
        assert up.returncode == 0, up.stderr
        pid = orjson.loads(up.stdout)["pid"]
        deployed = sonang("deploy", "--json")
        assert deployed.returncode == 0, deployed.stderr
        assert orjson.loads(deployed.stdout)["fresh"] is True
        again = sonang("deploy")
        assert again.returncode == 0
        assert "Already deployed, code hashes match" in again.stdout
        assert str(tmp_path / "31337.json") in again.stdout
        assert orjson.loads(sonang("devchain", "down", "--json").stdout)["running"] is False
        assert not psutil.pid_exists(pid)
        assert "is down; newest block 12 of 2016-01-01" in sonang("devchain", "status").stdout
        assert "no state yet" in sonang("devchain", "reset").stdout
    finally:
        sonang("devchain", "down")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["deploy"], 1, "run `sonang devchain up`"),
        (["deplyo"], 2, "see `sonang --help`"),
        (["deploy", "--max-faulty", "many"], 2, "see `sonang deploy --help`"),
        (["deploy", "--oracle", "0x12zz"], 1, "--oracle"),
        (["devchain", "up", "--port", "70000"], 2, "see `sonang devchain up --help`"),
    ],
)
def test_an_error_is_one_line_on_standard_error_that_says_what_to_do(sonang: Sonang, words: list[str], code: int, says: str) -> None:
    done = sonang(*words)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith("sonang: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_an_error_names_the_program_as_it_is_called_where_no_shell_finds_it(sonang: Sonang) -> None:
    done = sonang("deploy", PATH="/usr/bin:/bin")
    assert "bin/sonang devchain up`" in done.stderr
    assert "`sonang " not in done.stderr


def test_without_a_chain_a_file_can_still_be_checked_by_its_bundle(sonang: Sonang) -> None:
    done = sonang("verify", "README.md")
    assert done.returncode == 1
    assert "run `sonang devchain up`" in done.stderr
    assert "a bundle needs no chain: `sonang verify BUNDLE --bundle --trust-block HASH`" in done.stderr


def test_a_mistyped_setting_is_caught_before_anything_runs(sonang: Sonang) -> None:
    done = sonang("devchain", "status", SONANG_DATABSE_URL="postgresql://x")
    assert done.returncode == 1
    assert "did you mean SONANG_DATABASE_URL?" in done.stderr


def test_a_state_folder_that_cannot_be_made_is_one_line_too(sonang: Sonang, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = sonang("devchain", "up", SONANG_STATE_DIR=str(tmp_path / "file"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert str(tmp_path / "file") in done.stderr


def test_help_is_quick_and_lists_every_command(sonang: Sonang) -> None:
    sonang("--help")
    started = time.monotonic()
    done = sonang("--help")
    elapsed = time.monotonic() - started
    assert done.returncode == 0
    assert all(re.search(rf"│ {name}\s", done.stdout) for name in COMMANDS)
    assert elapsed < 5


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(sonang: Sonang, name: str) -> None:
    done = sonang(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "Example: sonang" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_command_says_of_itself(project_root: Path, name: str) -> None:
    file = name.replace("-", "_")
    tree = ast.parse((project_root / "ledger" / "cli" / f"{file}.py").read_text(encoding="utf-8"))
    functions = {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)}
    if file in functions:
        assert functions[file].splitlines()[0] == COMMANDS[name]
    else:
        assert COMMANDS[name] in ast.unparse(tree)


def test_a_command_that_runs_on_is_on_record_meanwhile(tmp_path: Path, project_root: Path) -> None:
    program = """
from pathlib import Path
from ledger import cli
from ledger.cli import worker as module

def run(settings, *_, **__):
    print([file.name.split(".")[0] for file in (settings.state_dir / "run").iterdir()])
    raise SystemExit(7)

module.run_worker = run
cli.main(["worker"])
"""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    ours = {**clean, "SONANG_STATE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=project_root, env=ours, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.returncode) == ("['worker']\n", 7), done.stderr
    assert list((tmp_path / "run").iterdir()) == []


def test_termination_lets_a_command_clean_up(tmp_path: Path, project_root: Path) -> None:
    program = """
import time
from ledger import cli
from ledger.cli import deploy as module

def wait(*_, **__):
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("clean", flush=True)

module.deploy_contracts = wait
cli.main(["deploy", "--json"])
"""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    for sent, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
        process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=project_root, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(sent)
        output, errors = process.communicate(timeout=30)
        assert output == "clean\n"
        assert process.returncode == code
        assert ("run the same command again" in errors) == (sent == signal.SIGINT)


def test_an_auditor_without_a_database_is_told_to_name_a_server(sonang: Sonang) -> None:
    done = sonang("audit-log")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--api: there is no database here" in done.stderr
    away = sonang("audit-log", "--api", "http://127.0.0.1:9")
    assert away.returncode == 1
    assert "does not answer" in away.stderr
    mistyped = sonang("audit-log", "--log-key", "a+b+c")
    assert mistyped.returncode == 1
    assert "sonang: --log-key:" in mistyped.stderr
