"""A contract, what replaced it, what stood beside it and what ended it: one family, and one answer to which version is in force."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.model import AgreementRow
from ledger.errors import NotFoundError
from ledger.life.queries import families_of_party, family_of, family_parties, version_in_force
from tests.ledger.agreements.town import DATED, FACTS, FOREVER, Town

DAY = 86_400


def settle(session: Session, town: Town) -> None:
    """Everything queued onto the chain."""
    session.commit()
    town.deliver()
    session.expire_all()


def beside(session: Session, town: Town, contract: AgreementRow, valid_from: int) -> AgreementRow:
    """A further document of the same people that follows a contract without replacing it."""
    row = draft_agreement(
        session,
        town.store,
        parties=[one.party for one in contract.signatories],
        kind="rooftop-surplus-sale",
        facts=FACTS,
        valid_from=valid_from,
        deadline=FOREVER,
        dated_s=DATED,
        predecessor=contract,
    )
    town.sign_both(session, row)
    commands.seal_and_record(session, town.calls, town.store, row)
    return row


def test_one_answer_to_which_version_is_in_force_through_amendment_renewal_and_termination(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    start = town.now() - DAY
    first = town.agree(session, owner, utility, start)
    settle(session, town)
    amended = town.agree(session, owner, utility, (amended_at := town.now() + 10 * DAY), supersedes=first)
    minutes = beside(session, town, first, start + 1)
    settle(session, town)
    renewed = town.agree(session, owner, utility, (renewed_at := amended_at + 20 * DAY), supersedes=amended)
    draft = town.draft(session, owner, utility, renewed_at + 5 * DAY, supersedes=amended)
    settle(session, town)
    ends_at = renewed_at + 3 * DAY
    town.terminate(session, renewed, owner, ends_at)
    settle(session, town)

    edges = [start, amended_at, renewed_at, ends_at, first.valid_to, renewed.valid_to]
    for at in sorted({edge + step for edge in edges for step in (-1, 0, 1)}):
        for row in (first, amended, renewed, minutes, draft):
            said = bytes(town.gateway.call("AgreementRegistry", "versionAt", row.id, at))
            ours = version_in_force(session, row.id, at)
            assert (bytes(32) if ours is None else ours.id) == said, at
        held = {row.id: town.gateway.call("AgreementRegistry", "inForce", row.id, at) for row in (first, amended, renewed)}
        expected = next((one for one, holds in held.items() if holds), None)
        assert sum(held.values()) <= 1
        for row in (first, amended, renewed):
            found = version_in_force(session, row.id, at)
            assert (found.id if found else None) == expected, at
    assert version_in_force(session, draft.id, renewed_at) is None
    assert version_in_force(session, minutes.id, start + 1) == minutes

    told = [(one.row.id, one.relation, one.predecessor, one.state) for one in family_of(session, renewed)]
    assert told == [
        (first.id, "first", None, "superseded"),
        (minutes.id, "beside", first.id, "recorded"),
        (amended.id, "version", first.id, "superseded"),
        (renewed.id, "version", amended.id, "terminated"),
        (draft.id, "version", amended.id, "draft"),
    ]
    assert set(family_parties(session, first.id)) == {owner.id, utility.id}
    assert families_of_party(session, owner.id) == [first.id]


def test_nobody_is_told_a_version_of_an_agreement_that_does_not_exist(session: Session) -> None:
    with pytest.raises(NotFoundError, match="no agreement"):
        version_in_force(session, bytes(32), 0)
