"""What the services' documents need is there to be had: kinds, facts, terms and words fit between the two rooms."""

from __future__ import annotations

import pytest

from ledger.agreements.kinds import KINDS, amendment_annex, meter_minutes, termination_minutes
from ledger.agreements.kinds.amendable import AMENDABLE
from ledger.agreements.kinds.purposes import INVESTORS, PURPOSES
from ledger.services.annexes import ANNEX_FACTS
from ledger.services.catalogue import KNOWN, Produced, Service, catalogue
from ledger.services.documents import fact_names

MADE = [(service, document) for service in catalogue() for step in service.steps for document in step.documents]
WORDS = {
    ("meter-minutes", "act"): meter_minutes.ACTS,
    ("meter-minutes", "reason"): meter_minutes.REASONS,
    ("amendment-annex", "reason"): amendment_annex.REASONS,
    ("termination-minutes", "reason"): termination_minutes.REASONS,
    ("connection-plan", "line_investor"): INVESTORS,
    ("works-investment", "owner"): INVESTORS,
}
"""What a fact that the configuration states may be."""


def test_the_services_produce_every_document_but_the_sale_of_surplus() -> None:
    assert {document.kind for _, document in MADE} == set(KINDS) - {"rooftop-surplus-sale"}
    assert all(set(service.kinds()) <= set(KINDS) for service in catalogue())


@pytest.mark.parametrize(("service", "document"), MADE, ids=lambda one: str(getattr(one, "code", None) or one.kind))
def test_a_document_takes_its_facts_from_what_there_is(service: Service, document: Produced) -> None:
    facts = {name for name, _ in fact_names(document.kind)}
    fields = {field.name for field in service.fields()}
    assert set(document.facts) <= facts
    for fact, source in document.facts.items():
        if source.startswith("="):
            assert source[1:] in WORDS[document.kind, fact]
        else:
            assert source in fields | set(KNOWN)
    assert set(document.changes) <= set(AMENDABLE)
    assert set(document.changes.values()) <= fields
    assert not document.changes or set(ANNEX_FACTS) <= facts
    assert KINDS[document.kind].signs[-1] == "utility"


@pytest.mark.parametrize(("service", "document"), MADE, ids=lambda one: str(getattr(one, "code", None) or one.kind))
def test_what_follows_a_contract_is_made_where_there_is_one(service: Service, document: Produced) -> None:
    before = [one.relation for one in service.steps if document not in one.documents for one in one.documents]
    assert document.relation in ("contract", "new") or service.of_contract or "contract" in before


def test_words_of_fields_are_the_words_of_documents() -> None:
    fields = {field.name: field for service in catalogue() for field in service.fields()}
    assert set(fields["purpose"].choices) == set(PURPOSES)
    assert set(fields["investor"].choices) == set(INVESTORS)
    assert set(fields["end_reason"].choices) <= set(termination_minutes.REASONS)
