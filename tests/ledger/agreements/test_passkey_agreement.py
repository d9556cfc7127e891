"""A customer signs with the phone: the chain checks the passkey's assertion, and so does an auditor without a network."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.queries import state_of
from ledger.agreements.sealed import read_sealed, seal
from ledger.evidence import build
from ledger.evidence.findings import Answer
from ledger.evidence.trust import PASSKEYS, Contracts, Trust
from ledger.evidence.verify import verify_bundle
from ledger.parties import commands as parties
from ledger.protocol.errors import ProtocolError
from ledger.protocol.signers import encode_webauthn, sign_eoa, webauthn_signer
from ledger.protocol.typed_data import digest
from tests.ledger.agreements.town import FOREVER, Town
from tests.passkey import Passkey


def signed(phone: Passkey, challenge: bytes) -> bytes:
    answer = phone.sign(challenge)
    return encode_webauthn(answer.authenticator_data, answer.client_data, answer.signature)


def test_an_agreement_signed_by_a_phone_is_recorded_and_verifies_from_its_bundle(town: Town, session: Session) -> None:
    deployment, phone = town.gateway.deployment, Passkey()
    signer = webauthn_signer(phone.public_key, deployment.verifiers)
    customer = parties.draft_party(session, label="Nhà 12", role="owner", name="Lê Thị Nhà 12", signer=signer)
    registration = digest(deployment.domain("PartyRegistry"), parties.registration_of(customer, FOREVER))
    parties.register_party(session, town.calls, customer, deadline=FOREVER, signature=signed(phone, registration))
    utility = town.party(session, "Điện lực", "utility")
    agreement = town.draft(session, customer, utility, town.now())
    wanted = commands.digest_to_sign(deployment, agreement)
    with pytest.raises(ProtocolError, match="another challenge"):
        commands.sign_agreement(session, deployment, agreement, customer, signature=signed(phone, registration))
    commands.sign_agreement(session, deployment, agreement, customer, signature=signed(phone, wanted))
    commands.sign_agreement(session, deployment, agreement, utility, signature=sign_eoa(town.keys[utility.id], wanted))
    commands.seal_and_record(session, town.calls, town.store, agreement)
    session.commit()
    town.deliver()
    assert (state_of(session, agreement).standing.status, state_of(session, agreement).standing.attested) == ("recorded", {})
    assert town.gateway.call("AgreementRegistry", "recordOf", agreement.id)[6] == 0

    town.gateway.mine(town.gateway.confirmations)
    block, contracts = build.provable_block(town.gateway), build.contracts_of(town.gateway)
    bundle = build.agreement_bundle(session, town.gateway, town.store, agreement, block=block)
    report = verify_bundle(bundle, Trust(block.hash, contracts))
    assert (report.answer, "consent" in report.unchecked, report.status and report.status.remarks) == (Answer.AUTHENTIC, False, ())
    elsewhere = Contracts(contracts.chain_id, {**contracts.addresses, PASSKEYS: b"\x07" * 20})
    assert verify_bundle(bundle, Trust(block.hash, elsewhere)).answer == Answer.UNRECOGNISED

    file = read_sealed(town.store.read(agreement.id))
    other = replace(file.content, signatures=(signed(Passkey(), wanted), file.content.signatures[1]))
    with pytest.raises(ProtocolError) as refused:
        read_sealed(seal(file.base, other)).content.check_signatures(deployment.verifiers)
    assert refused.value.field == "signatures[0]"
