"""Two people at one code, or at one party's codes, held what the other waited for: PostgreSQL ended one of the two with a deadlock, so that
the right code failed, or a wrong one went uncounted and unnoted."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ledger.errors import ConflictError, WrongCodeError
from ledger.signing import approving, codes, own_keys
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.own_keys import request_enrolment
from ledger.signing.passkeys import begin_enrolment
from tests.ledger.signing.hall import Hall

PATIENCE_S = 5.0
MOMENT_S = 0.2
"""Long enough for the other to come to its lock; shorter would hide the bug, never invent one."""


def test_the_right_code_signs_and_the_wrong_one_is_noted_though_they_come_at_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    claimed, noting = threading.Event(), threading.Event()
    real_claim, real_note = codes.claim_code, codes.note

    def claim(*given: Any, **named: Any) -> int:
        found = real_claim(*given, **named)
        claimed.set()
        noting.wait(PATIENCE_S)
        return found

    def note(*given: Any, **named: Any) -> object:
        noting.set()  # the wrong one holds the code's row now, and the right one goes on to the agreement's
        time.sleep(MOMENT_S)
        return real_note(*given, **named)

    monkeypatch.setattr(approving, "claim_code", claim)
    monkeypatch.setattr(codes, "note", note)
    with ThreadPoolExecutor() as people:
        right = people.submit(confirm_code, hall.desk, showing, hall.code())
        assert claimed.wait(PATIENCE_S)
        wrong = people.submit(confirm_code, hall.desk, showing, hall.wrong_code())
        with pytest.raises(WrongCodeError):
            wrong.result()
        assert right.result().way == "otp"
    assert hall.refusals(agreement) == [("confirm-code", "the code is wrong")]


def test_a_code_comes_back_while_another_is_asked_for(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    with hall.sessions.begin() as session:
        party = hall.keyless(session).id
    request_enrolment(hall.desk, party, "sms")
    typed, sending = hall.code(), threading.Event()

    monkeypatch.setattr(own_keys, "use_code", _slowed(own_keys.use_code, before=lambda: sending.wait(MOMENT_S), after=_moment))
    monkeypatch.setattr(own_keys, "send_code", _slowed(own_keys.send_code, before=lambda: (sending.set(), _moment())))
    with ThreadPoolExecutor() as people:
        back = people.submit(begin_enrolment, hall.desk, party, typed)
        asked = people.submit(request_enrolment, hall.desk, party, "sms")
        assert asked.result().digits == 6
        with contextlib.suppress(ConflictError):  # a newer code took its place
            assert "challenge" in back.result()


def _moment() -> None:
    time.sleep(MOMENT_S)


def _slowed(real: Callable[..., Any], *, before: Callable[[], object], after: Callable[[], object] = lambda: None) -> Callable[..., Any]:
    def slow(*given: Any, **named: Any) -> Any:
        before()
        found = real(*given, **named)
        after()
        return found

    return slow
