"""Signing with a wallet: the one right signature, and everything that looks like it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from ledger.agreements.commands import digest_to_sign
from ledger.agreements.model import AgreementRow
from ledger.agreements.sealed import read_sealed
from ledger.chain.model import OutboxIntent
from ledger.errors import ConflictError, InputError, ProtocolError, RuleError, UnavailableError, WrongCodeError
from ledger.evidence.build import contracts_of, examine
from ledger.evidence.claims.agreement import AgreementClaim
from ledger.evidence.findings import Answer
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.parties.model import Party
from ledger.protocol.eip712 import Domain, digest
from ledger.protocol.signers import SECP256K1_HALF, eoa_signer, new_eoa_key, sign_eoa
from ledger.signing.commands import present
from ledger.signing.countersigning import countersign_due
from ledger.signing.own_keys import YEAR_S, request_enrolment
from ledger.signing.queries import progress_of
from ledger.signing.wallets import enrol_wallet, registration_message, sign_with_wallet, wallet_message
from tests.ledger.signing.hall import Hall

ORDER = 2 * SECP256K1_HALF + 1
ALWAYS = bytes.fromhex("631626ba7e60e01b60005260206000f3")
"""A contract that answers every question with ERC-1271's yes."""
NEVER = bytes.fromhex("60206000f3")
"""A contract that answers 32 zero bytes."""


def wallet_of(hall: Hall, agreement: bytes) -> bytes:
    with hall.sessions() as session:
        return hall.wallets[hall.party_of(session, agreement).id]


def signed_for(hall: Hall, agreement: bytes, domain: Domain) -> bytes:
    with hall.sessions() as session:
        return sign_eoa(wallet_of(hall, agreement), digest(domain, session.get_one(AgreementRow, agreement).typed()))


def test_a_wallet_signs_the_typed_message_it_is_given(hall: Hall) -> None:
    agreement, showing = hall.shown("wallet")
    message = encode_typed_data(full_message=wallet_message(hall.desk, showing))
    signature = Account.from_key(wallet_of(hall, agreement)).sign_message(message).signature
    assert sign_with_wallet(hall.desk, showing, bytes(signature)).way == "wallet"
    with pytest.raises(ConflictError, match="has signed"):
        sign_with_wallet(hall.desk, showing, bytes(signature))
    assert countersign_due(hall.desk).done == (agreement,)


def test_a_signature_for_another_chain_is_refused_and_named(hall: Hall) -> None:
    agreement, showing = hall.shown("wallet")
    here = hall.gateway.deployment.domain("AgreementRegistry")
    with pytest.raises(ProtocolError, match="signed for chain 1, not for this one") as refused:
        sign_with_wallet(hall.desk, showing, signed_for(hall, agreement, replace(here, chain_id=1)))
    assert "chain 31337" in refused.value.fix
    assert hall.refusals(agreement) == [("sign", "signed for chain 1, not for this one")]


def test_a_signature_for_another_contract_is_refused_and_named(hall: Hall) -> None:
    agreement, showing = hall.shown("wallet")
    elsewhere = hall.gateway.deployment.domain("MeterRegistry")
    with pytest.raises(ProtocolError, match="signed for the contract MeterRegistry"):
        sign_with_wallet(hall.desk, showing, signed_for(hall, agreement, elsewhere))


def test_the_high_s_twin_of_a_signature_is_refused(hall: Hall) -> None:
    agreement, showing = hall.shown("wallet")
    low = signed_for(hall, agreement, hall.gateway.deployment.domain("AgreementRegistry"))
    high = low[:32] + (ORDER - int.from_bytes(low[32:64], "big")).to_bytes(32, "big") + bytes((55 - low[64],))
    with pytest.raises(ProtocolError, match="high s"):
        sign_with_wallet(hall.desk, showing, high)
    assert sign_with_wallet(hall.desk, showing, low).way == "wallet"


def test_somebody_elses_signature_and_one_over_another_document_are_refused(hall: Hall) -> None:
    agreement, showing = hall.shown("wallet")
    other, _ = hall.shown("wallet")
    here = hall.gateway.deployment.domain("AgreementRegistry")
    with hall.sessions() as session:
        message = digest_to_sign(hall.gateway.deployment, session.get_one(AgreementRow, agreement))
    replayed = signed_for(hall, other, here)
    for wrong in (sign_eoa(new_eoa_key(), message), replayed, b"", bytes(65)):
        with pytest.raises(ProtocolError):
            sign_with_wallet(hall.desk, showing, wrong)
    assert len(hall.refusals(agreement)) == 4


def adopt(hall: Hall, address: bytes, signature: bytes, label: str = "household") -> int:
    """A keyless customer takes a wallet, and is shown a document."""
    with hall.sessions.begin() as session:
        party = hall.keyless(session, label).id
    request_enrolment(hall.desk, party, "sms")
    enrol_wallet(hall.desk, party, address, code=hall.code(), deadline=hall.now + YEAR_S, signature=signature)
    with hall.sessions.begin() as session:
        row = hall.draft(session, session.get_one(Party, party))
        return present(session, hall.store, row, row.signatories[0].party, now_s=hall.now).id


def test_a_customer_takes_a_wallet_by_signing_for_it(hall: Hall) -> None:
    key = new_eoa_key()
    with hall.sessions.begin() as session:
        party = hall.keyless(session).id
    request_enrolment(hall.desk, party, "sms")
    code, deadline = hall.code(), hall.now + YEAR_S
    asked = encode_typed_data(full_message=registration_message(hall.desk, party, eoa_signer(key), deadline))
    signature = bytes(Account.from_key(key).sign_message(asked).signature)

    def enrol(address: bytes, code: str, deadline: int) -> OutboxIntent:
        return enrol_wallet(hall.desk, party, address, code=code, deadline=deadline, signature=signature)

    with pytest.raises(WrongCodeError):
        enrol(eoa_signer(key), hall.wrong_code(), deadline)
    with pytest.raises(ProtocolError):
        enrol(eoa_signer(new_eoa_key()), code, deadline)
    with pytest.raises(InputError, match="deadline"):
        enrol(eoa_signer(key), code, deadline + 1)
    assert enrol(eoa_signer(key), code, deadline).function == "register", "what was refused spent no code"
    with pytest.raises(ConflictError, match="the code was used"):
        enrol(eoa_signer(key), code, deadline)
    with pytest.raises(RuleError, match="key of its own"):
        request_enrolment(hall.desk, party, "sms")


def test_a_contract_says_what_it_has_signed_and_the_block_is_kept(hall: Hall) -> None:
    yes, no = b"\xaa" * 20, b"\xbb" * 20
    hall.town.gateway.ask("anvil_setCode", "0x" + yes.hex(), "0x" + ALWAYS.hex())
    hall.town.gateway.ask("anvil_setCode", "0x" + no.hex(), "0x" + NEVER.hex())
    with pytest.raises(ProtocolError, match="contract refused the signature at block"):
        adopt(hall, no, b"\x01\x02", "other")
    showing = adopt(hall, yes, b"three owners said yes")
    approval = sign_with_wallet(hall.desk, showing, b"three owners said yes")
    assert approval.way == "smart-account"
    assert approval.block_hash == hall.gateway.block(approval.block_number or 0).hash
    with pytest.raises(UnavailableError, match="no chain to ask"):
        sign_with_wallet(replace(hall.desk, gateway=None), adopt_second(hall, yes), b"three owners said yes")
    countersign_due(hall.desk)
    hall.town.deliver()
    with hall.sessions() as session:
        assert progress_of(session, session.get_one(AgreementRow, approval.agreement_id)).state == "sealed"
        assert hall.gateway.call("AgreementRegistry", "recordOf", approval.agreement_id)[5] == 1
        block = hall.gateway.block("latest")
        found = examine(hall.gateway, AgreementClaim(), hall.store.read(approval.agreement_id), block=block)
        offline = verify_bundle(found.bundle or b"", Trust(block.hash, contracts_of(hall.gateway)))
        assert offline.answer == Answer.AUTHENTIC, offline
        assert "smart-accounts" in offline.unchecked, "what only its chain can say is said to be so, not to be altered"
        with pytest.raises(ProtocolError, match=r"signatures\[0\]"):
            read_sealed(hall.store.read(approval.agreement_id)).content.check_signatures(hall.gateway.deployment.verifiers)


def adopt_second(hall: Hall, address: bytes) -> int:
    return adopt(hall, address, b"three owners said yes", "second")
