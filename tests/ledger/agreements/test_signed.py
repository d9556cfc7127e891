"""What two sign, in which order, and what their document may replace: before the chain hears of it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.queries import (
    agreement_by_id,
    agreement_by_lookup_code,
)
from ledger.agreements.rules import lookup_code
from ledger.errors import ConflictError, InputError, NotFoundError, RuleError
from ledger.protocol.errors import ProtocolError
from ledger.protocol.signers import sign_eoa
from tests.ledger.agreements.town import Town


def test_sealing_twice_or_after_a_lost_commit_gives_the_same_file_and_one_intent(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
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
    owner, utility = town.people(session)
    agreement = town.draft(session, owner, utility, town.now())
    town.sign_both(session, agreement)
    changed = bytearray(town.store.read(agreement.id))
    changed[len(changed) // 2] ^= 1
    town.store.write(agreement.id, bytes(changed))
    with pytest.raises(RuleError, match="stored document was changed"):
        commands.seal_and_record(session, town.calls, town.store, agreement)


def test_signing_has_an_order_and_happens_once(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
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
    owner, utility = town.people(session)
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
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now())
    slips = agreement.lookup_code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert agreement_by_lookup_code(session, slips) is agreement
    assert agreement_by_id(session, agreement.id) is agreement
    with pytest.raises(NotFoundError):
        agreement_by_lookup_code(session, lookup_code(bytes(32), bytes(32)))
    with pytest.raises(InputError, match="8 characters"):
        agreement_by_lookup_code(session, "0000-0000")
    assert town.store.path(agreement.id).stat().st_mode & 0o077 == 0


def test_once_the_owners_key_is_destroyed_nothing_of_its_terms_can_be_opened(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.draft(session, owner, utility, town.now())
    town.sign_both(session, agreement)
    owner.salt_key = None
    session.flush()
    with pytest.raises(RuleError, match="was destroyed"):
        commands.term_leaves_of(agreement)
