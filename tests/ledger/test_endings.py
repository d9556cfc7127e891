"""A Ctrl-C that reaches a program we run, and not us, is told as what it was."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.chain.solc import compile_standard_json, pinned_version
from ledger.endings import was_interrupted
from ledger.errors import UnavailableError


@pytest.mark.parametrize(
    ("code", "interrupted"), [(-2, True), (-15, True), (130, True), (0, False), (1, False), (143, False), (None, False)]
)
def test_which_exit_codes_are_an_interruption(code: int | None, interrupted: bool) -> None:
    assert was_interrupted(code) is interrupted


def test_an_interrupted_compiler_is_to_be_run_again(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = pinned_version(project_root)
    compiler = tmp_path / f"solc-v{pinned}"
    compiler.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "Version: {pinned}+commit.1" && exit\nkill -INT $$\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("SOLCX_BINARY_PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"was interrupted – run the same command again$"):
        compile_standard_json(project_root, {"language": "Solidity", "sources": {"A.sol": {"content": ""}}})


PREPARE = """
import signal, sys, warnings
from pathlib import Path
signal.signal(signal.SIGINT, signal.SIG_IGN)
from ledger.embedded import EmbeddedPostgres
from ledger.errors import UnavailableError
try:
    EmbeddedPostgres(Path(sys.argv[1]))
except UnavailableError as wrong:
    print(wrong)
"""


def test_an_interrupted_first_start_of_the_database_is_to_be_run_again(open_path: Path, project_root: Path) -> None:
    data = open_path / "postgres"
    words = [sys.executable, "-W", "ignore", "-c", PREPARE, str(data)]
    with subprocess.Popen(
        words, cwd=project_root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not (data / "global" / "pg_control").exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        said, errors = process.communicate(timeout=60)
    shutil.rmtree(data, ignore_errors=True)
    assert "interrupted" in said, errors
    assert "run the same command again" in said
