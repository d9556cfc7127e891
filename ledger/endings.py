"""How a program we ran ended."""

from __future__ import annotations

import signal

__all__ = ["was_interrupted"]


def was_interrupted(code: int | None) -> bool:
    """Whether an exit code is that of a program ended by a signal, such as a Ctrl-C that reached it and not us."""
    return code is not None and (code < 0 or code == 128 + signal.SIGINT)
