"""One measured comparison a row: ours, a named peer, their ratio and what we aim at; and the races that fill them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Row:
    """A comparison.

    Attributes:
        name: what is done.
        ours: our figure, in `unit`.
        unit: for example `orders/s`, or `gas`.
        peer: whose figure stands beside ours.
        theirs: the peer's figure, in the same unit.
        aim: the ratio we want at least.
        less_is_better: whether a smaller figure wins (gas, seconds).
        note: a condition the reader must know.
    """

    name: str
    ours: float
    unit: str
    peer: str
    theirs: float
    aim: float
    less_is_better: bool = False
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times better ours is; 1 is a tie."""
        return self.theirs / self.ours if self.less_is_better else self.ours / self.theirs

    @property
    def met(self) -> bool:
        """Whether the aim is reached."""
        return self.ratio >= self.aim

    def __str__(self) -> str:
        figures = f"{self.ours:>14,.0f} {self.unit:10} {self.theirs:>12,.0f} {self.ratio:>8,.1f}× (aim {self.aim:g}×)"
        return f"{'✓' if self.met else '✗'} {self.name:34} {figures} {self.peer}{self.note and f'; {self.note}'}"


def race(ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int = 5) -> tuple[float, float]:
    """Seconds of one run of each, at its best.

    They take turns, and the quicker one repeats its run until its round lasts as long: a busy machine then slows both alike.
    """
    works = (ours, theirs)
    first = [seconds(work) for work in works for _ in range(2)][1::2]
    repeats = [max(1, round(max(first) / each)) for each in first]
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for place, work in enumerate(works):
            begun = perf_counter()
            for _ in range(repeats[place]):
                work()
            best[place] = min(best[place], (perf_counter() - begun) / repeats[place])
    return best[0], best[1]


def seconds(work: Callable[[], object]) -> float:
    """How long one run takes."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


def answer_of(command: Sequence[str], given: str = "", env: dict[str, str] | None = None) -> Any:
    """What a peer's own program prints as JSON; it runs in the project's folder."""
    done = subprocess.run(command, input=given, env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
