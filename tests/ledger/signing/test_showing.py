"""What is shown is what is signed, by everybody in turn, once, and only while the draft is open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from ledger.agreements.commands import sign_agreement
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow, AgreementTerm
from ledger.errors import AccessError, ConflictError, InputError, LimitError, RuleError, SonangError
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import decline, document_shown, expire_due, present, presentation_of
from ledger.signing.countersigning import countersign_due
from ledger.signing.model import Approval, OneTimeCode
from ledger.signing.queries import events_of, progress_of
from tests.ledger.signing.hall import Hall


def test_the_bytes_handed_out_are_the_bytes_pinned_and_showing_again_changes_nothing(hall: Hall) -> None:
    agreement, showing = hall.shown()
    hall.wait(30)
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        shown = presentation_of(session, showing)
        assert document_shown(session, hall.store, shown, now_s=hall.now) == hall.store.read(agreement)
        assert present(session, hall.store, row, row.signatories[0].party, now_s=hall.now + 9).id == showing
        assert (shown.fetched_s or 0) - shown.presented_s == 30
        step = progress_of(session, row).steps[0]
        assert (step.role, step.presented_s, step.fetched_s) == ("owner", shown.presented_s, shown.fetched_s)


@pytest.mark.parametrize("how", ["a changed byte", "an appended revision"])
def test_a_document_swapped_after_its_code_was_sent_stops_the_signing(hall: Hall, how: str) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    base = hall.store.read(agreement)
    changed = base.replace(b"/Title", b"/Tilte", 1) if how == "a changed byte" else base + b"\n% another page"
    assert changed != base
    hall.store.write(agreement, changed)
    with pytest.raises(RuleError, match="changed since it was shown"):
        confirm_code(hall.desk, showing, hall.code())
    assert hall.refusals(agreement) == [("confirm-code", "the document was changed since it was shown")]
    hall.store.write(agreement, base)
    assert confirm_code(hall.desk, showing, hall.code()).way == "otp"


def test_a_row_swapped_in_the_database_stops_the_signing_too(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    with hall.sessions.begin() as session:
        session.get_one(AgreementRow, agreement).valid_to += 86_400
    with pytest.raises(RuleError, match="changed since it was shown"):
        confirm_code(hall.desk, showing, hall.code())
    with hall.sessions.begin() as session:
        session.get_one(AgreementRow, agreement).valid_to -= 86_400
        term = session.scalars(select(AgreementTerm).where(AgreementTerm.agreement_id == agreement)).first()
        assert term is not None
        term.value = '"other"'
    with pytest.raises(RuleError, match="terms were changed"):
        confirm_code(hall.desk, showing, hall.code())


def test_the_utility_signs_last_and_nobody_out_of_turn(hall: Hall) -> None:
    agreement, _ = hall.shown()
    assert countersign_due(hall.desk).done == ()
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        late = present(session, hall.store, row, row.signatories[1].party, now_s=hall.now).id
        turn = progress_of(session, row).turn
        assert turn is not None
        assert turn.role == "owner"
    with pytest.raises(RuleError, match="not the turn"):
        request_code(hall.desk, late, "sms")


def test_a_stranger_is_shown_nothing(hall: Hall) -> None:
    agreement, _ = hall.shown()
    with hall.sessions.begin() as session, pytest.raises(RuleError, match="not a party"):
        present(session, hall.store, session.get_one(AgreementRow, agreement), hall.keyless(session, "stranger"))


def test_who_declines_says_why_and_ends_the_draft_for_everybody(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        for wrong in ("  ", "x" * 501):
            with pytest.raises(InputError, match="no reason, or a very long one – say why in 1 to 500 characters"):
                decline(session, row, row.signatories[0].party, reason=wrong)
        decline(session, row, row.signatories[0].party, reason="Sai số công tơ", now_s=hall.now)
    with pytest.raises(RuleError, match="a party declined it"):
        confirm_code(hall.desk, showing, hall.code())
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        progress = progress_of(session, row)
        assert (progress.state, progress.reason, progress.turn) == ("declined", "Sai số công tơ", None)
        assert progress.ended_by == row.signatories[0].party_id
        with pytest.raises(RuleError, match="declined"):
            decline(session, row, row.signatories[1].party, reason="again")
    assert countersign_due(hall.desk).done == ()


def test_a_declined_draft_takes_no_signature_by_any_door(hall: Hall) -> None:
    agreement, _ = hall.shown("wallet")
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        decline(session, row, row.signatories[1].party, reason="entered twice", now_s=hall.now)
        with pytest.raises(RuleError, match="declined"):
            sign_agreement(session, hall.gateway.deployment, row, row.signatories[0].party, signature=bytes(65))


def test_who_has_signed_cannot_decline(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    confirm_code(hall.desk, showing, hall.code())
    with hall.sessions.begin() as session:
        row = session.get_one(AgreementRow, agreement)
        with pytest.raises(RuleError, match="has signed"):
            decline(session, row, row.signatories[0].party, reason="changed my mind")


def test_a_draft_past_its_deadline_takes_no_signature_and_is_then_ended(hall: Hall) -> None:
    agreement, showing = hall.shown(deadline=hall.now + 100)
    request_code(hall.desk, showing, "sms")
    hall.wait(101)
    with pytest.raises(RuleError, match="deadline has passed"):
        confirm_code(hall.desk, showing, hall.code())
    with hall.sessions.begin() as session:
        assert [row.id for row in expire_due(session, now_s=hall.now)] == [agreement]
        assert expire_due(session, now_s=hall.now) == []
        assert progress_of(session, session.get_one(AgreementRow, agreement)).state == "expired"
        assert [event.act for event in events_of(session, agreement)][-1] == "expire"
        assert session.scalar(select(func.count()).select_from(DraftEnding)) == 1
    hall.wait(-50)
    with pytest.raises(RuleError, match="deadline has passed"):
        confirm_code(hall.desk, showing, hall.code())


def at_once(hall: Hall, showing: int, codes: list[str]) -> list[Approval | SonangError]:
    """Confirms with each code on a connection of its own, all at the same moment."""
    gate, desk = Barrier(len(codes)), hall.desk

    def one(code: str) -> Approval | SonangError:
        gate.wait(30)
        try:
            return confirm_code(desk, showing, code)
        except SonangError as refused:
            return refused

    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(one, codes))


def test_of_four_requests_that_sign_at_once_one_wins_and_the_others_are_told(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    came = at_once(hall, showing, [hall.code()] * 4)
    assert sum(isinstance(one, Approval) for one in came) == 1
    assert sum(isinstance(one, ConflictError) for one in came) == 3
    with hall.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Approval)) == 1
        assert session.get_one(AgreementRow, agreement).signatories[0].evidence is not None


def test_guessing_in_parallel_buys_no_extra_try(hall: Hall) -> None:
    _, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    came = at_once(hall, showing, [hall.wrong_code()] * 9)
    assert sum(isinstance(one, AccessError) for one in came) == hall.terms.attempts
    assert sum(isinstance(one, LimitError) for one in came) == 9 - hall.terms.attempts
    with hall.sessions() as session:
        code = session.scalars(select(OneTimeCode)).one()
        assert (code.attempts, code.closed_how) == (hall.terms.attempts, "exhausted")


def test_asking_in_parallel_buys_no_extra_code(hall: Hall) -> None:
    _, showing = hall.shown()
    gate, desk = Barrier(8), hall.desk

    def one(_: int) -> bool:
        gate.wait(30)
        try:
            request_code(desk, showing, "sms")
        except LimitError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == hall.terms.per_hour


def test_of_declining_and_signing_at_once_exactly_one_happens(hall: Hall) -> None:
    agreement, showing = hall.shown()
    request_code(hall.desk, showing, "sms")
    gate, desk, code = Barrier(2), hall.desk, hall.code()

    def sign() -> bool:
        gate.wait(30)
        try:
            confirm_code(desk, showing, code)
        except RuleError:
            return False
        return True

    def refuse() -> bool:
        gate.wait(30)
        try:
            with desk.sessions.begin() as session:
                row = session.get_one(AgreementRow, agreement)
                decline(session, row, row.signatories[0].party, reason="too dear", now_s=desk.clock())
        except RuleError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        signed, refused = (one.result(60) for one in (pool.submit(sign), pool.submit(refuse)))
    assert signed != refused
    with hall.sessions() as session:
        row = session.get_one(AgreementRow, agreement)
        assert (row.signatories[0].signature is not None) == signed
        assert (progress_of(session, row).state == "declined") == refused
