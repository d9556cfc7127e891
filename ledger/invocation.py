"""How this program and its files are named to a person who is to type them next, from the folder they are in."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from shutil import which

__all__ = ["as_called", "as_typed", "command", "near"]

PROGRAM = "sonang"


def command(*words: str) -> str:
    """A command line of this program that can be pasted into a shell here."""
    return shlex.join((_program(), *words))


def as_called(text: str) -> str:
    """A text whose commands, written `sonang …` between backticks, can be pasted into a shell here."""
    return text.replace(f"`{PROGRAM} ", f"`{command()} ")


def as_typed(path: Path) -> str:
    """A file as it can be pasted into a shell here."""
    return shlex.quote(near(path))


def near(path: Path) -> str:
    """A path relative to the current folder when it lies below it, else absolute."""
    whole, here = Path(os.path.abspath(path)), Path.cwd()  # noqa: PTH100 - `resolve` would follow links
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def _program() -> str:
    """`sonang` when that is what a shell finds, else where it lies beside the Python that runs."""
    own, found = which(PROGRAM, path=str(Path(sys.executable).parent)), which(PROGRAM)
    if own is None or (found is not None and Path(found).samefile(own)):
        return PROGRAM
    return os.path.join(os.curdir, near(Path(own))) if Path(own).parent == Path.cwd() else near(Path(own))  # noqa: PTH118 - Path drops "./"
