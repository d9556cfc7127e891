"""The loop: each duty in its turn, whatever becomes of the others, until it is told to stop; what waits on others has its own thread."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence

import structlog
from sqlalchemy.exc import DBAPIError

from ledger.chain.gateway import Gateway
from ledger.db import database
from ledger.errors import SonangError
from ledger.office.duties import Duty, Plan, duties
from ledger.settings import Settings

log = structlog.get_logger(__name__)
AGAIN_S = 5.0
"""After trouble a duty waits at least so long."""
GRACE_S = 1.5
"""How long duties under way may take to end once the office is told to."""


def run_office(settings: Settings, plan: Plan, stop: threading.Event) -> None:
    """Does every duty until `stop` is set; what goes wrong in one is logged, and tried again.

    Raises:
        SonangError: it cannot begin: no database, no chain, a key or certificate missing.
    """
    with (
        database(settings) as sessions,
        contextlib.closing(Gateway.connect(settings)) as gateway,
        duties(settings, sessions, gateway, plan, stop) as found,
    ):
        log.info("office_open", duties=[duty.name for duty in found])
        attend(found, stop)
    log.info("office_closed")


def attend(found: Sequence[Duty], stop: threading.Event) -> None:
    """Does each duty when it is due, until `stop` is set. One still waiting for an answer `GRACE_S` later is left: each may be cut short.

    Raises:
        Exception: what no duty is meant to raise; it ends the others too.
    """
    faults: list[Exception] = []
    together = [duty for duty in found if not duty.aside]
    shares = [[duty] for duty in found if duty.aside] + ([together] if together else [])
    threads = [threading.Thread(target=_attend, args=(share, stop, faults), name=share[0].name, daemon=True) for share in shares]
    for thread in threads:
        thread.start()
    stop.wait()
    until = time.monotonic() + GRACE_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    if faults:
        raise faults[0]
    left = [thread.name for thread in threads if thread.is_alive()]
    if left:
        log.warning("duties_left", duties=left)


def _attend(share: Sequence[Duty], stop: threading.Event, faults: list[Exception]) -> None:
    """The longest overdue of a share first."""
    due = {duty.name: 0.0 for duty in share}
    try:
        while not stop.is_set():
            duty = min(share, key=lambda one: due[one.name])
            if stop.wait(max(0.0, due[duty.name] - time.monotonic())):
                return
            due[duty.name] = time.monotonic() + _done(duty)
    except Exception as fault:  # the office ends with it, as it would in one thread
        if not stop.is_set():
            faults.append(fault)
            stop.set()


def _done(duty: Duty) -> float:
    """Does a duty; returns the seconds to the next time."""
    try:
        did = duty.work()
    except SonangError as wrong:
        log.warning("duty_waits", duty=duty.name, reason=str(wrong))
        return max(duty.every_s, AGAIN_S)
    except DBAPIError as away:
        log.warning("database_away", duty=duty.name, kind=type(away.orig).__name__)
        return max(duty.every_s, AGAIN_S)
    if did:
        log.info("duty_done", duty=duty.name, **did)
    return duty.every_s
