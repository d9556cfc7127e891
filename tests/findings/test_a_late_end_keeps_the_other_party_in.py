"""Whoever terminated an agreement first, a century from now if need be, closed it to every other termination: the other party stayed in it
until the guardian helped. So did a renewal signed early: until it began, nobody could end what it would replace."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.agreements.queries import standings, state_of
from ledger.agreements.states import version_at
from ledger.errors import ConflictError
from tests.ledger.agreements.town import Town

DAY = 86_400
NEVER = 2**62


def test_an_owner_leaves_though_the_utility_has_terminated_the_agreement_for_the_end_of_days(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    town.terminate(session, agreement, utility, NEVER)
    session.commit()
    with pytest.raises(ConflictError, match="another call"):
        town.terminate(session, agreement, owner, town.now() + 30 * DAY)
    session.rollback()
    town.deliver()
    session.expire_all()

    end = town.now() + 30 * DAY
    asked = town.terminate(session, agreement, owner, end)
    session.commit()
    town.deliver()
    session.expire_all()
    standing = state_of(session, agreement).standing
    assert (standing.status, standing.ended_at, standing.ended_by) == ("terminated", end, owner.id)
    town.agrees_with_the_contract(session, [agreement], end, NEVER)
    assert town.terminate(session, agreement, owner, end).id == asked.id, "again, it changes nothing"
    with pytest.raises(ConflictError):
        town.terminate(session, agreement, utility, NEVER)


def test_a_contract_ends_before_a_successor_that_was_signed_early_would_begin(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    begins = town.now() + 60 * DAY
    renewed = town.agree(session, owner, utility, begins, supersedes=agreement)
    session.commit()
    town.deliver()
    end = town.now() + 20 * DAY
    town.terminate(session, agreement, owner, end)
    town.terminate(session, renewed, owner, end)
    session.commit()
    town.deliver()
    session.expire_all()

    records = standings(session, [agreement.id, renewed.id])
    assert records[agreement.id].superseded_by == renewed.id
    for moment in (end - 1, end, begins - 1, begins, begins + DAY):
        said = bytes(town.gateway.call("AgreementRegistry", "versionAt", agreement.id, moment))
        assert said == (agreement.id if moment < end else bytes(32))
        assert (version_at(records, renewed.id, moment) or bytes(32)) == said
