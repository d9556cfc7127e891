from __future__ import annotations

from sqlalchemy.orm import Session

from ledger.agreements.commands import seal_and_record
from ledger.agreements.sealed import read_sealed
from ledger.parties.model import Unit
from ledger.protocol.quantities import new_id
from ledger.sealing.commands import issue_due, request_issue
from ledger.sealing.sealer import Sealer
from ledger.transparency.queries import entry_about
from tests.ledger.agreements.town import DATED, Town


def test_what_the_chain_recorded_is_issued_afterwards_and_logged_under_the_unit_that_keeps_it(
    session: Session, town: Town, sealer: Sealer
) -> None:
    unit = Unit(id=new_id(), code="PA01HH", name="Điện lực Hội An")
    session.add(unit)
    agreement = town.draft(session, town.party(session, "owner"), town.party(session, "utility", "utility"), DATED + 86_400)
    agreement.unit = unit
    town.sign_both(session, agreement)
    seal_and_record(session, town.calls, town.store, agreement)
    request_issue(session, agreement)
    session.commit()
    town.deliver()
    assert issue_due(town.sessions, town.store, sealer, limit=5).issued == [agreement.id]
    issued = town.store.read_issued(agreement.id)
    assert issued.startswith(town.store.read(agreement.id))
    assert read_sealed(town.store.read(agreement.id)).digest == town.gateway.call("AgreementRegistry", "recordOf", agreement.id)[1]
    with town.sessions() as fresh:
        assert entry_about(fresh, agreement.id, "issued").unit == unit.id
