"""`make demo`: 40 homes, 48 units, one oracle lost half-way, in well under a minute; then the app until Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3

from tests.stories.village import ROOT, Village

pytestmark = pytest.mark.slow
REPORT = "state/reports/demo-2016-05-21.json"


@pytest.fixture(scope="module")
def place() -> Iterator[Village]:
    with tempfile.TemporaryDirectory(prefix="sonang-") as folder:
        yield Village(Path(folder))


def start(place: Village, *flags: str, **changes: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "scripts.demo", *flags]
    environment = {**place.environment, **changes}
    return subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_one_shot_demo_ends_well_and_leaves_nothing_running(place: Village) -> None:
    started = time.monotonic()
    with start(place, "--oneshot") as process:
        out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert err.count("Getting ready") == 1
    assert time.monotonic() - started < 60, "the promise is a minute, on two cores that do nothing else"
    assert "40 · 13 · 48" in out
    assert "11 / 11" in out
    for words in ("one-time code,", "attested", "passkey, own key", "wallet, own key", "13 × surplus sale", "2 nhân chứng"):
        assert words in out
    assert out.count("B-LTA") == 7
    report = json.loads((place.folder / REPORT).read_bytes())
    assert (len(report["positions"]), len(report["slots"]), len(report["agreements"])) == (40, 48, 13)
    assert "SimBench" in report["sources"][0]["notice"]
    assert place.processes() == {}


def test_again_it_changes_nothing_and_serves_the_app_until_ctrl_c(place: Village) -> None:
    before = (place.folder / REPORT).read_bytes()
    with start(place, SONANG_API_PORT="0") as process:
        assert process.stdout is not None
        url = next(line for line in process.stdout if line.startswith("Sổ Nắng: http")).split()[-1]
        page = next(line for line in process.stdout if "this day: " in line).split()[-1]
        with urllib3.PoolManager() as pool:
            assert pool.request("GET", f"{url}ready").status == 200
            assert page == f"{url}zones/{json.loads(before)['zone_id']}/days/2016-05-21"
            assert "21/05/2016" in pool.request("GET", page).data.decode()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert '"event"' not in err, "the server's log goes into a file"
    assert '"path": "/ready"' in (place.folder / "state" / "logs" / "serve.log").read_text(encoding="utf-8")
    assert (place.folder / REPORT).read_bytes() == before
    assert place.processes() == {}
