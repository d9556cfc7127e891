"""The verbs that bring a request on: submit, assign, give, accept, record, draft, follow, close. None commits. `returns` has the others.

Every verb locks the request, refuses who acts on what they saw before somebody else acted, writes down who did it, when and through which
channel, and reckons the time anew. `at` is the actor's clock, Unix seconds.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.errors import InputError, RuleError, SonangError
from ledger.parties.model import Party, Unit
from ledger.protocol.quantities import check_time
from ledger.services import rules
from ledger.services.acting import OPEN, SYSTEM, Actor, Turn, drafted, take_turn
from ledger.services.annexes import point_of
from ledger.services.catalogue import service_on
from ledger.services.documents import Papers, draft_documents, facts_wanted, produced_by, request_code, take_contract
from ledger.services.following import check_lasting, contract_at
from ledger.services.intake import asker_of, check_channel, check_contract_known, holder_of, place_of, received, theirs_to_change
from ledger.services.model import Request
from ledger.services.reaching import change_contacts
from ledger.services.reading import office_calendar
from ledger.services.routing import unit_of
from ledger.services.signatures import customer_signed_s, restless, signing_of

__all__ = ["FollowReport", "accept", "assign", "close", "draft", "follow", "follow_due", "give", "name_contract", "record", "submit"]


def submit(
    session: Session,
    *,
    service: str,
    given: Mapping[str, object],
    actor: Actor,
    at: int,
    metering_point: str | None = None,
    unit: Unit | None = None,
    party: Party | None = None,
    contract: AgreementRow | None = None,
) -> Request:
    """Takes a request in and routes it to the unit that serves the metering point; what is missing may be given later.

    A request nobody is known to serve is kept and waits to be assigned.

    Args:
        metering_point: the customer's code or the metering point's, where the service is about one; the contract's when it is not given.
        unit: who handles it, where there is no metering point yet, or nobody is known to serve it.
        contract: the agreement it is about; the one of the metering point when none is named.

    Raises:
        InputError: a value is malformed or not asked for, the place is missing, or a review came by a customer's channel.
        NotFoundError, RuleError, ConflictError: no such service, none for customers, not on this day; the contract is over, or another's.
    """
    today = office_calendar().day_of(check_time(at, "at"))
    entry = service_on(service, today, "electronic" if actor.who == "customer" else None)
    check_channel(entry, actor.channel)
    values = rules.parse_values(given, entry.inputs)
    rules.check_days(entry.inputs, values, values, today, today)
    point = place_of(entry, metering_point or (point_of(session, contract) if contract is not None else None), unit)
    if entry.of_contract:
        asker = party if actor.who == "customer" else None
        contract = check_lasting(session, contract) if contract is not None else contract_at(session, point, asker)
    request = received(entry, entry.deadline(values).days, actor.channel, at)
    request.unit = (unit_of(session, point, at) if point else None) or unit  # nobody takes another unit's customer on by naming their own
    request.party, request.contract, request.metering_point = asker_of(entry, contract, party), contract, point
    return _begun(Turn(session, request, entry, actor, at), values)


def _begun(turn: Turn, values: Mapping[str, rules.Value]) -> Request:
    turn.session.add(turn.request)
    turn.keep(values, None)
    turn.enter(turn.service.steps[0])
    turn.tell("submit")
    turn.session.flush()
    if turn.request.unit is not None:
        _routed(turn.by_itself())
    return turn.done()


def assign(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, unit: Unit) -> Request:
    """Gives a request to a unit: one nobody was known to serve, or one that came to the wrong unit.

    Raises:
        ConflictError, RuleError: see `take_turn`; so too for every verb below.
    """
    turn = take_turn(session, request, actor, at, seen=seen).by_staff()
    turn.request.unit = unit
    if turn.step.does == "route":
        _routed(turn, f"unit {unit.code}")
    else:
        turn.tell("assign", f"unit {unit.code}")
    return turn.done()


def name_contract(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, contract: AgreementRow) -> Request:
    """Says which contract a request is about, and so who its customer is.

    Raises:
        RuleError: the service is about none, documents were drafted already, or the contract is over.
        ConflictError: a customer asks, and it is another's.
    """
    turn = take_turn(session, request, actor, at, seen=seen).by_staff()
    if not turn.service.of_contract or turn.request.documents:
        raise RuleError("its contract cannot be named", field="contract", fix="name it before documents are drafted, where one is changed")
    theirs_to_change(turn, contract)
    turn.request.contract = check_lasting(turn.session, contract)
    turn.request.party = holder_of(turn.service, contract) or turn.request.party  # nobody, where the contract is to pass to another
    turn.tell("contract")
    return turn.done()


def give(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, given: Mapping[str, object]) -> Request:
    """Adds to or corrects what the request came with; one handed back goes on where it stood. Until its documents are drafted: of one
    handed back later what is missing may still be given, and what was given as it stands, so that it goes on.

    Raises:
        InputError: a value is malformed or not asked for; nothing was given, or nothing but what was given before.
        RuleError: documents were drafted from what was given.
    """
    turn = take_turn(session, request, actor, at, seen=seen)
    values = rules.parse_values(given, turn.service.inputs)
    if not values:
        raise InputError("nothing was given", field="given", fix="give what is missing; the request lists it")
    _check_undrafted(turn, values)
    rules.check_days(turn.service.inputs, values, turn.values | values, *_days_of(turn))
    held = turn.values
    changed = {name for name, value in values.items() if held.get(name) != value}
    if not changed and turn.request.state == "open":
        raise InputError("nothing was changed", field="given", fix="change what is to be corrected, then send")
    turn.keep(values, None)
    turn.request.state = "open"
    if turn.step.by != "customer":
        turn.resume()
    turn.tell("give", ", ".join(sorted(changed or values)))
    return turn.done()


def _days_of(turn: Turn) -> tuple[datetime.date, datetime.date]:
    """The day of the act, and the day the request came in."""
    return turn.calendar.day_of(turn.at), turn.calendar.day_of(turn.request.received_s)


def _check_undrafted(turn: Turn, values: Mapping[str, rules.Value]) -> None:
    """Passes where no document was drafted from what values would change."""
    if not drafted(turn.request):
        return
    lacking, held = {one.name for one in rules.missing(turn.service.inputs, turn.values)}, turn.values
    if turn.request.state == "open":
        fix = "go back to the step that drafts them first"
        if turn.actor.who == "customer":
            fix = "tell the utility what is wrong: its staff go back to the step that drafts them"
        raise RuleError("documents were drafted from what was given", field="given", fix=fix)
    if any(name not in lacking and held.get(name) != value for name, value in values.items()):
        fix = "give it as it stands and the request goes on; then go back to the step that drafts them to change it"
        raise RuleError("documents were drafted from what was given", field="given", fix=fix)


def accept(session: Session, request: bytes, actor: Actor, at: int, *, seen: int) -> Request:
    """Says that what was given is complete and right.

    Raises:
        RuleError: something required is missing, and is named, all of it; or no contract is known of a request about one.
    """
    turn = take_turn(session, request, actor, at, seen=seen, states=OPEN).by_staff().standing_at("check")
    lacking = rules.missing(turn.service.inputs, turn.values)
    if lacking:
        raise RuleError(
            f"missing: {', '.join(f'{one.vi} · {one.en} ({one.name})' for one in lacking)}",
            field=lacking[0].name,
            fix="hand it back to the customer with the reason, or add what they gave",
        )
    check_contract_known(turn)
    return _onward(turn, "accept")


def record(
    session: Session, request: bytes, actor: Actor, at: int, *, seen: int, given: Mapping[str, object], papers: Papers | None = None
) -> Request:
    """Writes down what was done at a step, drafts the documents it produces, and goes on.

    Raises:
        InputError: a value is missing, malformed or not asked for.
    """
    turn = take_turn(session, request, actor, at, seen=seen, states=OPEN).standing_at("record")
    if turn.step.by == "utility":
        turn.by_staff().by_its_role()
    values = rules.parse_values(given, turn.step.records)
    known = turn.values | values
    rules.check_days(turn.step.records, values, known, *_days_of(turn))
    lacking = rules.missing(turn.step.records, known)
    turn.keep(values, turn.step.code)
    if lacking:
        named = [f"{one.vi} · {one.en} ({one.name})" for one in lacking]
        facts = facts_wanted(turn, produced_by(turn.step, known), papers.facts if papers else {})
        fix = "; give ".join(["write down everything the step asks for", *(f"{name}: {line}" for name, line in facts)])
        raise InputError(f"missing: {', '.join([*named, *(name for name, _ in facts)])}", field=lacking[0].name, fix=fix)
    draft_documents(turn, papers)
    return _onward(turn, "record")


def draft(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, papers: Papers) -> Request:
    """Drafts the documents of the step it stands at, and goes on to have them signed.

    Raises:
        InputError, RuleError: a fact is missing or malformed, or the law forbids it.
    """
    turn = take_turn(session, request, actor, at, seen=seen, states=OPEN).by_staff().standing_at("draft")
    draft_documents(turn, papers)
    return _onward(turn, "draft")


def follow(session: Session, request: bytes, at: int) -> Request:
    """What the program does by itself: goes on once the chain has the documents, and lets the clock stand and run with whose turn it is."""
    turn = take_turn(session, request, SYSTEM, at, seen=None)
    _follow_signing(turn)
    return turn.done()


def close(session: Session, request: bytes, actor: Actor, at: int, *, seen: int) -> Request:
    """Ends a request whose every step is done."""
    turn = take_turn(session, request, actor, at, seen=seen, states=OPEN).by_staff().standing_at("close")
    turn.tell("close")
    turn.end("close", "closed")
    return turn.done()


@dataclass(frozen=True)
class FollowReport:
    """Requests that went on, each with the step it stood at; and the codes of those that could not be followed, with the reason."""

    moved: tuple[tuple[Request, str], ...]
    refused: tuple[tuple[str, str], ...]


def follow_due(session: Session, at: int) -> FollowReport:
    """Follows every request whose documents are further than it is; one that is refused does not stop the others. Never commits."""
    moved, refused = [], []
    for request_id in restless(session):
        known = session.get_one(Request, request_id)
        stood = known.step or ""
        try:
            with session.begin_nested():
                request = follow(session, request_id, at)
        except SonangError as wrong:
            refused.append((request_code(known), str(wrong)))
            continue
        if request.step != stood:
            moved.append((request, stood))
    return FollowReport(tuple(moved), tuple(refused))


def _routed(turn: Turn, note: str | None = None) -> None:
    turn.tell("route", note or f"unit {turn.request.unit.code if turn.request.unit else ''}")
    turn.move_on("route")


def _onward(turn: Turn, verb: str) -> Request:
    turn.tell(verb)
    turn.move_on(verb)
    _follow_signing(turn)
    return turn.done()


def _follow_signing(turn: Turn) -> None:
    """At a step that waits for signatures: goes on when the chain has everything; the clock stands while it is the customer's turn."""
    if turn.request.step is None or turn.step.does != "sign":
        return
    signing = signing_of(turn.session, turn.request)
    if signing.waits_for != "customer":
        turn.resume(customer_signed_s(turn.session, turn.request))
    if not signing.open:
        told = turn.by_itself()
        take_contract(turn.session, turn.request, turn.service)
        change_contacts(turn)
        told.tell("signed")
        told.move_on("signed")
    elif signing.waits_for == "customer":
        turn.pause("customer-signs")
    if signing.over and turn.request.acts[-1].verb != "declined":
        why = [one.why[1] for one in signing.refused]
        turn.by_itself().tell("declined", "; ".join([", ".join(signing.over), *why]))
