"""`sonang import-readings` as a process, and as a call that ends like one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

PROGRAM = Path(sys.executable).with_name("sonang")


class Done(NamedTuple):
    """How a run of the program ended."""

    returncode: int
    stdout: str
    stderr: str


Sonang = Callable[..., Done]


def words(file: Path, *more: str, zone: str = "village") -> list[str]:
    return [str(PROGRAM), "import-readings", str(file), "--zone", zone, *more]
