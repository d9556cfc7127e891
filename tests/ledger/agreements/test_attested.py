"""A customer without a key approves by a one-time code; the utility attests it, and chain, file and bundle say that this is its word."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO

import pypdf
import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import state_of
from ledger.agreements.sealed import FILE_NAME, read_sealed, seal
from ledger.chain.rpc import NodeError
from ledger.errors import ConflictError, InputError, RuleError
from ledger.evidence import build
from ledger.evidence.findings import Answer, Result
from ledger.evidence.shown import lines
from ledger.evidence.trust import PASSKEYS, Contracts, Trust
from ledger.evidence.verify import verify_bundle
from ledger.parties import commands as parties
from ledger.parties.model import Party
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import hex0x, new_id
from ledger.protocol.signers import eoa_signer, new_eoa_key, sign_eoa
from tests.ledger.agreements.town import FOREVER, Town

DAY = 86_400
EVIDENCE = bytes(range(32))


def keyless(session: Session, label: str = "Khách 9") -> Party:
    return parties.draft_party(session, label=label, role="owner", name=f"Trần Thị {label}", signer=None)


def attest(
    town: Town, session: Session, agreement: AgreementRow, party: Party, *, by: Party | None = None, evidence: bytes = EVIDENCE
) -> None:
    """Attests by the utility, or by somebody who may not."""
    deployment, by = town.gateway.deployment, by or agreement.signatories[-1].party
    signature = sign_eoa(town.keys[by.id], commands.digest_to_attest(deployment, agreement, party, evidence))
    commands.attest_approval(session, deployment, agreement, party, evidence=evidence, signature=signature)


def sign(town: Town, session: Session, agreement: AgreementRow, party: Party) -> None:
    signature = sign_eoa(town.keys[party.id], commands.digest_to_sign(town.gateway.deployment, agreement))
    commands.sign_agreement(session, town.gateway.deployment, agreement, party, signature=signature)


def approved(town: Town, session: Session) -> tuple[AgreementRow, Party]:
    """An agreement a customer approved by a code and the utility signed, not sealed yet."""
    customer, utility = keyless(session), town.party(session, "Điện lực", "utility")
    agreement = town.draft(session, customer, utility, town.now())
    attest(town, session, agreement, customer)
    sign(town, session, agreement, utility)
    return agreement, customer


def test_chain_file_and_bundle_all_say_that_the_approval_is_the_utilitys_word(town: Town, session: Session) -> None:
    agreement, customer = approved(town, session)
    commands.seal_and_record(session, town.calls, town.store, agreement)
    commands.seal_and_record(session, town.calls, town.store, agreement)
    session.commit()
    town.deliver()

    standing = state_of(session, agreement).standing
    assert (standing.status, standing.attested) == ("recorded", {customer.id: EVIDENCE})
    assert town.gateway.call("AgreementRegistry", "recordOf", agreement.id)[6] == 1

    content = read_sealed(town.store.read(agreement.id)).content
    assert (content.evidence, content.attested) == ((EVIDENCE, None), 1)
    content.check_signatures(town.gateway.deployment.verifiers)

    town.gateway.mine(town.gateway.confirmations)
    block = build.provable_block(town.gateway)
    bundle = build.agreement_bundle(session, town.gateway, town.store, agreement, block=block)
    contracts = build.contracts_of(town.gateway)
    report = verify_bundle(bundle, Trust(block.hash, contracts))
    assert (report.answer, report.facts["attested"]) == (Answer.AUTHENTIC, {hex0x(customer.id): hex0x(EVIDENCE)})
    assert {check.code: check.result for check in report.checks}["attested"] == Result.PASSED
    assert "consent" in report.unchecked
    shown = "\n".join(lines(report))
    assert "approved by one-time code, attested by the utility – not the customer's own key" in shown
    assert "có bên đồng ý bằng mã dùng một lần do điện lực xác nhận" in shown

    older = {name: address for name, address in contracts.addresses.items() if name != PASSKEYS}
    other = verify_bundle(bundle, Trust(block.hash, Contracts(contracts.chain_id, older)))
    assert other.answer == Answer.UNRECOGNISED, "it names a verifier that this record does not publish"


def test_a_file_that_hides_that_an_approval_was_attested_is_refused(town: Town, session: Session) -> None:
    agreement, _ = approved(town, session)
    content, base = commands.sealed_content(town.gateway.deployment, agreement), town.store.read(agreement.id)
    verifiers = town.gateway.deployment.verifiers
    read_sealed(seal(base, content)).content.check_signatures(verifiers)
    for evidence in ((), (new_id(), None), (EVIDENCE, EVIDENCE)):
        forged = seal(base, replace(content, evidence=evidence))
        with pytest.raises(ProtocolError) as refused:
            read_sealed(forged).content.check_signatures(verifiers)
        assert refused.value.field == f"signatures[{1 if len(set(evidence)) == 1 else 0}]"
    written = json.loads(pypdf.PdfReader(BytesIO(seal(base, content))).attachments[FILE_NAME][0])
    assert [set(one) for one in written["signatures"]] == [{"evidence", "signature", "signer"}, {"signature", "signer"}]
    with pytest.raises(ProtocolError):
        read_sealed(seal(base, replace(content, evidence=(bytes(32), None))))


def test_nobody_attests_for_who_has_a_key_out_of_turn_or_in_anothers_place(town: Town, session: Session) -> None:
    customer, utility, owner = keyless(session), town.party(session, "Điện lực", "utility"), town.party(session, "Nhà 7")
    agreement, theirs = (town.draft(session, who, utility, town.now()) for who in (customer, owner))
    with pytest.raises(RuleError, match="has a key of its own"):
        attest(town, session, theirs, owner)
    sign(town, session, theirs, owner)
    with pytest.raises(RuleError, match="has a key of its own"):
        attest(town, session, theirs, utility)
    with pytest.raises(RuleError, match="no key of its own"):
        commands.sign_agreement(session, town.gateway.deployment, agreement, customer, signature=bytes(65))
    with pytest.raises(RuleError, match="not a party"):
        attest(town, session, theirs, customer)
    with pytest.raises(RuleError, match="not the turn"):
        sign(town, session, agreement, utility)
    with pytest.raises(ProtocolError):
        attest(town, session, agreement, customer, by=owner)
    with pytest.raises(InputError):
        attest(town, session, agreement, customer, evidence=bytes(32))
    assert agreement.signatories[0].signature is None
    attest(town, session, agreement, customer)
    attest(town, session, agreement, customer)
    with pytest.raises(ConflictError):
        attest(town, session, agreement, customer, evidence=new_id())
    with pytest.raises(RuleError, match="no key of its own"):
        parties.register_party(session, town.calls, customer, deadline=FOREVER, signature=bytes(65))


def test_a_customer_that_enrols_a_key_before_the_record_signs_anew(town: Town, session: Session) -> None:
    """The chain refuses the attestation then; it is better told before anything is sealed."""
    agreement, customer = approved(town, session)
    arguments = (
        agreement.typed(),
        new_id(),
        [one.signer for one in agreement.signatories],
        [one.signature for one in agreement.signatories],
        [EVIDENCE, bytes(32)],
    )
    key = new_eoa_key()
    customer.signer, town.keys[customer.id] = eoa_signer(key), key
    with pytest.raises(RuleError, match="has a key of its own"):
        commands.seal_and_record(session, town.calls, town.store, agreement)
    assert (agreement.sealed_digest, agreement.acts) == (None, [])
    signature = town.sign(customer, "PartyRegistry", parties.registration_of(customer, FOREVER))
    parties.register_party(session, town.calls, customer, deadline=FOREVER, signature=signature)
    session.commit()
    town.deliver()
    with pytest.raises(NodeError) as refused:
        town.gateway.send("AgreementRegistry", "recordAttested", arguments, town.operator)
    assert (refused.value.error, refused.value.values["party"]) == ("PartySignsItself", customer.id)
