"""The documents of a request: drafted from what was given and written down, followed until all of them are signed and sealed."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import facts_from, kind_named, meter_minutes, termination_minutes
from ledger.agreements.kinds.meter_minutes import METERS
from ledger.agreements.kinds.told import facts_told
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.chain.clock import chain_clock
from ledger.errors import ConflictError, InputError, RuleError
from ledger.parties.commands import draft_party
from ledger.parties.model import Party
from ledger.parties.queries import signing_utility
from ledger.services.acting import FACTS, Turn, facts_given, values_of
from ledger.services.annexes import ANNEX_FACTS, annex_facts, contract_known, newest_version, place_known, terms_of
from ledger.services.catalogue import Produced, Service, Step
from ledger.services.following import begins_at, check_alone, check_lasting, check_one_end, version_at
from ledger.services.model import Request, RequestDocument
from ledger.services.naming import call_by_code, hand_code_on, provisional
from ledger.services.reaching import take_contacts
from ledger.services.reading import office_calendar
from ledger.services.rules import metering_point

__all__ = [
    "Papers",
    "draft_documents",
    "fact_names",
    "facts_for",
    "facts_lacking",
    "facts_wanted",
    "produced_by",
    "request_code",
    "take_contract",
]

EVERY = "*"
"""Stands for every kind of document."""
SIGN_WITHIN_S = 30 * 86_400
"""How long the chain accepts the record of a document after it was drafted."""
SIGNED_WITHIN_S = 3_600
"""A document that replaces another is drafted so long before it begins, which is its deadline, or not at all."""


@dataclass(frozen=True)
class Papers:
    """What drafting needs.

    Attributes:
        utility: the party that signs for the utility.
        facts: by kind of document, beside what the fields tell, or under `*` for all of them; kept, so that nobody has to say them twice.
        beside: customers who sign a document of several customers after the one who asks.
        takes_effect: first second in force of the documents, Unix; None for what `following.begins_at` says.
    """

    store: DocumentStore
    utility: Party
    facts: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    beside: Sequence[Party] = ()
    takes_effect: int | None = None


def fact_names(kind: str) -> tuple[tuple[str, bool], ...]:
    """The facts of a kind of document, each with whether it must be given."""
    fields = dataclasses.fields(kind_named(kind).facts)
    return tuple((one.name, one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING) for one in fields)


def facts_for(produced: Produced, values: Mapping[str, object]) -> dict[str, object]:
    """What is known of a document's facts, each from the field of its own name or from the one the configuration names; never one value
    of what a document lists: how many households a request has are not its households.
    """
    found: dict[str, object] = {}
    listed = {one.name for one in facts_told(kind_named(produced.kind).facts) if one.sort.startswith(("list", "group"))}
    for name, _ in fact_names(produced.kind):
        source = produced.facts.get(name, name)
        value = source[1:] if source.startswith("=") else values.get(source)
        if value is not None and not (name in listed and isinstance(value, str | int)):
            found[name] = value
    return found


def facts_lacking(request: Request, step: Step, now: int) -> dict[str, tuple[str, ...]]:
    """For each document a step may draft, the facts that nobody has given yet and that its own records will not tell."""
    recorded = {one.field.name: "" for one in step.records}
    values, given = recorded | known_of(request, now), facts_given(request)
    taken, lacking = place_known(request.contract), {}
    for one in step.documents:
        if one.when is not None and values.get(one.when.field) != "" and not one.when.holds(values):
            continue
        lacking[one.kind] = _lacking(one, _taken_over(one, taken, values), given)
    return lacking


def _taken_over(produced: Produced, taken: Mapping[str, object], values: Mapping[str, object]) -> Mapping[str, object]:
    """What is known for a document: where a new holder's contract follows another, the place as that has it, though never its number."""
    if produced.relation != "contract" or not taken:
        return values
    return {name: value for name, value in {**taken, **values}.items() if name not in contract_known(None)}


def _lacking(produced: Produced, values: Mapping[str, object], given: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    have = {*facts_for(produced, values), *given.get(produced.kind, {}), *(ANNEX_FACTS if produced.changes else ())}
    act = given.get(produced.kind, {}).get("act", facts_for(produced, values).get("act"))
    meters = METERS.get(str(act), ()) if produced.kind == meter_minutes.NAME else ()
    return tuple(name for name, needed in fact_names(produced.kind) if (needed or name in meters) and name not in have)


def known_of(request: Request, now: int) -> dict[str, object]:
    """The values of a request with what is known of every one."""
    calendar = office_calendar()
    known: dict[str, object] = {
        "request_code": request_code(request),
        "metering_point": request.metering_point,
        "today": calendar.day_of(now).isoformat(),
        "due_day": calendar.day_of(request.due_s).isoformat(),
        **contract_known(request.contract),
    }
    return _told_before(request) | known | values_of(request)


def _told_before(request: Request) -> dict[str, object]:
    """Text and numbers that were given as facts of other documents, or of every document: what one says the next need not be told again."""
    facts = facts_given(request)
    every = [facts.get(EVERY, {}), *(facts.get(one.agreement.kind, {}) for one in request.documents)]
    return {name: value for told in every for name, value in told.items() if isinstance(value, str | int)}


def request_code(request: Request) -> str:
    """A request as documents and people name it: its unit, its year, its number."""
    year = office_calendar().day_of(request.received_s).year
    return f"{request.unit.code if request.unit else 'YC'}-{year}-{request.number:06d}"


def produced_by(step: Step, values: Mapping[str, object]) -> list[Produced]:
    """The documents a step drafts for what is known now."""
    return [one for one in step.documents if one.when is None or one.when.holds(values)]


def draft_documents(turn: Turn, papers: Papers | None) -> Sequence[AgreementRow]:
    """Drafts what the step a request stands at produces and what does not stand already, signed, since it stood there before.

    Raises:
        NotFoundError: documents are due and no party signs for the utility yet.
        RuleError: documents are due and there is nothing to draft them with, or they need a contract nobody named.
        InputError: a fact is missing or malformed, or of a document that is not drafted here; names it.
    """
    step, given = turn.step, papers.facts if papers else {}
    stands = {one.agreement.kind for one in turn.request.documents if one.step == step.code and not one.dropped}
    due = [one for one in produced_by(step, turn.values) if one.kind not in stands]
    stray = sorted({kind for kind, facts in given.items() if facts} - {EVERY, *(one.kind for one in due)})
    if stray:
        raise InputError("not drafted at this step", field=stray[0], fix=f"give facts of {', '.join(one.kind for one in due) or 'nothing'}")
    if due and papers is None:
        signing_utility(turn.session)
        raise RuleError(f"{step.code} drafts documents", field="store", fix="act where the documents are kept")
    held = facts_given(turn.request)
    turn.keep({FACTS + kind: {**held.get(kind, {}), **facts} for kind, facts in given.items() if facts}, step.code)
    _check_complete(turn, due)
    return [_draft(turn, step, one, papers) for one in due if papers is not None]


def facts_wanted(turn: Turn, due: Sequence[Produced], more: Mapping[str, Mapping[str, object]]) -> list[tuple[str, str]]:
    """Every fact that is missing of documents, as `kind.fact` with what it is.

    Args:
        more: facts given with this act, by kind, which are not kept yet.
    """
    values, given = known_of(turn.request, turn.at), facts_given(turn.request)
    given = {kind: {**given.get(kind, {}), **more.get(kind, {})} for kind in {*given, *more}}
    values = {name: value for name, value in more.get(EVERY, {}).items() if isinstance(value, str | int)} | values
    taken, wanted = place_known(turn.request.contract), list[tuple[str, str]]()
    for one in due:
        told = {fact.name: fact for fact in facts_told(kind_named(one.kind).facts)}
        wanted += [(f"{one.kind}.{name}", told[name].line()) for name in _lacking(one, _taken_over(one, taken, values), given)]
    return wanted


def _check_complete(turn: Turn, due: Sequence[Produced]) -> None:
    """Names every fact that is missing, of all documents at once."""
    wanted = facts_wanted(turn, due, {})
    if wanted:
        names = [name for name, _ in wanted]
        also = f", and so {'is' if len(names) == 2 else 'are'} {', '.join(names[1:])}" if len(names) > 1 else ""
        raise InputError(f"missing{also}", field=names[0], fix="give " + "; ".join(f"{name}: {line}" for name, line in wanted))


@contextlib.contextmanager
def _naming(kind: str) -> Iterator[None]:
    """Names a document's facts in errors the way they are given: `kind.fact`."""
    try:
        yield
    except (ConflictError, InputError, RuleError) as wrong:
        if re.split(r"[.\[]", wrong.field)[0] not in dict(fact_names(kind)):
            raise
        raise type(wrong)(wrong.problem, field=f"{kind}.{wrong.field}", fix=wrong.fix) from None


def _draft(turn: Turn, step: Step, produced: Produced, papers: Papers) -> AgreementRow:
    session, request = turn.session, turn.request
    contract = _followed(turn, produced)
    replaces = produced.relation == "supersedes"
    begins = begins_at(turn, produced, contract, papers.takes_effect)
    now = max(turn.at, chain_clock(session))
    if replaces and begins < now + SIGNED_WITHIN_S:
        fix = f"name a moment {SIGNED_WITHIN_S // 3_600} h from now or later, or none: the chain lets nothing be replaced in the past"
        raise RuleError("no time is left to sign it and have it recorded before it begins", field="begins", fix=fix)
    customer = _signer(turn, produced)
    with _naming(produced.kind):
        facts = _facts(turn, produced, contract)
        if produced.relation == "contract":
            call_by_code(session, request, customer, getattr(facts, "customer_code", None))
        row = draft_agreement(
            session,
            papers.store,
            parties=_parties(produced, customer, papers),
            kind=produced.kind,
            facts=facts,
            valid_from=begins,
            deadline=begins if replaces else now + SIGN_WITHIN_S,
            dated_s=turn.at,
            supersedes=newest_version(session, contract) if contract and replaces else None,
            predecessor=version_at(session, contract, begins) if contract and not replaces else None,
            unit=request.unit,
        )
    request.documents.append(RequestDocument(agreement=row, place=len(request.documents), step=step.code, dropped=False))
    session.flush()
    return row


def _parties(produced: Produced, customer: Party, papers: Papers) -> list[Party]:
    kind = kind_named(produced.kind)
    first, *others = [papers.utility if role == "utility" else customer for role in kind.signs]
    return [first, *(papers.beside if kind.customers > 1 else ()), *others]


def _signer(turn: Turn, produced: Produced) -> Party:
    """Who signs beside the utility: the customer, or who holds the contract so far."""
    request = turn.request
    holder = None if request.contract is None else request.contract.owner
    if produced.signed_by == "holder" and holder is not None:
        return holder
    gives_up = turn.service.named_by != "customer_name" and request.party is holder  # who asks is who holds it so far
    customer = _customer(turn) if request.party is None or gives_up else request.party
    take_contacts(turn, customer)
    return customer


def _facts(turn: Turn, produced: Produced, contract: AgreementRow | None) -> object:
    known = known_of(turn.request, turn.at)
    found = annex_facts(turn.session, contract, produced, known, turn.service.fields()) if contract is not None else {}
    given = facts_given(turn.request).get(produced.kind, {})
    known_here = _taken_over(produced, place_known(turn.request.contract), known)
    return facts_from(produced.kind, found | facts_for(produced, known_here) | given)


def _followed(turn: Turn, produced: Produced) -> AgreementRow | None:
    """The contract a document follows, if it follows one."""
    if produced.relation in ("contract", "new"):
        return None
    contract = turn.request.contract
    if contract is None:
        fix = "name the customer's contract first"
        raise RuleError(f"{produced.kind} belongs to a contract", field="contract", fix=fix)
    contract = check_lasting(turn.session, contract)
    if produced.relation == "supersedes":
        check_alone(turn.session, newest_version(turn.session, contract))
    if produced.kind == termination_minutes.NAME:
        check_one_end(turn.session, contract)
    return contract


def take_contract(session: Session, request: Request, service: Service) -> None:
    """Lets a request be about the contract it made, its metering point and its customer's code, once that is sealed."""
    kinds = {one.kind for step in service.steps for one in step.documents if one.relation == "contract"}
    for document in request.documents:
        if document.agreement.kind in kinds and not document.dropped and document.agreement.sealed_digest is not None:
            former, request.contract = request.contract, document.agreement
            code = terms_of(document.agreement).get("customer.code")
            hand_code_on(session, request, former.owner if former else None, code)
            if request.metering_point is None and isinstance(code, str):
                request.metering_point = metering_point(code)


def _customer(turn: Turn) -> Party:
    """The customer as a party, made when a document first needs one; they sign by codes."""
    name = str(turn.values[turn.service.named_by])
    party = draft_party(turn.session, label=provisional(turn.request), role="customer", name=name, signer=None)
    turn.request.party = party
    return party
