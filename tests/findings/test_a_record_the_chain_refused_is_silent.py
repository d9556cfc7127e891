"""Everybody signed, the worker came too late, and the chain refused the record: only the worker's log said so.

The service went on to its next step with a tick beside the document, the file was issued, and the log said that a contract was replaced
which the chain still had in force.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements import commands as agreements
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.heard import log_what_was_heard
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import state_of
from ledger.agreements.refused import DRAFT_ANEW, refused
from ledger.cli.program import run
from ledger.errors import RuleError
from ledger.evidence.documents import verify_document
from ledger.evidence.findings import Answer
from ledger.messages.sealing import prepare
from ledger.office.duties import Duty, _by_the_day
from ledger.parties import commands as parties
from ledger.parties.commands import draft_party, draft_unit
from ledger.protocol.signers import eoa_signer, new_eoa_key
from ledger.sealing.commands import request_issue
from ledger.sealing.queries import counts, waiting
from ledger.sealing.working import lines_of_queue
from ledger.services.commands import follow_due
from ledger.services.model import Request
from ledger.services.reminders import remind_due
from ledger.services.routing import desk as set_desk
from ledger.services.shown import full
from ledger.services.signatures import GO_BACK
from ledger.services.verbs import VERBS
from ledger.settings import Settings
from ledger.signing.again import put_again
from ledger.transparency.queries import is_logged
from tests.conftest import World
from tests.ledger.agreements.town import DAY, FOREVER, Town
from tests.ledger.services.conftest import at
from tests.ledger.services.test_supply_story import PLAN, Office
from tests.ledger.signing.hall import Hall

THEN = "2026-03-04T09:00"


@pytest.fixture
def stuck(world: World, town: Town, session: Session, tmp_path: Path) -> tuple[Office, AgreementRow]:
    """A request whose plan both sides signed, and whose record reached the chain after its deadline."""
    prepare(session, Settings(state_dir=tmp_path / "state", mailbox=True))
    unit = draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà")
    office = Office(session, unit, town, town.party(session, "A", "customer"), town.party(session, "Điện lực", "utility"))
    set_desk(session, unit, channel="email", address="dieuhanh@example.vn")
    request = office.ask("2026-03-02T09:00")
    office.act(request, "accept", "2026-03-03T08:30")
    survey = {"needs_works": "no", "supply_point": "T15"}
    office.act(request, "record", "2026-03-03T09:30", given=survey, papers=office.papers(connection_plan=PLAN))
    (plan,) = office.open(request)
    town.sign_both(session, plan)
    agreements.seal_and_record(session, town.calls, town.store, plan)
    request_issue(session, plan)
    world.reach(plan.deadline + 1)
    office.recorded()
    return office, plan


def test_a_request_waits_says_why_and_its_desk_is_reminded_until_the_document_is_drafted_anew(stuck: tuple[Office, AgreementRow]) -> None:
    (office, plan), session = stuck, stuck[0].session
    assert follow_due(session, at(THEN)).moved == ()
    request = session.scalars(select(Request)).one()
    assert (request.step, request.paused_s, request.acts[-1].verb) == ("sign-plan", None, "declined"), "no step is done by what is refused"
    told = full(session, request, at(THEN))
    assert [one["state"] for one in told["documents"]] == ["refused"]  # type: ignore[attr-defined]
    assert told["stuck"] == [
        f"{plan.lookup_code}: chuỗi không ghi nhận, đến chuỗi sau hạn ghi; {GO_BACK[0]} · "
        f"the chain refused it, it reached the chain after its deadline; {GO_BACK[1]}"
    ]
    act, command = VERBS["go-back"], "`sonang service act … go-back`"
    assert (f"“{act.vi}”" in GO_BACK[0], f"“{act.en}”" in GO_BACK[1], [command in one for one in GO_BACK]) == (True, True, [True] * 2)
    assert len(remind_due(session, at(THEN)).queued) == 1
    assert "refused its record" in lines_of_queue(session)[1], "nobody is given a file of what the chain does not know"
    again = office.papers(connection_plan={"meter_place": "Tường rào"})
    office.act(request, "go-back", "2026-03-05T08:00", step="survey", reason="chuỗi không nhận")
    assert (is_logged(session, plan.id, "revoked"), refused(session)) == (True, [])
    office.act(request, "record", "2026-03-05T09:00", given={"needs_works": "no", "supply_point": "T15"}, papers=again)
    office.sign(request, "2026-03-05T10:00")
    assert request.step == "draft"
    assert (waiting(session), counts(session)) == ([], {}), "nobody waits for the file of what was given up"


def test_what_came_too_late_lapses_is_revoked_in_the_log_and_is_never_recorded(stuck: tuple[Office, AgreementRow], hall: Hall) -> None:
    (office, plan), session = stuck, stuck[0].session
    duties: dict[str, Duty] = {one.name: one for one in _by_the_day(hall.sessions, hall.desk)}
    (found,) = refused(session)
    assert (found.agreement, found.may_go_again, found.fix) == (plan, False, DRAFT_ANEW)
    assert duties["endings"].work() == {"expired": 1, "chain_refused": [found.line]}
    assert duties["endings"].work() == {}
    session.expire_all()
    assert session.get_one(DraftEnding, plan.id).how == "expired"
    assert is_logged(session, plan.id, "revoked")
    assert [one.ended for one in refused(session)] == [True], "it is still listed"
    assert verify_document(session, hall.gateway, office.town.store.read(plan.id)).report.answer is Answer.UNRECOGNISED
    with pytest.raises(RuleError, match="deadline has passed, so nobody"):
        agreements.seal_and_record(session, office.town.calls, office.town.store, plan)
    with pytest.raises(RuleError, match="by the chain's clock"):
        office.town.draft(session, office.customer, office.utility, plan.deadline, deadline=plan.deadline)


def test_what_was_put_right_is_put_before_the_chain_again(  # noqa: PLR0917 - fixtures are named by pytest
    hall: Hall,
    session: Session,
    sessions: sessionmaker[Session],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    town, key = hall.town, new_eoa_key()
    owner, utility = town.people(session)
    stranger = draft_party(session, label="Nhà 9", role="owner", name="Trần Văn B", signer=eoa_signer(key))  # nobody registered the key
    town.keys[stranger.id] = key
    first = town.agree(session, owner, utility, town.now() - DAY)
    unknown = town.agree(session, stranger, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    for name in ("state_dir", "rpc_url", "deployment_file", "database_url"):
        monkeypatch.setenv(f"SONANG_{name.upper()}", str(getattr(settings, name)))
    (told,) = json.loads(_said(capsys, "signing", "refused", "--json"))
    assert (told["lookup_code"], told["act"], told["may_go_again"]) == (unknown.lookup_code, "record", True)
    assert "InvalidSignature" in told["error"]
    assert f"sonang signing again {unknown.lookup_code}" in told["fix"][1]
    with pytest.raises(RuleError, match="refused its record"):
        town.draft(session, stranger, utility, town.now() + DAY, supersedes=unknown)
    with sessions.begin() as other, pytest.raises(RuleError, match="refused nothing of it"):
        put_again(other, hall.desk, other.get_one(AgreementRow, first.id))
    signature = town.sign(stranger, "PartyRegistry", parties.registration_of(stranger, FOREVER))
    parties.register_party(session, town.calls, stranger, deadline=FOREVER, signature=signature)
    session.commit()
    town.deliver()
    with sessions.begin() as other:
        put_again(other, hall.desk, other.get_one(AgreementRow, unknown.id))
    town.deliver()
    assert state_of(session, unknown).standing.status == "recorded"
    assert "The chain refused no document" in _said(capsys, "signing", "refused")


def test_an_end_the_chain_refused_is_not_in_the_log(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    agreement = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    message = agreements.termination_of(agreement, utility, effective_at=0, deadline=town.now() - 1)
    signature = town.sign(utility, "AgreementRegistry", message)
    late = {"effective_at": 0, "deadline": message.deadline, "signature": signature}
    agreements.terminate(session, town.calls, agreement, utility, **late)
    session.commit()
    town.deliver()
    assert log_what_was_heard(session) == 0
    assert not is_logged(session, agreement.id, "terminated")
    assert [(one.agreement, one.act, one.late) for one in refused(session)] == [(agreement, "terminate", True)]


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run([*words])
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    return said.out
