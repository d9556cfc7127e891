"""A village of six homes in a folder of its own, and the `sonang` program as people run it: real processes, nothing of ours in between."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy.orm import Session

from ledger.day import data
from ledger.db import open_engine, open_sessions
from ledger.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ROOFS, OTHERS = ("home-007", "home-010", "home-013"), ("home-001", "home-002", "home-003")
UNIT_S = 7_200
"""Units of two hours keep a day short."""

Energies = dict[tuple[str, str], tuple[int, int]]
"""By home and start of unit, Wh imported and exported."""


@dataclass(frozen=True)
class Village:
    """One installation: everything it stores is in `folder`."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SONANG_")}
        return {**plain, "SONANG_STATE_DIR": str(self.folder / "state"), "SONANG_DEPLOYMENT_FILE": str(self.folder / "deployment.json")}

    def start(self, *words: str, here: Path = ROOT, **changes: str) -> subprocess.Popen[str]:
        """Starts `sonang WORDS` in a folder."""
        return subprocess.Popen(
            [sys.executable, "-m", "ledger.cli", *words],
            cwd=here,
            env={**self.environment, **changes},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def sonang(self, *words: str, here: Path = ROOT, **changes: str) -> subprocess.CompletedProcess[str]:
        """Runs `sonang WORDS` to its end."""
        with self.start(*words, here=here, **changes) as process:
            out, err = process.communicate(timeout=240)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def day(self, date: str, name: str = "report", *flags: str) -> dict[str, Any]:
        """Runs a day and reads its report."""
        done = self.sonang("day", "--zone", "village", "--date", date, "--report", str(self.report(name)), *flags)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(self.report(name).read_bytes())
        return found

    def report(self, name: str = "report") -> Path:
        return self.folder / f"{name}.json"

    def imported(self, *flags: str, week: Energies | None = None, powers: dict[str, str] | None = None) -> Village:
        """The village with its week of readings and its roofs, or with others."""
        known = {row["home"]: row["pv_kwp"] for row in csv.DictReader(data.HOMES.read_text(encoding="utf-8").splitlines())}
        roofs = powers or {home: known[home] for home in (*ROOFS, *OTHERS)}
        homes = self.folder / "homes.csv"
        homes.write_text("home,pv_kwp\n" + "".join(f"{home},{power}\n" for home, power in roofs.items()), encoding="utf-8")
        file = self.folder / "week.csv"
        lines = (f"{home},{start},{taken},{given}\n" for (home, start), (taken, given) in (week or energies()).items())
        file.write_text("home,interval_start,grid_import_wh,grid_export_wh\n" + "".join(lines), encoding="utf-8")
        said = ("--zone", "village", "--time-zone", data.TIME_ZONE, "--capacities", str(homes), "--region", "south", "--interval", "120")
        done = self.sonang("import-readings", str(file), *said, *flags)
        assert done.returncode == 0, done.stderr
        return self

    @contextmanager
    def database(self) -> Iterator[Session]:
        """A session on the village's own database, while no program runs."""
        engine = open_engine(Settings(state_dir=self.folder / "state"))
        try:
            with open_sessions(engine).begin() as session:
                yield session
        finally:
            engine.dispose()

    def processes(self) -> dict[int, str]:
        """Everything that runs from this folder, by process id."""
        return dict(self._processes())

    def settles_to(self, *allowed: str, seconds: float = 20.0) -> dict[int, str]:
        """Waits until nothing but the allowed programs runs from this folder; returns what does."""
        deadline = time.monotonic() + seconds
        while True:
            left = self.processes()
            if all(any(name in command for name in allowed) for command in left.values()) or time.monotonic() > deadline:
                return left
            time.sleep(0.05)

    def _processes(self) -> Iterator[tuple[int, str]]:
        for process in psutil.process_iter():
            try:
                command, state = " ".join(process.cmdline()), process.environ().get("SONANG_STATE_DIR", "")
                ended = process.status() == psutil.STATUS_ZOMBIE
            except psutil.Error:
                continue
            if process.pid != os.getpid() and not ended and (str(self.folder) in command or state.startswith(str(self.folder))):
                yield process.pid, command


def energies(date: str = "") -> Energies:
    """What the village's meters counted in each unit, of one day when it is named; summed from the demo's half-hours."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    with gzip.open(data.READINGS, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            start = row["interval_start"]
            if row["home"] in (*ROOFS, *OTHERS) and start.startswith(date):
                unit = f"{start[:11]}{int(start[11:13]) // 2 * 2:02}:00:00"
                taken = sums[row["home"], unit]
                taken[0] += int(row["grid_import_wh"])
                taken[1] += int(row["grid_export_wh"])
    return {place: (taken, given) for place, (taken, given) in sums.items()}
