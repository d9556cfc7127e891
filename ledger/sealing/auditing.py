"""pyHanko's reading of some files of a batch, in a process of its own: it takes another core, and holds up no other file.

`python -m ledger.sealing.auditing` answers on standard output what it is asked on standard input, and ends with it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO, Any, Final

import orjson
from asn1crypto import x509

from ledger.errors import SonangError
from ledger.sealing.errors import SealingError
from ledger.sealing.levels import Level, SignatureLevel, check_issued

AUDIT_EVERY: Final = 50
_MOMENTS: Final = ("claimed_at", "stamped_at", "archived_at")
_YOUNG: Final = (50_000, 5, 1_000)
"""Collecting garbage as often as Python does by itself takes a tenth of a reading, which makes some hundred thousand objects."""


class Auditor:
    """Reads issued files as `levels.check_issued` does, one at a time; started when it is first asked to be ready.

    Should its process be gone, the file is read in this one: nothing is believed without an answer.

    Args:
        trust_roots: what every signature and time stamp must lead to.
    """

    def __init__(self, trust_roots: Sequence[x509.Certificate]) -> None:
        self._roots = tuple(trust_roots)
        self._asking = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._end: Callable[[], object] | None = None
        self.core_s = 0.0
        """Processor seconds that its readings took."""

    def get_ready(self) -> None:
        """Starts its process where there is none, and waits neither for it nor for a file that is being read."""
        if self._child is None or self._child.poll() is not None:
            with contextlib.suppress(OSError):
                self._child = _started()
                self._end = weakref.finalize(self, _ended, self._child)

    @property
    def pid(self) -> int | None:
        """Its process, where it has one."""
        return None if self._child is None else self._child.pid

    def close(self) -> None:
        """Ends its process; otherwise that ends with whoever asks it, or with this program."""
        if self._end is not None:
            self._end()

    def check(self, issued: bytes, sealed: bytes) -> list[SignatureLevel]:
        """The levels of an issued file.

        Raises:
            SealingError: as `check_issued`.
        """
        with self._asking:
            answer = None if self._child is None else self._asked(self._child, issued, sealed)
        return check_issued(issued, sealed, self._roots) if answer is None else answer.levels()

    def _asked(self, child: subprocess.Popen[bytes], issued: bytes, sealed: bytes) -> _Answer | None:
        """What the process answers; None when it ended, or answers about another file. Then nothing is asked of it any more."""
        try:
            _ask(child, self._roots, issued, sealed)
            answer = _Answer.read(child)
        except (OSError, ValueError, LookupError, TypeError):
            answer = None
        if answer is None or answer.about != _about(issued, sealed):
            child.kill()
            return None
        self.core_s += answer.core_s
        return answer


@dataclass(frozen=True)
class _Answer:
    """What the process beside says of a file: its levels, or what is wrong with it."""

    about: str
    core_s: float
    said: list[SignatureLevel] | SealingError

    @classmethod
    def read(cls, child: subprocess.Popen[bytes]) -> _Answer:
        told = orjson.loads(child.stdout.readline() if child.stdout is not None else b"")
        if "problem" in told:
            return cls(told["about"], told["core_s"], SealingError(told["problem"], field=told["field"], fix=told["fix"]))
        return cls(told["about"], told["core_s"], [_level(one) for one in told["levels"]])

    def levels(self) -> list[SignatureLevel]:
        if isinstance(self.said, SealingError):
            raise self.said
        return self.said


class Samples:
    """Which files of a batch pyHanko reads: the first one a pattern makes, before there is a second, and then every fiftieth.

    A file that is read waits for its answer, and so does the next one to be read with all that come after it: no more than fifty others
    are begun meanwhile. One that was not made, or did not pass, leaves its turn to the next. Turns are given under a lock.

    Args:
        every: how many files there are from one that is read to the next.
    """

    def __init__(self, trust_roots: Sequence[x509.Certificate], every: int = AUDIT_EVERY) -> None:
        self._every = every
        self.auditor = Auditor(trust_roots)
        self._roots = tuple(trust_roots)
        self._answered = threading.Event()
        self._answered.set()
        self.begin()

    def begin(self) -> None:
        """There is a new pattern, which made nothing yet."""
        self._answered.wait()
        self.proven, self._owed, self._made = False, True, 0

    def settle(self) -> None:
        """Before a file is made that pyHanko reads: waits until it is known what the one before it came to."""
        if self._is_next():
            self._answered.wait()

    def turn(self) -> bool:
        """Whether the file that is made now is one that pyHanko reads."""
        if self._is_next():
            self._answered.clear()
            self._owed, self._made = False, 1
            return True
        self._made += 1
        if self._made == self._every // 2:
            self.auditor.get_ready()
        return False

    def _is_next(self) -> bool:
        return self._owed or self._made == self._every

    def check(self, issued: bytes, sealed: bytes) -> list[SignatureLevel]:
        """The levels of a file whose turn it is; the first is read here, since a process takes a second to start.

        Raises:
            SealingError: as `check_issued`.
        """
        return self.auditor.check(issued, sealed) if self.proven else check_issued(issued, sealed, self._roots)

    def passed(self, *, good: bool) -> None:
        """Tells what the file came to whose turn it was."""
        self._owed = self._owed or not good
        self.proven = self.proven or good
        self._answered.set()


def _started() -> subprocess.Popen[bytes]:
    """A session of its own, since Ctrl-C lets the file at hand be finished; none of our secrets are in its environment."""
    plain = {name: value for name, value in os.environ.items() if not name.upper().startswith("SONANG_")}
    command = [sys.executable, "-m", __name__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=plain, start_new_session=True)


def _ended(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        child.communicate()


def _ask(child: subprocess.Popen[bytes], roots: Sequence[x509.Certificate], issued: bytes, sealed: bytes) -> None:
    if child.stdin is None:
        raise BrokenPipeError
    asked = {"roots": [one.dump().hex() for one in roots], "issued": len(issued), "sealed": len(sealed)}
    for part in (orjson.dumps(asked) + b"\n", issued, sealed):
        child.stdin.write(part)
    child.stdin.flush()


def _about(issued: bytes, sealed: bytes) -> str:
    """Which file an answer is about."""
    return sha256(sha256(issued).digest() + sha256(sealed).digest()).hexdigest()


def _level(told: dict[str, Any]) -> SignatureLevel:
    moments = {name: None if told[name] is None else datetime.fromisoformat(told[name]) for name in _MOMENTS}
    return SignatureLevel(**{**told, **moments, "level": Level(told["level"])})


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """Reads file after file until nobody asks any more."""
    gc.freeze()
    gc.set_threshold(*_YOUNG)
    while line := asked.readline():
        question, begun = orjson.loads(line), time.process_time()
        issued, sealed = asked.read(question["issued"]), asked.read(question["sealed"])
        told = _answer(issued, sealed, [x509.Certificate.load(bytes.fromhex(one)) for one in question["roots"]])
        answers.write(orjson.dumps({**told, "about": _about(issued, sealed), "core_s": time.process_time() - begun}) + b"\n")
        answers.flush()


def _answer(issued: bytes, sealed: bytes, roots: Sequence[x509.Certificate]) -> dict[str, object]:
    try:
        return {"levels": check_issued(issued, sealed, roots)}
    except SonangError as wrong:
        return {"problem": wrong.problem, "field": wrong.field, "fix": wrong.fix}


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever a library prints is no answer
        serve(sys.stdin.buffer, answers)
