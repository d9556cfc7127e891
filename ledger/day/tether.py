"""A child that never outlives its parent: `python -m ledger.day.tether NAME MODULE ARGUMENT…` runs a module until standard input ends.

The parent holds the other end of that pipe and never writes to it. However the parent dies, `kill -9` included, the operating system closes
its end; the child sees the end of its input and ends itself as it would at SIGTERM.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

from ledger.running import recorded
from ledger.settings import load_settings

GRACE_S = 10.0
"""How long an orderly end may take before the process is ended anyway."""


def main() -> None:
    """Runs the named module as a program, on record for `make clean`, until it ends or the parent is gone."""
    name, module, *arguments = sys.argv[1:]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = [module, *arguments]
    with recorded(load_settings().state_dir, name):
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
