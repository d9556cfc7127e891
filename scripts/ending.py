"""How a demo ends."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from ledger.cli import AGAIN, STOPPED, end_in_order
from ledger.errors import SonangError


def ended(program: str, work: Callable[[], None]) -> int:
    """Does the work; the exit code, 0 only when all went well: an error and a Ctrl-C are one line on standard error."""
    end_in_order()
    try:
        work()
    except SonangError as error:
        told, code = str(error), 1
    except KeyboardInterrupt:
        told, code = AGAIN, STOPPED
    else:
        return 0
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"{program}: {told}", style="red", markup=False)
    return code
