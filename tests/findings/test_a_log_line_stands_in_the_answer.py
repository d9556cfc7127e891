"""A command that set up no logs wrote them on standard output, before the JSON that a program was to read there."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
import structlog

from ledger.cli import COMMANDS
from ledger.cli.program import run


@pytest.fixture
def afterwards() -> Iterator[None]:
    """What a command line changes of its process is put back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    yield
    structlog.reset_defaults()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("afterwards")
@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_logs_goes_to_standard_error(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    structlog.reset_defaults()
    with pytest.raises(SystemExit):
        run([name, "--help"])
    structlog.get_logger("ledger").error("said_by_a_log")
    shown = capsys.readouterr()
    assert shown.out
    assert "said_by_a_log" not in shown.out
    assert '"event": "said_by_a_log"' in shown.err
