"""Who typed the right code with the last try and clicked twice was refused both times: the second click closed the code before the first
one had signed with it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.errors import SonangError, WrongCodeError
from ledger.signing import approving
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.codes import claim_code
from tests.ledger.signing.hall import Hall


def test_the_right_code_signs_though_it_was_the_last_try_and_another_came_at_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    _, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    right = hall.code()
    for _ in range(hall.terms.attempts - 1):
        with pytest.raises(WrongCodeError):
            confirm_code(hall.desk, showing, hall.wrong_code())

    def clicked_twice(*given: object, **named: object) -> int:
        found = claim_code(*given, **named)  # type: ignore[arg-type]
        monkeypatch.setattr(approving, "claim_code", claim_code)
        with pytest.raises(SonangError):
            confirm_code(hall.desk, showing, right)
        return found

    monkeypatch.setattr(approving, "claim_code", clicked_twice)
    assert confirm_code(hall.desk, showing, right).way == "otp"


def test_of_many_who_type_the_right_code_at_once_one_signs(hall: Hall) -> None:
    _, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    right = hall.code()

    def typed(_: int) -> str:
        try:
            return confirm_code(hall.desk, showing, right).way
        except SonangError as refused:
            return type(refused).__name__

    with ThreadPoolExecutor() as people:
        said = Counter(people.map(typed, range(8)))
    assert said["otp"] == 1
    assert set(said) <= {"otp", "ConflictError", "LimitError"}
