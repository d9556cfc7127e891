"""Requests that go every way they can: any act that is offered, and signatures that come, are declined or come in part."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.rules import lookup_code
from ledger.agreements.store import DocumentStore
from ledger.parties.model import Party, Unit
from ledger.protocol.quantities import new_id
from ledger.services.acting import Actor, service_of, values_of
from ledger.services.catalogue import Asked, Field, Service
from ledger.services.commands import follow, submit
from ledger.services.documents import Papers, produced_by
from ledger.services.model import Request, RequestDocument
from ledger.services.returns import steps_behind
from ledger.services.signatures import signing_of
from ledger.services.verbs import Told, customers_verbs_of, perform, verbs_of

STAFF = Actor("staff", "minh", "internal", "admin")
WORLD = ("all sign", "one declines", "one signs")
"""What happens to documents without the desk's doing."""
FORWARD = ("accept", "record", "draft", "all sign", "close", "customer record")
"""What leads to its end."""
TRIES = 12
"""How often an act is tried where a request stands before nothing is hoped for there."""
SAME = {
    "phone": "0912345678",
    "email": "hoa@example.vn",
    "identity": "001080000001",
    "date": "2027-12-31",
    "text": "x",
    "tax-code": "0312345678",
}

Standing = tuple[str, str, str | None, tuple[tuple[str, str, bool], ...]]
"""A request as far as what may happen next depends on it: service, state, step, documents with how they stand and whether they count."""


@dataclass
class Walker:
    """Takes requests through a service, preferring what was not tried yet where it stands."""

    session: Session
    unit: Unit
    customer: Party
    utility: Party
    store: DocumentStore
    dice: random.Random
    now: int
    tried: Counter[tuple[Standing, str]] = field(default_factory=Counter)

    def begins(self, service: Service) -> Request:
        """A request with everything given, about a contract where the service is about one."""
        given = self.values(service.inputs, {})
        point = "PA01HH0000001" if service.place == "metering-point" else None
        request = submit(
            self.session,
            service=service.code,
            given=given,
            actor=STAFF,
            at=self.later(),
            metering_point=point,
            unit=self.unit,
            party=self.customer,
        )
        if service.of_contract:
            request.contract = self.document("supply-residential")
            request.contract.sealed_digest = request.contract.id
        self.session.flush()
        return request

    @property
    def papers(self) -> Papers:
        return Papers(self.store, self.utility)

    def later(self) -> int:
        self.now += 60
        return self.now

    def document(self, kind: str) -> AgreementRow:
        """A document as drafting leaves it: unsigned, of customer and utility."""
        name = new_id()
        row = AgreementRow(
            id=name,
            family=name,
            **dict.fromkeys(("base_digest", "terms_root"), bytes(32)),
            **dict.fromkeys(("base_length", "kind_version", "valid_from"), 1),
            kind=kind,
            valid_to=2**40,
            deadline=2**40,
            lookup_code=lookup_code(name, bytes(32)),
            signatories=[Signatory(place=0, party=self.customer), Signatory(place=1, party=self.utility)],
        )
        self.session.add(row)
        self.session.flush()
        return row

    def values(self, asked: tuple[Asked, ...], known: dict[str, object]) -> dict[str, object]:
        """Something in every field that has to be given, answers chosen by the dice."""
        found: dict[str, object] = {}
        for one in (*(one for one in asked if one.when is None), *(one for one in asked if one.when is not None)):
            if one.needed(known | found):
                found[one.field.name] = self.value(one.field)
        return found

    def value(self, field: Field) -> object:
        if field.sort == "flag":
            return self.dice.random() < 0.5
        if field.sort == "count":
            return self.dice.choice(list(field.among) or [field.least])
        return self.dice.choice(list(field.choices)) if field.sort == "choice" else SAME[field.sort]

    def standing(self, request: Request) -> Standing:
        signing = signing_of(self.session, request)
        papers = tuple(sorted({(one.step, signing.paper(one), one.dropped) for one in request.documents}))
        return request.service, request.state, request.step, papers

    def choices(self, request: Request) -> list[str]:
        """What may happen: the acts offered to staff, those offered to the customer, and what becomes of documents to be signed."""
        step = service_of(request).step(request.step) if request.step else None
        world = WORLD if step is not None and step.does == "sign" and request.state == "open" else ()
        offered = [verb for verb in verbs_of(request) if verb not in ("contract", "go-back")]
        offered += [f"go-back {one.code}" for one in steps_behind(request) if "go-back" in verbs_of(request)]
        return [*offered, *(f"customer {verb}" for verb in customers_verbs_of(request)), *world]

    def chosen(self, request: Request, stands: Standing) -> str | None:
        """What was tried least where it stands, or rather what leads forward; None once each was tried often."""
        order = self.choices(request)
        self.dice.shuffle(order)
        back = "hand-back" if request.documents else None  # once wherever there are papers, then on
        order.sort(key=lambda one: (one != back, one not in FORWARD, one != "give"))
        act = min(order, key=lambda one: self.tried[stands, one] / (4 if one in FORWARD else 1), default=None)
        if act is None or self.tried[stands, act] >= TRIES:
            return None
        self.tried[stands, act] += 1
        return act

    def happens(self, request: Request, act: str) -> None:
        """One of `choices`.

        Raises:
            SonangError: it was refused; nothing of it stays.
        """
        with self.session.begin_nested():
            if act in WORLD:
                self.papers_move(request, act)
                follow(self.session, request.id, self.later())
                return
            what = act.removeprefix("customer ")
            verb, _, step = what.partition(" ")
            actor = Actor("customer", self.customer.id.hex(), "web") if act != what else STAFF
            told = replace(self.told(request, verb), step=step)
            perform(self.session, request.id, verb, actor, self.later(), seen=request.version, told=told)

    def papers_move(self, request: Request, act: str) -> None:
        unsigned = [row for row in signing_of(self.session, request).open if self.session.get(DraftEnding, row.id) is None]
        for row in unsigned if act == "all sign" else unsigned[:1]:
            if act == "one declines":
                ended = DraftEnding(agreement_id=row.id, how="declined", party_id=self.customer.id, reason="thôi", at_s=self.now)
                self.session.add(ended)
            else:
                row.sealed_digest = row.id
        self.session.flush()

    def told(self, request: Request, verb: str) -> Told:
        service, values = service_of(request), dict(values_of(request))
        step = service.step(request.step or "")
        given: dict[str, object] = {}
        if verb == "give":
            given = {one.field.name: values[one.field.name] for one in service.inputs if one.field.name in values}
        if verb == "record":
            given = self.values(step.records, values)
        if verb in ("record", "draft"):
            stands = {one.agreement.kind for one in request.documents if one.step == step.code and not one.dropped}
            for one in produced_by(step, values | given):  # type: ignore[arg-type]
                if one.kind not in stands:
                    place = len(request.documents)
                    request.documents.append(RequestDocument(agreement=self.document(one.kind), place=place, step=step.code, dropped=False))
            self.session.flush()
        return Told(given=given, reason="vì thế", unit=self.unit, papers=self.papers)
