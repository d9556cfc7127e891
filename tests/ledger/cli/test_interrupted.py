"""Ctrl-C at any moment is one line that says what to do, and never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).with_name("sonang"))
DAY = [PROGRAM, "day", "--zone", "demo", "--date", "2016-05-21"]
MOMENTS = [
    ([PROGRAM, "verify"], "typing"),
    ([PROGRAM, "serve"], "uvicorn.config"),
    ([PROGRAM, "devchain", "up"], "typer.models"),
    (DAY, "rich.console"),
    (DAY, "sqlalchemy.engine.url"),
    (DAY, "ledger.day.stage"),
    (["-m", "ledger.cli", "worker"], "typer.main"),
    (["-m", "scripts.demo"], "argparse"),
    (["-m", "scripts.demo"], "sqlalchemy.orm.base"),
    (["-m", "scripts.demo"], "ledger.day.run"),
]
"""What is started, and the module it has just imported when Ctrl-C comes."""


@pytest.mark.parametrize(("words", "module"), MOMENTS, ids=lambda part: part if isinstance(part, str) else Path(part[-1]).name)
def test_while_modules_are_imported(tmp_path: Path, project_root: Path, words: list[str], module: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", *words],
        cwd=project_root,
        env={**clean, "SONANG_STATE_DIR": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        assert any(line.split()[-1] == module for line in process.stderr), f"{module} is not imported any more: name another"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    said = [line for line in errors.splitlines() if not line.startswith("import time:")]
    assert (process.returncode, output) == (130, "")
    assert len(said) == 1, errors
    assert said[0].endswith(": stopped – run the same command again to go on")


def test_a_ctrl_c_that_the_caller_ignores_stays_ignored(project_root: Path) -> None:
    program = """
import signal
from ledger.cli import loading
signal.signal(signal.SIGINT, signal.SIG_IGN)
with loading("sonang"):
    signal.raise_signal(signal.SIGINT)
assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=project_root, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_program_tells_its_version() -> None:
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, f"sonang {version('sonang')}\n"), done.stderr
