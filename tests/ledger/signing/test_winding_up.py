"""Minutes both sides have signed end their contract on chain, once, and nothing else does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.drafting import draft_agreement
from ledger.agreements.heard import log_what_was_heard
from ledger.agreements.kinds import facts_from
from ledger.agreements.model import AgreementAct, AgreementRow
from ledger.cli.audit_chain import TERMLESS
from ledger.errors import RuleError
from ledger.life.queries import version_in_force
from ledger.life.retention import retention_of
from ledger.protocol.signers import new_eoa_key
from ledger.services.holding import on_request_of
from ledger.signing.approving import confirm_code, request_code
from ledger.signing.commands import present
from ledger.signing.countersigning import countersign_due
from ledger.signing.winding_up import wind_up, wind_up_due
from ledger.transparency.chain import read_chain
from ledger.transparency.queries import is_logged
from tests.ledger.agreements.kind_samples import given
from tests.ledger.agreements.town import FOREVER
from tests.ledger.signing.hall import NOON, Hall

OVER = NOON + 3_600


def signed(hall: Hall, showing: int) -> None:
    """The customer approves by code, the utility signs, it is sealed."""
    request_code(hall.desk, showing, "sms")
    confirm_code(hall.desk, showing, hall.code())
    assert countersign_due(hall.desk).refused == {}


def minutes_of(hall: Hall, session: Session, contract: bytes) -> tuple[bytes, int]:
    """Minutes that wind a contract up, shown to its customer."""
    earlier = session.get_one(AgreementRow, contract)
    facts = facts_from("termination-minutes", given("termination-minutes", read_at=NOON))
    parties = [one.party for one in earlier.signatories]
    row = draft_agreement(
        session,
        hall.store,
        parties=parties,
        kind="termination-minutes",
        facts=facts,
        valid_from=OVER,
        deadline=FOREVER,
        predecessor=earlier,
    )
    return row.id, present(session, hall.store, row, parties[0], now_s=hall.now).id


def test_signed_minutes_end_their_contract_on_chain_once(hall: Hall) -> None:
    contract, showing = hall.shown()
    signed(hall, showing)
    with hall.sessions.begin() as session:
        minutes, showing = minutes_of(hall, session, contract)
    assert wind_up_due(hall.desk).done == (), "what nobody has signed ends nothing"
    signed(hall, showing)
    assert wind_up_due(hall.desk).done == (minutes,)
    assert wind_up_due(hall.desk).done == ()
    hall.town.deliver()
    record = hall.gateway.call("AgreementRegistry", "recordOf", contract)
    assert record[5] == 3
    assert hall.gateway.call("AgreementRegistry", "inForce", contract, OVER - 1)
    over = max(OVER, hall.town.now())
    assert not hall.gateway.call("AgreementRegistry", "inForce", contract, over)
    assert hall.gateway.call("AgreementRegistry", "versionAt", contract, over) == bytes(32)
    _, recorded, in_force = read_chain(hall.gateway, TERMLESS)
    assert (minutes, "sealed") in [one[:2] for one in recorded]
    assert minutes not in in_force, "they have no end of their own: they may be erased when their contract may"
    with hall.sessions() as session:
        assert version_in_force(session, contract, over) is None
        log_what_was_heard(session)
        assert is_logged(session, contract, "terminated")
        kept = retention_of(session, contract, over, on_request_of)
        assert kept.end <= over, "the law's years begin with the end, not with the last day of its term"
        assert [one.code for one in kept.blockers] == ["retention"]
        assert kept.end < session.get_one(AgreementRow, contract).valid_to


def test_minutes_end_a_contract_before_the_renewal_begins_that_was_signed_early(hall: Hall) -> None:
    contract, showing = hall.shown()
    signed(hall, showing)
    hall.town.deliver()
    with hall.sessions.begin() as session:
        earlier = session.get_one(AgreementRow, contract)
        renewed = hall.draft(session, earlier.owner, valid_from=OVER + 60 * 86_400, deadline=OVER, supersedes=earlier)
        renewal, showing = renewed.id, present(session, hall.store, renewed, earlier.owner, now_s=hall.now).id
    signed(hall, showing)
    with hall.sessions.begin() as session:
        minutes, showing = minutes_of(hall, session, contract)
    signed(hall, showing)
    assert wind_up_due(hall.desk).done == (minutes,)
    assert wind_up_due(hall.desk).done == ()
    hall.town.deliver()
    for moment in (max(OVER, hall.town.now()), OVER + 60 * 86_400):
        assert hall.gateway.call("AgreementRegistry", "versionAt", renewal, moment) == bytes(32)
        with hall.sessions() as session:
            assert version_in_force(session, contract, moment) is None
    with hall.sessions.begin() as session, pytest.raises(RuleError, match="ends as early already"):
        wind_up(session, hall.desk, session.get_one(AgreementRow, minutes))


def test_two_offices_at_once_end_a_contract_once(hall: Hall) -> None:
    contract, showing = hall.shown()
    signed(hall, showing)
    with hall.sessions.begin() as session:
        minutes, showing = minutes_of(hall, session, contract)
    signed(hall, showing)
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: wind_up_due(hall.desk), range(4)))
    assert sum(len(one.done) for one in said) == 1
    assert [one.refused for one in said] == [{}] * 4
    with hall.sessions() as session:
        acts = session.scalars(select(AgreementAct).where(AgreementAct.act == "terminate")).all()
        assert [one.agreement_id for one in acts] == [contract]
        assert minutes != contract


def test_another_key_than_the_utilitys_ends_nothing_and_says_which_is_needed(hall: Hall) -> None:
    contract, showing = hall.shown()
    signed(hall, showing)
    with hall.sessions.begin() as session:
        minutes, showing = minutes_of(hall, session, contract)
    signed(hall, showing)
    hall.utility_secret = new_eoa_key()
    assert "SONANG_UTILITY_KEY" in str(wind_up_due(hall.desk).refused[minutes])


def test_only_sealed_minutes_of_a_winding_up_end_a_contract(hall: Hall) -> None:
    contract, _ = hall.shown()
    with hall.sessions.begin() as session, pytest.raises(RuleError, match="winds no contract up"):
        wind_up(session, hall.desk, session.get_one(AgreementRow, contract))
