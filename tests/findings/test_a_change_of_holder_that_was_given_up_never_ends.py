"""The former holder signed, the new one gave up: the contract stayed in force, and the request could be neither rejected nor withdrawn.

It passes wholly or not at all now: whoever gives up, nothing is sealed; and what the chain refused of a step is drafted anew alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ledger.agreements import commands as agreements
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.heard import log_what_was_heard
from ledger.agreements.model import AgreementRow
from ledger.errors import InputError, RuleError
from ledger.parties.model import Party
from ledger.services.commands import follow_due, submit
from ledger.services.following import fallen_through, handed_over
from ledger.services.model import Request
from ledger.services.queries import signing
from ledger.services.signatures import customers_words, held_back, reasons_of, restless
from ledger.services.verbs import customers_verbs_of, verbs_of
from ledger.signing.commands import decline, expire_due
from ledger.signing.countersigning import countersign_due
from ledger.signing.winding_up import call_off_due, wind_up_due
from ledger.transparency.queries import is_logged
from tests.conftest import World
from tests.ledger.services.conftest import COUNTER, HOUSEHOLD, at
from tests.ledger.services.test_following import DONE, OVER
from tests.ledger.services.test_supply_story import CONTRACT, UTILITY, Office, office
from tests.ledger.signing.hall import Hall

__all__ = ["office"]

TERMINATED = 3
"""Status on chain."""
THEN = "2026-04-02T14:00"


@dataclass
class Passing:
    """A contract that is to pass from one holder to another, and the office's duties."""

    office: Office
    hall: Hall
    former: AgreementRow
    newcomer: Party

    def asked(self) -> tuple[Request, AgreementRow, AgreementRow]:
        """A change of holder up to the minutes and the new contract, neither signed."""
        names = ("supply_address", "place_title", "purpose", "phases", "capacity_w", "phone")
        given = {name: HOUSEHOLD[name] for name in names}
        given |= {"holder_new": "Trần Thị B", "holder_new_identity": "001080000002", "holder_consent": "giấy đồng ý"}
        about = {"contract": self.former, "party": self.newcomer, "actor": COUNTER, "at": at("2026-04-01T09:00")}
        request = submit(self.office.session, service="contract-holder", given=given, **about)  # type: ignore[arg-type]
        self.office.act(request, "accept", "2026-04-01T09:00")
        self.office.act(request, "record", "2026-04-01T10:00", given=DONE, papers=self.office.papers(termination_minutes=OVER))
        self.drafted(request)
        minutes, contract = (one.agreement for one in request.documents)
        return request, minutes, contract

    def drafted(self, request: Request) -> None:
        facts = {"contract_number": "26/015433/PA01HH", "meter_rating": CONTRACT["meter_rating"]}
        papers = self.office.papers(**{"*": UTILITY, "supply-residential": facts})
        self.office.act(request, "draft", "2026-04-02T11:00", papers=papers)
        self.office.session.commit()

    def turned(self) -> tuple[int, int, int]:
        """The office signs, winds up and calls off what it may, and the chain hears of it: how many of each."""
        self.office.session.commit()
        done = countersign_due(self.hall.desk, held_back=held_back())
        self.office.recorded()
        over = wind_up_due(self.hall.desk, handed_over=handed_over())
        off = call_off_due(self.hall.desk, fallen_through())
        assert not {**done.refused, **over.refused, **off.refused}
        self.office.recorded()
        follow_due(self.office.session, at(THEN))
        return len(done.done), len(over.done), len(off.done)

    def lasts(self) -> bool:
        """Whether the former contract is in force on chain, and nobody asked for its end."""
        record = self.hall.gateway.call("AgreementRegistry", "recordOf", self.former.id)
        return record[5] != TERMINATED and not any(one.act == "terminate" for one in self.former.acts)


@pytest.fixture
def passing(office: Office, hall: Hall) -> Passing:
    contract = office.supplied().contract
    assert contract is not None
    hall = Hall(office.town, hall.opener, now=at(THEN), utility_secret=office.town.keys[office.utility.id])
    return Passing(office, hall, contract, office.town.party(office.session, "B", "customer"))


def test_whoever_gives_up_the_contract_lasts_and_the_request_can_end(passing: Passing) -> None:
    office, session = passing.office, passing.office.session
    gives_up: list[tuple[bool, Callable[[AgreementRow], object]]] = [
        (True, lambda paper: decline(session, paper, paper.owner, reason="thôi", now_s=at(THEN))),
        (False, lambda paper: decline(session, paper, paper.owner, reason="thôi", now_s=at(THEN))),
        (False, lambda paper: expire_due(session, now_s=paper.deadline + 1)),
    ]
    for former_signs, gives_up_on in gives_up:
        request, minutes, contract = passing.asked()
        signed, unsigned = (minutes, contract) if former_signs else (contract, minutes)
        office.sign_one(signed, signed.owner)
        assert (passing.turned(), signed.sealed_digest) == ((0, 0, 0), None), "the utility signs both or neither"
        assert (signing(session, request).waits_for, request.paused_s is not None) == ("customer", True)
        assert restless(session) == []
        gives_up_on(unsigned)
        assert passing.turned() == (0, 0, 0)
        assert (request.step, request.paused_s, request.acts[-1].verb) == ("sign", None, "declined")
        assert {"go-back", "reject", "withdraw"} <= set(verbs_of(request))
        assert "withdraw" in customers_verbs_of(request)
        office.act(request, "reject", "2026-04-03T09:00", reason="một bên thôi")
        assert passing.turned() == (0, 0, 0)
        assert (passing.lasts(), session.get_one(DraftEnding, signed.id).how) == (True, "declined")


def test_minutes_that_were_recorded_alone_are_called_off_and_the_next_ones_end_the_contract(passing: Passing) -> None:
    office, session = passing.office, passing.office.session
    request, minutes, contract = passing.asked()
    office.sign_one(minutes, minutes.owner)
    session.commit()
    assert countersign_due(passing.hall.desk).done == (minutes.id,)  # before the two stood or fell together
    assert passing.turned() == (0, 0, 0)
    decline(session, contract, contract.owner, reason="thôi", now_s=at(THEN))
    follow_due(session, at(THEN))
    office.act(request, "withdraw", "2026-04-03T09:00", reason="chủ mới thôi")
    assert passing.turned() == (0, 0, 1)
    assert passing.turned() == (0, 0, 0)
    log_what_was_heard(session)
    assert passing.hall.gateway.call("AgreementRegistry", "recordOf", minutes.id)[5] == TERMINATED
    assert (passing.lasts(), is_logged(session, minutes.id, "terminated")) == (True, True)

    request, minutes, contract = passing.asked()
    for paper in (contract, minutes):
        office.sign_one(paper, paper.owner)
    assert passing.turned() == (2, 1, 0), "minutes that were called off before are in nobody's way"
    assert (request.step, passing.lasts(), contract.valid_from) == ("close", False, minutes.valid_from)


def test_what_the_chain_has_stays_while_what_it_refused_beside_it_is_drafted_anew(world: World, office: Office) -> None:
    session, contract = office.session, office.supplied().contract
    given = {name: HOUSEHOLD[name] for name in ("customer_name", "identity_number", "phone", "supply_address")} | {"households": 2}
    about = {"contract": contract, "actor": COUNTER, "at": at("2026-04-01T09:00")}
    request = submit(session, service="household-norm", given=given, **about)  # type: ignore[arg-type]
    office.act(request, "accept", "2026-04-01T09:00")
    homes = {"households": [{"name": name, "kind": "resident", "people": 4} for name in (office.customer.name, "Lê Thị Mai")]}
    office.act(request, "draft", "2026-04-01T10:00", papers=office.papers(shared_meter_minutes=homes))
    for row in (one.agreement for one in request.documents):
        office.town.sign_both(session, row)
        agreements.seal_and_record(session, office.town.calls, office.town.store, row)
        office.recorded()
        world.reach(request.documents[1].agreement.deadline + 1)  # no worker is there in time for the second
    follow_due(session, at("2026-04-09T09:00"))
    papers = [signing(session, request).paper(one) for one in request.documents]
    assert (papers, request.acts[-1].verb) == (["recorded", "refused"], "declined")
    with pytest.raises(RuleError, match="a document of it is sealed"):
        office.act(request, "reject", "2026-04-09T10:00", reason="thôi")
    with pytest.raises(RuleError, match="does not lie behind it"):
        office.act(request, "go-back", "2026-04-09T10:00", step="sign", reason="chuỗi không nhận phụ lục")
    office.act(request, "go-back", "2026-04-09T10:00", step="draft", reason="chuỗi không nhận phụ lục")
    assert [one.dropped for one in request.documents] == [False, True]
    office.act(request, "draft", "2026-04-09T11:00", papers=office.papers())
    assert [row.kind for row in office.open(request)] == ["amendment-annex"], "the minutes are signed and stand"
    office.sign(request, "2026-04-10T09:00")
    assert (request.step, len(request.documents)) == ("apply", 3)


def test_a_request_left_with_a_new_contract_that_was_ended_since_can_be_rejected(passing: Passing) -> None:
    office, session = passing.office, passing.office.session
    request, minutes, contract = passing.asked()
    office.sign_one(contract, contract.owner)
    session.commit()
    assert countersign_due(passing.hall.desk).done == (contract.id,)  # before the two stood or fell together
    passing.turned()
    decline(session, minutes, minutes.owner, reason="không bán nữa", now_s=at(THEN))
    follow_due(session, at(THEN))
    assert reasons_of(signing(session, request)) == [f"{minutes.lookup_code}: không bán nữa"]
    assert not any("go-back" in line for line in customers_words(signing(session, request)))
    with pytest.raises(RuleError, match="a document of it is sealed"):
        office.act(request, "reject", "2026-04-03T09:00", reason="chủ cũ không bán")
    with pytest.raises(InputError, match=r"no step to go back to was chosen – choose one of: kiểm tra hồ sơ"):
        office.act(request, "go-back", "2026-04-03T09:00", step="", reason="lập lại")
    office.town.terminate(session, contract, office.utility, contract.valid_from + 86_400)
    assert "reject" in verbs_of(request)
    office.act(request, "reject", "2026-04-04T09:00", reason="chủ cũ không bán")
    assert (request.state, passing.lasts()) == ("rejected", True)
