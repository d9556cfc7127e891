"""How programs end: ours when they are asked to, and how one we ran did."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["stoppable", "was_interrupted"]


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set while the block runs, and do nothing else: what is at hand is finished first."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def was_interrupted(code: int | None) -> bool:
    """Whether an exit code is that of a program ended by a signal, such as a Ctrl-C that reached it and not us."""
    return code is not None and (code < 0 or code == 128 + signal.SIGINT)
