"""Large files: killed in the middle they leave nothing, and they are read in little memory."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.ledger.metering.files import clock_times, counts, write
from tests.stories.importing import words


def half_done(session: Session) -> int:
    """Rows of the table on disk that nobody can see yet: a stream is under way when there are any."""
    return session.scalar(text("SELECT pg_relation_size('imported_interval')")) or 0


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_kill_in_the_middle_leaves_nothing_and_the_next_run_brings_all(
    own: dict[str, str], tmp_path: Path, session: Session, how: signal.Signals
) -> None:
    homes, times = 600, clock_times(480)
    file = write(tmp_path / "large.csv", (f"home-{home},{start},{home},0" for home in range(homes) for start in times))
    start = words(file, "--time-zone", "UTC+7")
    process = subprocess.Popen(start, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while half_done(session) < 1_000_000 and process.poll() is None and time.monotonic() < deadline:
        session.rollback()
        time.sleep(0.01)
    assert process.poll() is None
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode != 0
    session.rollback()
    assert counts(session) == (0, 0, 0)
    again = subprocess.run([*start, "--json"], env=own, capture_output=True, text=True, check=True, timeout=120)
    assert orjson.loads(again.stdout)["rows"] == homes * len(times)
    session.rollback()
    assert counts(session) == (1, homes, homes * len(times))


MEASURED = """
import sys
from pathlib import Path
from ledger.cli import main
try:
    main(sys.argv[1:])
finally:
    status = Path("/proc/self/status").read_text()
    print(status[status.index("VmHWM:"):].split()[1], file=sys.stderr)
"""
"""The program, and then the most memory this very process held, in kB; `ru_maxrss` would count its parent's too."""


@pytest.mark.slow
def test_a_large_file_is_read_in_little_memory(own: dict[str, str], tmp_path: Path, session: Session) -> None:
    """Memory does not grow with the file: 200 MB would take the peak this takes."""
    peaks: list[int] = []
    for homes in (100, 1_500):
        rows = (f"home-{home},{start},{home},0" for home in range(homes) for start in clock_times(480))
        file = write(tmp_path / f"{homes}.csv", rows)
        arguments = words(file, "--time-zone", "UTC+7", zone=f"z{homes}")[1:]
        done = subprocess.run(
            [sys.executable, "-c", MEASURED, *arguments], env=own, capture_output=True, text=True, check=True, timeout=300
        )
        peaks.append(int(done.stderr.split()[-1]))  # kB
    assert peaks[1] < peaks[0] * 1.3
    assert peaks[1] < 200_000
