"""`sonang …` called in this process: its exit code and what it said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ledger.cli.program import run

Sonang = Callable[..., tuple[int, str]]


def calling(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], environment: dict[str, str], *first: str) -> Sonang:
    """Calls it in that environment of ours, with those words first."""
    for name, value in environment.items():
        if name.startswith("SONANG_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            run([*first, *words])
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return call


def answer(told: tuple[int, str]) -> Any:
    """What it answered as JSON."""
    assert told[0] == 0, told[1]
    return json.loads(told[1])
