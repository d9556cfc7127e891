"""What was signed here is what the chain then holds, whichever way it was signed."""

from __future__ import annotations

from ledger.agreements.model import AgreementRow
from ledger.agreements.sealed import read_sealed
from ledger.evidence.approvals import check_approvals
from ledger.evidence.findings import Check, Result
from ledger.parties.model import Party
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import present
from ledger.signing.countersigning import countersign_due
from ledger.signing.own_keys import request_enrolment
from ledger.signing.passkeys import begin_enrolment, create_passkey, enrol_passkey, passkey_options, sign_with_passkey
from ledger.signing.queries import progress_of
from tests.ledger.signing.authenticator import asserted, created
from tests.ledger.signing.hall import Hall
from tests.passkey import Passkey


def test_a_customer_approves_by_sms_and_the_chain_says_that_the_utility_attests_it(hall: Hall) -> None:
    agreement, showing = hall.shown()
    sent = request_code(hall.desk, showing, "sms")
    assert (sent.channel, sent.address) == ("sms", "+84…678")
    hall.wait(40)
    approval = confirm_code(hall.desk, showing, hall.code())
    with hall.sessions() as session:
        assert [step.way for step in progress_of(session, session.get_one(AgreementRow, agreement)).steps] == ["otp", None]
    assert countersign_due(hall.desk).done == (agreement,)
    hall.town.deliver()
    with hall.sessions() as session:
        row = session.get_one(AgreementRow, agreement)
        assert progress_of(session, row).state == "sealed"
        assert row.signatories[0].evidence == approval.evidence
        attested = hall.gateway.logs(0, hall.gateway.block("latest").number, ["AgreementRegistry"])
        assert any((approval.evidence or b"-").hex() in log["data"] for log in attested)
    found = check_approvals([approval.evidence_json or b""], read_sealed(hall.store.read(agreement)).content)
    assert found == Check("approvals", Result.PASSED, "1/2"), "an auditor who is given the evidence finds that it is of this document"


def test_the_chain_checks_a_passkeys_assertion_again_and_records_what_it_signed(hall: Hall) -> None:
    with hall.sessions.begin() as session:
        party = hall.keyless(session, "hoa").id
    passkey = Passkey(origin=hall.terms.origin)
    request_enrolment(hall.desk, party, "sms")
    asking = create_passkey(hall.desk, party, created(passkey, begin_enrolment(hall.desk, party, hall.code())))
    enrol_passkey(hall.desk, party, asserted(passkey, asking))
    with hall.sessions.begin() as session:
        row = hall.draft(session, session.get_one(Party, party))
        showing = present(session, hall.store, row, row.signatories[0].party, now_s=hall.now).id
    approval = sign_with_passkey(hall.desk, showing, asserted(passkey, passkey_options(hall.desk, showing)))
    assert countersign_due(hall.desk).done == (approval.agreement_id,)
    hall.town.deliver()
    assert hall.gateway.call("AgreementRegistry", "recordOf", approval.agreement_id)[5] == 1
