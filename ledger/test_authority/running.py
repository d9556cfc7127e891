"""A test authority as a child of this program: started where none runs, ended with the block, and with this program however it ends."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import urllib3

from ledger.test_authority.errors import AuthorityError
from ledger.test_authority.files import AuthorityFiles
from ledger.test_authority.process import DEVCHAIN_ID, refuse_outside_devchain

START_SECONDS = 30.0
STOP_SECONDS = 10.0
TETHER = "ledger.day.tether"
"""Runs the child on record for `make clean`, and ends it when this program is gone."""


@contextlib.contextmanager
def running_test_authority(state_dir: Path, chain_id: int = DEVCHAIN_ID) -> Iterator[AuthorityFiles]:
    """The authority of a state folder, answering; one that runs there already is used and left running.

    Raises:
        AuthorityError: not on the devchain, or it does not start.
    """
    refuse_outside_devchain(chain_id)
    files = AuthorityFiles.of(state_dir)
    if files.exists and answers(files.url):
        yield files
        return
    folder = state_dir / "logs"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder / "test-authority.log"
    ready = folder / f"test-authority.{os.getpid()}.ready"
    command = [sys.executable, "-m", TETHER, "test-authority", "ledger.test_authority", str(state_dir), str(chain_id), str(ready)]
    plain = {name: value for name, value in os.environ.items() if not name.upper().startswith("SONANG_")}
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**plain, "SONANG_STATE_DIR": str(state_dir)},
            start_new_session=True,
        )
    try:
        _wait(child, ready, log)
        yield files
    finally:
        _end(child)


def answers(url: str) -> bool:
    """Whether something answers at an address within a second."""
    with urllib3.PoolManager(timeout=1.0, retries=False) as http:
        try:
            http.request("HEAD", url)
        except urllib3.exceptions.HTTPError:
            return False
    return True


def _wait(child: subprocess.Popen[bytes], ready: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise AuthorityError("the test authority did not start", field=str(log), fix="read that file")
        time.sleep(0.02)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin is not None:
        with contextlib.suppress(OSError):
            child.stdin.close()
