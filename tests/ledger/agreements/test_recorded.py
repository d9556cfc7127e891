"""Agreements on a real chain: recorded, replaced, refused, taken back; and our reading agrees with the contract at every moment."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.queries import (
    agreements_of,
    in_force,
    spans_in_force,
    state_of,
)
from ledger.agreements.rules import kind_id
from ledger.agreements.sealed import read_sealed
from ledger.chain.model import ChainEvent
from ledger.protocol.keccak import keccak
from ledger.protocol.typed_data import hash_struct
from tests.ledger.agreements.town import DAY, FOREVER, Town


def test_a_signed_agreement_is_recorded_and_the_chain_holds_what_was_signed(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    start = town.now() - DAY
    agreement = town.agree(session, owner, utility, start)
    session.commit()
    assert state_of(session, agreement).standing.status == "unrecorded"
    assert [(move.act, move.state) for move in state_of(session, agreement).moves] == [("record", "queued")]
    assert in_force(session, owner, start) is None

    town.deliver()
    state = state_of(session, agreement)
    assert (state.standing.status, state.moves[0].state) == ("recorded", "mined")
    pdf = town.store.read(agreement.id)
    sealed = read_sealed(pdf)
    held = town.gateway.call("AgreementRegistry", "recordOf", agreement.id)
    assert held[0] == hash_struct(sealed.content.agreement)
    assert held[1] == sha256(pdf).digest() == agreement.sealed_digest
    assert sealed.content.agreement.kind == kind_id("rooftop-surplus-sale")
    sealed.content.check_signatures(town.gateway.deployment.verifiers)
    assert in_force(session, owner, start) is agreement
    assert in_force(session, owner, agreement.valid_to) is None
    town.agrees_with_the_contract(session, [agreement], start, agreement.valid_to, town.now())


def test_a_name_never_reaches_the_chain(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now())
    session.commit()
    town.deliver()
    said = " ".join(str(event.args) for event in session.query(ChainEvent))
    assert owner.id.hex() in said
    for secret in (owner.label, str(owner.name), agreement.lookup_code, owner.key().hex()):
        assert secret not in said
        assert keccak(secret.encode()).hex() not in said
        assert sha256(secret.encode()).hexdigest() not in said


def test_a_replacement_takes_over_at_its_own_first_second(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    start = town.now() - DAY
    old = town.agree(session, owner, utility, start)
    session.commit()
    town.deliver()
    change = town.now() + DAY
    new = town.agree(session, owner, utility, change, supersedes=old)
    session.commit()
    assert [move.act for move in state_of(session, old).moves] == ["record", "supersede"]
    town.deliver()

    standing = state_of(session, old).standing
    assert (standing.status, standing.ended_at, standing.superseded_by) == ("superseded", change, new.id)
    assert (in_force(session, owner, change - 1), in_force(session, owner, change)) == (old, new)
    assert list(agreements_of(session, owner)) == [old, new]
    town.agrees_with_the_contract(session, [old, new], start, change, old.valid_to, new.valid_to)


@pytest.mark.parametrize(("lasts", "refusal"), [(0, "DeadlinePassed"), (FOREVER, "SuccessorTooEarly")], ids=["its deadline", "the past"])
def test_a_replacement_the_chain_hears_of_too_late_leaves_the_past_and_the_old_one_as_they_were(
    town: Town, session: Session, lasts: int, refusal: str
) -> None:
    owner, utility = town.people(session)
    start = town.now() - 9 * DAY
    old = town.agree(session, owner, utility, start)
    session.commit()
    town.deliver()
    change = town.now() + DAY
    new = town.draft(session, owner, utility, change, supersedes=old)
    new.deadline += lasts  # what both then sign: a drafter other than ours need not heed our rule
    town.sign_both(session, new)
    commands.seal_and_record(session, town.calls, town.store, new)
    session.commit()
    town.gateway.set_next_block_time(change + 5 * DAY)
    town.gateway.mine(1)
    town.deliver()

    (move,) = state_of(session, new).moves
    assert (move.state, refusal in str(move.intent.error)) == ("failed", True), move.intent.error
    assert state_of(session, old).standing.status == "recorded"
    assert (in_force(session, owner, change + DAY), in_force(session, owner, town.now())) == (old, old)
    town.agrees_with_the_contract(session, [old, new], start, change, old.valid_to, new.valid_to, town.now())


def test_one_look_tells_when_every_owner_may_sell(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    neighbour, stranger = town.party(session, "Nhà 8"), town.party(session, "Nhà 9")
    start = town.now() - DAY
    first, second = town.agree(session, owner, utility, start), town.agree(session, neighbour, utility, start + 60)
    town.draft(session, stranger, utility, start)
    session.commit()
    town.deliver()
    spans = spans_in_force(session, [owner.id, neighbour.id, stranger.id])
    assert [(span.agreement, span.start, span.end) for span in spans[owner.id]] == [(first.id, start, first.valid_to)]
    assert [(span.agreement, span.start, span.end) for span in spans[neighbour.id]] == [(second.id, start + 60, second.valid_to)]
    assert spans[stranger.id] == ()


def test_a_record_the_chain_refused_says_so_and_lets_nobody_sell(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    start = town.now() - DAY
    agreement = town.draft(session, owner, utility, start, deadline=start)
    town.sign_both(session, agreement)
    commands.seal_and_record(session, town.calls, town.store, agreement)
    session.commit()
    town.deliver()
    state = state_of(session, agreement)
    assert (state.standing.status, state.moves[0].state) == ("unrecorded", "failed")
    assert "Deadline" in str(state.moves[0].intent.error)
    assert in_force(session, owner, start) is None


def test_what_a_reorganisation_takes_back_is_not_in_force_until_it_is_mined_again(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    session.commit()
    town.deliver()
    start = town.now() - DAY
    agreement = town.agree(session, owner, utility, start)
    session.commit()
    town.deliver()
    recorded = state_of(session, agreement).standing.recorded
    assert recorded is not None
    town.gateway.ask("anvil_rollback", town.gateway.block("latest").number - recorded.block_number + 1)
    town.gateway.mine(1)
    town.observe()
    state = state_of(session, agreement)
    assert (state.standing.status, state.moves[0].state) == ("unrecorded", "sent")
    assert in_force(session, owner, start) is None
    town.deliver()
    assert in_force(session, owner, start) is agreement
