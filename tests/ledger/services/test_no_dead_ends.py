"""No request is ever stuck: wherever the acts that are offered lead it, somebody is offered one that leads on, until it has ended."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from ledger.agreements.store import DocumentStore
from ledger.errors import RuleError, SonangError
from ledger.parties.commands import draft_party, draft_unit
from ledger.services.catalogue import Service, catalogue
from ledger.services.model import RUNNING, STATES, Request
from ledger.services.verbs import VERBS, Told, customers_verbs_of, perform, verbs_of
from tests.ledger.services.conftest import at
from tests.ledger.services.walking import STAFF, Standing, Walker

ACTS = 20
"""How many acts a service is walked at least."""
ENDED = ("rejected", "withdrawn")


@pytest.fixture
def walker(session: Session, tmp_path: Path) -> Walker:
    unit = draft_unit(session, code="PA01HH", name="Điện lực Hồng Hà")
    customer = draft_party(session, label="PA01HH0000001", role="customer", name="Nguyễn Thị A", signer=None)
    utility = draft_party(session, label="evn", role="utility", name="Điện lực", signer=b"\x01" * 20)
    return Walker(session, unit, customer, utility, DocumentStore(tmp_path), random.Random(7), at("2026-03-02T09:00"))


def test_wherever_a_request_gets_somebody_is_offered_an_act_that_leads_on_and_nobody_once_it_has_ended(walker: Walker) -> None:
    ways: dict[Standing, str | None] = {}
    for service in catalogue():
        walked(walker, service, ways)
    assert [stands for stands, way in ways.items() if stands[1] in RUNNING and way is None] == []
    reached = {(service, step) for service, _, step, _ in ways}
    assert reached >= {(one.code, step.code) for one in catalogue() for step in one.steps if step.does != "route" and step.when is None}
    assert {state for _, state, _, _ in ways} == set(STATES)


def walked(walker: Walker, service: Service, ways: dict[Standing, str | None]) -> None:
    """Takes requests through a service; what ends one before its time is tried and taken back, so that the walk goes on."""
    request, least = walker.begins(service), ACTS
    while least > 0 or ways.get(walker.standing(request), "") is None:
        if request.step is None:
            request = walker.begins(service)
        stands, least = walker.standing(request), least - 1
        ways.setdefault(stands, None)
        act = walker.chosen(request, stands)
        if act is None:
            return  # everything was tried there, and nothing led on
        trial = walker.session.begin_nested()
        try:
            walker.happens(request, act)
        except SonangError:
            continue  # nothing of it stays
        after = walker.standing(request)
        if after != stands:
            ways[stands] = act
        if request.step is None and after not in ways:
            ways[after] = None
            nobody_acts(walker, request)
        trial.rollback() if request.state in ENDED else trial.commit()


def nobody_acts(walker: Walker, request: Request) -> None:
    assert (verbs_of(request), customers_verbs_of(request)) == ((), ())
    for verb in VERBS:
        told = Told(reason="x", unit=walker.unit, contract=request.contract or walker.document("renewal"), papers=walker.papers)
        with pytest.raises(RuleError, match=f"is {request.state}"):
            perform(walker.session, request.id, verb, STAFF, walker.now, seen=request.version, told=told)
