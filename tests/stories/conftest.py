"""How stories of files call the program, on a database alone."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.cli import main
from tests.stories.importing import Done, Sonang, words


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> dict[str, str]:
    """Environment of an installation with this test's database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
    url = engine.url.render_as_string(hide_password=False)
    return {**kept, "SONANG_STATE_DIR": str(tmp_path / "state"), "SONANG_DATABASE_URL": url, "COLUMNS": "200"}


@pytest.fixture
def bring(own: dict[str, str]) -> Sonang:
    """Runs the program as a process."""

    def run(file: Path, *more: str, zone: str = "village") -> Done:
        done = subprocess.run(words(file, *more, zone=zone), env=own, capture_output=True, text=True, check=False, timeout=120)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def bring_here(own: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Sonang]:
    """Runs the program in this process: a second less each time."""
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    before = signal.getsignal(signal.SIGTERM)

    def run(file: Path, *more: str, zone: str = "village") -> Done:
        with pytest.raises(SystemExit) as ended:
            main(words(file, *more, zone=zone)[1:])
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    yield run
    signal.signal(signal.SIGTERM, before)
