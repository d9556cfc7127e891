"""A time-stamp authority that took a request and never answered held up every one-time code, for the office did one duty after another."""

from __future__ import annotations

import threading
import time

import pytest

from ledger.office.duties import Duty
from ledger.office.run import attend


def test_codes_leave_while_sealing_waits_and_the_office_still_ends_in_two_seconds() -> None:
    stop, answer, sent, counted = threading.Event(), threading.Event(), threading.Semaphore(0), threading.Semaphore(0)

    def seals() -> dict[str, object]:
        answer.wait(30)
        return {}

    def released(one: threading.Semaphore) -> dict[str, object]:
        one.release()
        return {}

    duties = [
        Duty("seals", 1.0, seals, aside=True),
        Duty("messages", 0.01, lambda: released(sent), aside=True),
        Duty("requests", 0.01, lambda: released(counted)),
    ]
    office = threading.Thread(target=attend, args=(duties, stop), daemon=True)
    office.start()
    assert all(one.acquire(timeout=5) for one in (sent, sent, sent, counted, counted))
    began = time.monotonic()
    stop.set()
    office.join(5)
    assert not office.is_alive()
    assert time.monotonic() - began < 2
    answer.set()


def test_a_fault_nobody_foresaw_ends_the_office_with_it() -> None:
    def broken() -> dict[str, object]:
        raise ZeroDivisionError

    stop = threading.Event()
    with pytest.raises(ZeroDivisionError):
        attend([Duty("seals", 1.0, broken, aside=True), Duty("requests", 0.01, dict)], stop)
    assert stop.is_set()
