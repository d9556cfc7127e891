"""Who stands for whom: verified here first, then true on a real chain."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.chain.model import OutboxIntent
from ledger.errors import ChainError, ConflictError, InputError, NotFoundError, RuleError
from ledger.parties import commands
from ledger.parties.queries import parties_with_role, party_by_id, party_by_label
from ledger.protocol.errors import ProtocolError
from ledger.protocol.signers import eoa_signer, new_eoa_key, new_p256_key, p256_signer, sign_eoa, sign_p256
from ledger.protocol.typed_data import RegisterParty, digest
from tests.ledger.agreements.town import FOREVER, Town

STRANGER = eoa_signer(b"\x05" * 32)


def test_a_party_is_a_random_id_with_a_key_of_its_own(session: Session) -> None:
    one = commands.draft_party(session, label="A", role="owner", name="Lê Văn A", signer=STRANGER)
    two = commands.draft_party(session, label="B", role="owner", name="Lê Văn A", signer=STRANGER)
    assert len({one.id, two.id, one.salt_key, two.salt_key}) == 4
    assert party_by_label(session, "A") is one
    assert party_by_id(session, two.id) is two
    assert list(parties_with_role(session, "owner")) == [one, two]
    assert one.created_s > 1_700_000_000


def test_a_name_is_kept_in_one_spelling(session: Session) -> None:
    decomposed = "Nguye\u0302\u0303n"
    assert commands.draft_party(session, label="A", role="owner", name=f" {decomposed} ", signer=STRANGER).name == "Nguyễn"


def test_an_unknown_party_is_said_to_be_unknown(session: Session) -> None:
    with pytest.raises(NotFoundError):
        party_by_label(session, "nobody")
    with pytest.raises(NotFoundError):
        party_by_id(session, bytes(32))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"label": ""}, "label"),
        ({"label": "x" * 65}, "label"),
        ({"role": "king"}, "role"),
        ({"name": " "}, "name"),
        ({"name": "N\nM"}, "name"),
        ({"signer": b"\x01" * 19}, "signer"),
    ],
)
def test_a_party_with_a_part_missing_is_refused_by_name(session: Session, wrong: dict[str, Any], field: str) -> None:
    whole: dict[str, Any] = {"label": "a", "role": "owner", "name": "N", "signer": STRANGER}
    with pytest.raises(InputError) as refused:
        commands.draft_party(session, **(whole | wrong))
    assert refused.value.field == field


def test_two_parties_do_not_share_a_label(session: Session) -> None:
    commands.draft_party(session, label="A", role="owner", name="N", signer=STRANGER)
    with pytest.raises(ConflictError, match="is taken"):
        commands.draft_party(session, label="A", role="utility", name="M", signer=STRANGER)


def test_a_registration_is_signed_by_the_signer_itself(town: Town, session: Session) -> None:
    party = commands.draft_party(session, label="A", role="owner", name="N", signer=eoa_signer(new_eoa_key()))
    message = digest(town.gateway.deployment.domain("PartyRegistry"), commands.registration_of(party, FOREVER))
    with pytest.raises(ProtocolError):
        commands.register_party(session, town.calls, party, deadline=FOREVER, signature=sign_eoa(b"\x07" * 32, message))
    assert session.scalar(select(func.count()).select_from(OutboxIntent)) == 0


def test_a_registered_party_has_its_signer_on_chain_and_is_registered_once(town: Town, session: Session) -> None:
    party = town.party(session, "A")
    session.commit()
    town.deliver()
    assert town.gateway.call("PartyRegistry", "isSigner", party.id, party.signer)
    session.expire_all()
    assert commands.register_party(session, town.calls, party, deadline=FOREVER, signature=b"").state == "mined"
    assert [change.change for change in party.changes] == ["register"]
    assert town.gateway.call("PartyRegistry", "nonceOf", party.id) == party.next_nonce() == 1


def test_a_phones_p256_key_takes_over_from_a_wallet(town: Town, session: Session) -> None:
    party = town.party(session, "A")
    session.commit()
    wallet, phone = party.signer, new_p256_key()
    new_signer = p256_signer(phone, town.gateway.deployment.verifiers)
    rotation = commands.rotation_of(party, new_signer, FOREVER)
    message = digest(town.gateway.deployment.domain("PartyRegistry"), rotation)
    old_signature, new_signature = sign_eoa(town.keys[party.id], message), sign_p256(phone, message)
    asking: dict[str, Any] = {"new_signer": new_signer, "deadline": FOREVER}
    with pytest.raises(ProtocolError):
        commands.rotate_signer(session, town.calls, party, **asking, old_signature=old_signature, new_signature=old_signature)
    commands.rotate_signer(session, town.calls, party, **asking, old_signature=old_signature, new_signature=new_signature)
    session.commit()
    town.deliver()
    assert party.signing_key() == new_signer
    assert town.gateway.call("PartyRegistry", "isSigner", party.id, new_signer)
    assert not town.gateway.call("PartyRegistry", "isSigner", party.id, wallet)
    with pytest.raises(ConflictError, match="before"):
        commands.rotate_signer(session, town.calls, party, new_signer=wallet, deadline=FOREVER, old_signature=b"", new_signature=b"")


def test_after_a_revocation_nobody_signs_for_the_party(town: Town, session: Session) -> None:
    party = town.party(session, "A")
    session.commit()
    commands.revoke_signer(session, town.calls, party)
    session.commit()
    town.deliver()
    assert not town.gateway.call("PartyRegistry", "isSigner", party.id, party.signer)
    with pytest.raises(RuleError, match="was revoked"):
        party.signing_key()
    assert commands.register_party(session, town.calls, party, deadline=FOREVER, signature=b"") is party.changes[0].intent


def test_a_party_is_registered_once_and_the_operator_gets_no_second_key_in(town: Town, session: Session) -> None:
    party = town.party(session, "A")
    session.commit()
    town.deliver()
    wallet, key = party.signer, new_p256_key()
    theirs = p256_signer(key, town.gateway.deployment.verifiers)
    for nonce in (0, 1):
        signature = sign_p256(key, digest(town.gateway.deployment.domain("PartyRegistry"), RegisterParty(party.id, theirs, nonce, FOREVER)))
        with pytest.raises(ChainError, match="PartyAlreadyRegistered"):
            town.gateway.send("PartyRegistry", "register", [party.id, theirs, FOREVER, signature], town.operator)
    assert town.gateway.call("PartyRegistry", "isSigner", party.id, wallet)


def test_a_registration_the_chain_refused_can_be_done_again(town: Town, session: Session) -> None:
    party = commands.draft_party(session, label="A", role="owner", name="N", signer=eoa_signer(b"\x08" * 32))
    town.keys[party.id] = b"\x08" * 32
    late = town.now() - 1
    signature = town.sign(party, "PartyRegistry", commands.registration_of(party, late))
    commands.register_party(session, town.calls, party, deadline=late, signature=signature)
    session.commit()
    town.deliver()
    session.expire_all()
    assert party.changes[0].intent.state == "failed"
    signature = town.sign(party, "PartyRegistry", commands.registration_of(party, FOREVER))
    commands.register_party(session, town.calls, party, deadline=FOREVER, signature=signature)
    session.commit()
    town.deliver()
    assert len(party.changes) == 1
    assert town.gateway.call("PartyRegistry", "isSigner", party.id, party.signer)
