"""Documents of any kind are drafted between those the kind names, for a unit, on a template that stays on record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ledger.agreements import casting, commands
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import KINDS, facts_from, kind_named
from ledger.agreements.model import AgreementRow
from ledger.agreements.rules import check_lookup_code
from ledger.agreements.sealed import read_sealed
from ledger.errors import ConflictError, InputError, NotFoundError, RuleError
from ledger.parties.commands import draft_party, draft_unit
from ledger.parties.model import Party
from ledger.parties.queries import unit_by_code
from ledger.protocol.quantities import hex0x
from ledger.transparency.model import LogEntry
from scripts.sample import START
from tests.ledger.agreements.supply_samples import GIVEN
from tests.ledger.agreements.town import FOREVER, Town

KIND = "supply-residential"


def draft(town: Town, session: Session, *parties: Party, **other: Any) -> AgreementRow:
    given = {"valid_from": START, "deadline": FOREVER} | other
    return draft_agreement(session, town.store, parties=parties, kind=KIND, facts=facts_from(KIND, GIVEN[KIND]), **given)


def test_a_cast_contract_is_signed_sealed_and_logged_under_its_unit(town: Town, session: Session) -> None:
    customer, utility = town.party(session, "PE15000123456", "customer"), town.party(session, "utility", "utility")
    unit = draft_unit(session, code="PE1500", name="Điện lực Tân Thuận")
    contract = draft(town, session, customer, utility, unit=unit, renderer=casting.render_fast)
    town.sign_both(session, contract)
    commands.seal_and_record(session, town.calls, town.store, contract)
    read = read_sealed(town.store.read(contract.id))
    said = {leaf.path: leaf.value for leaf in read.content.terms}
    assert said["document.template"] == f'"{hex0x(contract.template_digest or b"")}"'
    assert (contract.template_digest, contract.kind_version) == (kind_named(KIND).template_digest(), kind_named(KIND).version)
    assert (contract.family, contract.predecessor) == (contract.id, None)
    assert session.scalars(select(LogEntry.unit).where(LogEntry.document == contract.id)).all() == [unit.id]
    assert unit_by_code(session, "PE1500") is unit
    assert check_lookup_code(contract.lookup_code.lower()) == contract.lookup_code


def test_a_customer_without_a_key_has_documents_but_signs_none_by_key(town: Town, session: Session) -> None:
    customer = draft_party(session, label="home", role="customer", name="Nguyễn Thị Hoà", signer=None)
    contract = draft(town, session, customer, town.party(session, "utility", "utility"))
    assert contract.owner is customer
    with pytest.raises(RuleError, match="no key of its own") as refused:
        commands.sign_agreement(session, town.gateway.deployment, contract, customer, signature=bytes(65))
    assert "one-time code" in refused.value.fix


def test_who_may_sign_is_the_kinds_to_say(town: Town, session: Session) -> None:
    owner, utility, oracle = (town.party(session, role, role) for role in ("owner", "utility", "oracle"))
    assert draft(town, session, owner, utility).owner is owner
    for customer, other in ((oracle, utility), (utility, owner)):
        with pytest.raises(InputError, match="in order: customer, utility"):
            draft(town, session, customer, other)
    assert all(one.signs[-1] == "utility" and set(one.signs) <= {"customer", "owner", "utility"} for one in KINDS.values())


def test_a_document_beside_a_contract_joins_its_family_and_names_it(town: Town, session: Session) -> None:
    customer, utility = town.party(session, "home", "customer"), town.party(session, "utility", "utility")
    first = draft(town, session, customer, utility)
    with pytest.raises(RuleError, match="never sealed"):
        draft(town, session, customer, utility, predecessor=first)
    town.sign_both(session, first)
    commands.seal_and_record(session, town.calls, town.store, first)
    stranger = town.party(session, "other", "customer")
    then = first.valid_from
    second = draft(town, session, customer, utility, valid_from=then, deadline=then, supersedes=first, renderer=casting.render_fast)
    assert (second.family, second.supersedes) == (first.id, first.id)
    with pytest.raises(RuleError, match="another pair"):
        draft(town, session, stranger, utility, deadline=START, supersedes=first)


def test_units_are_told_apart_by_their_codes(session: Session) -> None:
    draft_unit(session, code="PA01HH", name="Điện lực Hoà Hải")
    with pytest.raises(ConflictError, match="is taken"):
        draft_unit(session, code="PA01HH", name="khác")
    with pytest.raises(InputError):
        draft_unit(session, code="", name="khác")
    with pytest.raises(NotFoundError, match="no unit"):
        unit_by_code(session, "PA01XX")
    assert session.scalar(text("SELECT octet_length(id) FROM unit")) == 32


def test_a_new_version_of_a_kind_has_another_template_digest() -> None:
    form = kind_named(KIND)
    later = replace(form, version=form.version + 1)
    assert later.template_digest() != form.template_digest()
