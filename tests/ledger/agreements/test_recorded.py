"""Agreements on a real chain: recorded, replaced, ended, revoked; and our reading agrees with the contract at every moment."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import (
    agreement_by_id,
    agreement_by_lookup_code,
    agreement_by_sealed_digest,
    agreements_of,
    in_force,
    spans_in_force,
    state_of,
)
from ledger.agreements.rules import kind_id, lookup_code
from ledger.agreements.sealed import read_sealed
from ledger.chain.model import ChainEvent
from ledger.errors import ChainError, ConflictError, InputError, NotFoundError, RuleError
from ledger.parties.model import Party
from ledger.protocol.errors import ProtocolError
from ledger.protocol.keccak import keccak
from ledger.protocol.quantities import hex0x
from ledger.protocol.signers import eoa_signer, new_eoa_key, sign_eoa
from ledger.protocol.typed_data import hash_struct
from tests.ledger.agreements.town import FOREVER, Town

DAY = 86_400


def people(town: Town, session: Session) -> tuple[Party, Party]:
    """An owner and the utility, both known to the chain."""
    return town.party(session, "Nhà 7"), town.party(session, "Điện lực", "utility")


def agree_with_the_contract(town: Town, session: Session, agreements: list[AgreementRow], moments: list[int]) -> None:
    """Our answer about every agreement and moment is the contract's."""
    for agreement in agreements:
        standing = state_of(session, agreement).standing
        for moment in moments:
            said = town.gateway.call("AgreementRegistry", "inForce", agreement.id, moment)
            assert standing.in_force(moment) == said, (agreement.lookup_code, moment)


def around(*moments: int) -> list[int]:
    return sorted({moment + step for moment in moments for step in (-1, 0, 1)})


def test_a_signed_agreement_is_recorded_and_the_chain_holds_what_was_signed(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [agreement], around(start, agreement.valid_to, town.now()))


def test_a_name_never_reaches_the_chain(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [old, new], around(start, change, old.valid_to, new.valid_to))


@pytest.mark.parametrize(("lasts", "refusal"), [(0, "DeadlinePassed"), (FOREVER, "SuccessorTooEarly")], ids=["its deadline", "the past"])
def test_a_replacement_the_chain_hears_of_too_late_leaves_the_past_and_the_old_one_as_they_were(
    town: Town, session: Session, lasts: int, refusal: str
) -> None:
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [old, new], around(start, change, old.valid_to, new.valid_to, town.now()))


def test_a_party_brings_its_own_termination_when_the_operator_keeps_silent(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [agreement], around(end, town.now()))


def test_an_owner_ends_the_agreement_at_a_moment_of_its_choice(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [agreement], around(end, agreement.valid_to, town.now()))


def test_a_termination_of_the_past_ends_it_when_the_chain_hears_of_it(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [agreement], around(asked - DAY // 2, ended_at))


def test_a_guardian_revokes_with_a_public_reason(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [agreement], around(standing.ended_at, town.now()))


def test_a_revocation_after_a_termination_keeps_the_earlier_end(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    agree_with_the_contract(town, session, [agreement], around(town.now()))


def test_one_look_tells_when_every_owner_may_sell(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
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
    owner, utility = people(town, session)
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
    owner, utility = people(town, session)
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


def test_sealing_twice_or_after_a_lost_commit_gives_the_same_file_and_one_intent(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
    agreement = town.draft(session, owner, utility, town.now())
    town.sign_both(session, agreement)
    session.commit()
    first = commands.seal_and_record(session, town.calls, town.store, agreement).key
    sealed = town.store.read(agreement.id)
    session.rollback()
    session.expire_all()
    assert agreement.sealed_digest is None
    assert commands.seal_and_record(session, town.calls, town.store, agreement).key == first
    again = commands.seal_and_record(session, town.calls, town.store, agreement)
    assert (town.store.read(agreement.id), len(agreement.acts), again.state) == (sealed, 1, "queued")


def test_a_document_changed_on_disk_is_not_sealed(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
    agreement = town.draft(session, owner, utility, town.now())
    town.sign_both(session, agreement)
    changed = bytearray(town.store.read(agreement.id))
    changed[len(changed) // 2] ^= 1
    town.store.write(agreement.id, bytes(changed))
    with pytest.raises(RuleError, match="stored document was changed"):
        commands.seal_and_record(session, town.calls, town.store, agreement)


def test_signing_has_an_order_and_happens_once(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
    agreement = town.draft(session, owner, utility, town.now())
    deployment = town.gateway.deployment
    message = commands.digest_to_sign(deployment, agreement)
    by_owner, by_utility = (sign_eoa(town.keys[party.id], message) for party in (owner, utility))
    with pytest.raises(RuleError, match="not the turn"):
        commands.sign_agreement(session, deployment, agreement, utility, signature=by_utility)
    with pytest.raises(ProtocolError):
        commands.sign_agreement(session, deployment, agreement, owner, signature=by_utility)
    with pytest.raises(RuleError, match="not signed by"):
        commands.seal_and_record(session, town.calls, town.store, agreement)
    commands.sign_agreement(session, deployment, agreement, owner, signature=by_owner)
    commands.sign_agreement(session, deployment, agreement, owner, signature=by_owner)
    with pytest.raises(ConflictError):
        commands.sign_agreement(session, deployment, agreement, owner, signature=by_utility)
    with pytest.raises(RuleError, match="not a party"):
        commands.sign_agreement(session, deployment, agreement, town.party(session, "Nhà 8"), signature=by_owner)


def test_only_a_sealed_agreement_of_the_same_two_can_be_replaced_or_ended(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
    neighbour = town.party(session, "Nhà 8")
    draft = town.draft(session, owner, utility, town.now())
    with pytest.raises(RuleError, match="never sealed"):
        town.draft(session, owner, utility, town.now(), supersedes=draft)
    with pytest.raises(RuleError, match="another pair"):
        town.draft(session, neighbour, utility, town.now(), supersedes=draft)
    with pytest.raises(RuleError, match="never sealed"):
        town.terminate(session, draft, owner, 0)
    with pytest.raises(InputError, match="in order: owner, utility"):
        town.draft(session, utility, owner, town.now())
    later = town.agree(session, owner, utility, town.now() + 100)
    with pytest.raises(RuleError, match="begins later"):
        town.draft(session, owner, utility, later.valid_from - 1, supersedes=later)
    with pytest.raises(RuleError, match="after it should have begun") as late:
        town.draft(session, owner, utility, later.valid_from, supersedes=later, deadline=later.valid_from + 1)
    assert (late.value.field, str(later.valid_from) in late.value.fix) == ("deadline", True)


def test_a_document_is_found_by_what_a_person_has_in_hand(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
    agreement = town.agree(session, owner, utility, town.now())
    slips = agreement.lookup_code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert agreement_by_lookup_code(session, slips) is agreement
    assert agreement_by_sealed_digest(session, sha256(town.store.read(agreement.id)).digest()) is agreement
    assert agreement_by_id(session, agreement.id) is agreement
    with pytest.raises(NotFoundError):
        agreement_by_lookup_code(session, lookup_code(bytes(32), bytes(32)))
    with pytest.raises(InputError, match="8 characters"):
        agreement_by_lookup_code(session, "0000-0000")
    assert town.store.path(agreement.id).stat().st_mode & 0o077 == 0


def test_once_the_owners_key_is_destroyed_nothing_of_its_terms_can_be_opened(town: Town, session: Session) -> None:
    owner, utility = people(town, session)
    agreement = town.draft(session, owner, utility, town.now())
    town.sign_both(session, agreement)
    owner.salt_key = None
    session.flush()
    with pytest.raises(RuleError, match="was destroyed"):
        commands.term_leaves_of(agreement)
