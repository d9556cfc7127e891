"""Agreements that end on a real chain: terminated by either party, or revoked; and our reading agrees with the contract."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.queries import (
    in_force,
    state_of,
)
from ledger.errors import ChainError, InputError
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer, new_eoa_key
from tests.ledger.agreements.town import DAY, FOREVER, Town


def test_a_party_brings_its_own_termination_when_the_operator_keeps_silent(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    end = town.now() + DAY
    signature = town.sign(owner, "AgreementRegistry", commands.termination_of(agreement, owner, effective_at=end, deadline=FOREVER))
    brought = (agreement.typed(), owner.id, end, FOREVER, owner.signing_key(), signature)
    pocket = new_eoa_key()
    town.gateway.ask("anvil_setBalance", hex0x(eoa_signer(pocket)), hex(10**18))
    town.gateway.send("AgreementRegistry", "terminate", brought, pocket)
    town.deliver()
    standing = state_of(session, agreement).standing
    assert (standing.status, standing.ended_at, standing.ended_by) == ("terminated", end, owner.id)
    town.agrees_with_the_contract(session, [agreement], end, town.now())


def test_an_owner_ends_the_agreement_at_a_moment_of_its_choice(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    end = town.now() + 30 * DAY
    town.terminate(session, agreement, owner, end)
    session.commit()
    town.deliver()
    standing = state_of(session, agreement).standing
    assert (standing.status, standing.ended_at, standing.ended_by) == ("terminated", end, owner.id)
    assert in_force(session, owner, end - 1) is agreement
    assert in_force(session, owner, end) is None
    town.agrees_with_the_contract(session, [agreement], end, agreement.valid_to, town.now())


def test_a_termination_of_the_past_ends_it_when_the_chain_hears_of_it(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    asked = town.now()
    town.terminate(session, agreement, utility, asked - DAY // 2)
    session.commit()
    town.deliver()
    ended_at = state_of(session, agreement).standing.ended_at
    assert ended_at is not None
    assert ended_at >= asked
    town.agrees_with_the_contract(session, [agreement], asked - DAY // 2, ended_at)


def test_a_guardian_revokes_with_a_public_reason(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    with pytest.raises(ChainError, match="AgreementNotOpen"):
        commands.revoke(session, town.gateway, town.guardian, agreement, "fraud")
    town.deliver()
    with pytest.raises(ChainError):
        commands.revoke(session, town.gateway, town.operator, agreement, "fraud")
    with pytest.raises(InputError, match="no such reason"):
        commands.revoke(session, town.gateway, town.guardian, agreement, "because")
    commands.revoke(session, town.gateway, town.guardian, agreement, "court-order")
    town.deliver()
    standing = state_of(session, agreement).standing
    assert (standing.status, standing.reason) == ("revoked", "court-order")
    assert standing.ended_at is not None
    assert in_force(session, owner, standing.ended_at) is None
    town.agrees_with_the_contract(session, [agreement], standing.ended_at, town.now())


def test_a_revocation_after_a_termination_keeps_the_earlier_end(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    town.terminate(session, agreement, owner, 0)
    session.commit()
    town.deliver()
    ended_at = state_of(session, agreement).standing.ended_at
    commands.revoke(session, town.gateway, town.guardian, agreement, "fraud")
    town.deliver()
    standing = state_of(session, agreement).standing
    assert (standing.status, standing.ended_at) == ("revoked", ended_at)
    town.agrees_with_the_contract(session, [agreement], town.now())
