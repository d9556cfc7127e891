"""Which of our processes run in a state folder, so that each can be ended by its number and never by its name.

A process that lives on – the worker, the server, an oracle node – holds a small file while it runs. A process id is believed only together
with the moment the process was born: after a crash or a restart the same number may belong to somebody else. Who is killed takes its file
with it no more; the next to be recorded clears it away.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import psutil

__all__ = ["recorded", "stop_recorded"]

STOP_TIMEOUT_S = 15.0


@contextlib.contextmanager
def recorded(state_dir: Path, name: str) -> Iterator[None]:
    """Keeps this process on record under a name while the block runs; files of processes that live no more go."""
    folder = _folder(state_dir)
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.json"):
        if _is_over(left):
            left.unlink(missing_ok=True)
    file = folder / f"{name}.{os.getpid()}.json"
    file.write_bytes(orjson.dumps({"pid": os.getpid(), "created": psutil.Process().create_time()}))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def stop_recorded(state_dir: Path) -> list[str]:
    """Asks every recorded process to end, kills those that do not within 15 seconds, and returns their names."""
    found = [(file, process) for file in sorted(_folder(state_dir).glob("*.json")) if (process := _process(file)) is not None]
    for _, process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs([process for _, process in found], STOP_TIMEOUT_S)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, STOP_TIMEOUT_S)
    for file in _folder(state_dir).glob("*.json"):
        file.unlink(missing_ok=True)
    return [file.name.split(".")[0] for file, _ in found]


def _folder(state_dir: Path) -> Path:
    return state_dir / "run"


def _process(file: Path) -> psutil.Process | None:
    try:
        process = _named(file)
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    return process if process is not None and process.pid != os.getpid() else None


def _is_over(file: Path) -> bool:
    """Whether the process of a file lives no more; one that cannot be read may be just being written, while its number lives."""
    try:
        return _named(file) is None
    except psutil.NoSuchProcess:
        return True
    except (OSError, psutil.Error):
        return False
    except (ValueError, KeyError, TypeError):
        number = file.stem.rpartition(".")[2]
        return number.isdecimal() and not psutil.pid_exists(int(number))


def _named(file: Path) -> psutil.Process | None:
    """The process a file names; None where its number belongs to another by now."""
    record = orjson.loads(file.read_bytes())
    process = psutil.Process(int(record["pid"]))
    return process if abs(process.create_time() - float(record["created"])) < 1.0 else None
