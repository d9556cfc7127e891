"""The loop: each duty in its turn, whatever becomes of the others, until it is told to stop."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence

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


def attend(found: Sequence[Duty], stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
    """Does each duty when it is due, the longest overdue first."""
    due = {duty.name: 0.0 for duty in found}
    while not stop.is_set():
        duty = min(found, key=lambda one: due[one.name])
        if stop.wait(max(0.0, due[duty.name] - clock())):
            return
        due[duty.name] = clock() + _done(duty)


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
