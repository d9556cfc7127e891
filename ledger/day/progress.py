"""Progress bars, one a step; without a terminal plain lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from ledger.day.stage import DAYS, Step

__all__ = ["bars"]


@contextmanager
def bars(console: Console, *, quiet: bool = False) -> Iterator[Step]:
    """What a run tells its steps to."""
    if quiet:
        yield lambda _step, _done, _total: None
    elif console.is_terminal:
        look = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*look, console=console) as progress:
            yield _Bars(progress)
    else:
        yield _Lines(console)


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)


class _Lines:
    """A line when a step is done for the first time, and one for every day of several."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: set[tuple[str, int]] = set()

    def __call__(self, step: str, done: int, total: int) -> None:
        if (done == total or step == DAYS) and (step, done) not in self._told:
            self._told.add((step, done))
            self._console.print(f"{step}: {done if done == total else f'{done} / {total}'}", markup=False, highlight=False)
