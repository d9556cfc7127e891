"""Ctrl-C at the wrong moment: steps that must not be torn hear of it once they are done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["deferred"]

HELD = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))]


@contextmanager
def deferred() -> Iterator[None]:
    """Keeps Ctrl-C, SIGTERM and SIGHUP waiting while the block runs, and delivers the last of them afterwards.

    What starts a server or puts one away runs in here, so that none is left behind that nobody knows of.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        heard.append(number)

    before = {number: signal.signal(number, hear) for number in HELD}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if heard:
            signal.raise_signal(heard[-1])
