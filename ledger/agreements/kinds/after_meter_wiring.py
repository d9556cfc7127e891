"""`after-meter-wiring`: the utility installs what lies behind a customer's meter, as a service with a price, a term and a warranty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.agreements.kinds.checks import check_choice, check_texts
from ledger.agreements.kinds.figures import whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import INVESTORS
from ledger.agreements.kinds.works import WorkItem, check_items, check_times, item_pairs, item_terms, time_pairs, time_terms, warranty_ends
from ledger.agreements.kinds.works_investment import Instalment, check_instalments, instalment_terms

NAME = "after-meter-wiring"


@dataclass(frozen=True)
class AfterMeterWiringFacts:
    """What is installed in one place behind its meter.

    Attributes:
        request_code: the utility's code of the request it answers.
        address: where it is installed.
        scope: what the service is, in one sentence.
        items: labour and materials, with prices before value-added tax.
        materials_by: who brings the materials, one of `INVESTORS`.
        instalments: when the price is due; per cent that sum to 100.
        start_on, finish_by: the day the work begins, `2026-07-06`; the day it is finished by.
        warranty_months: for how long the utility repairs its work free of charge.
    """

    request_code: str
    address: str
    scope: str
    items: tuple[WorkItem, ...]
    materials_by: str
    instalments: tuple[Instalment, ...]
    start_on: str
    finish_by: str
    warranty_months: int


def _check(frame: Frame, facts: AfterMeterWiringFacts) -> None:
    check_texts(request_code=facts.request_code, address=facts.address, scope=facts.scope)
    check_items(facts.items, "items")
    check_choice(facts.materials_by, INVESTORS, "materials_by")
    check_instalments(facts.instalments, "instalments", paid=True)
    check_times(facts, frame.date())


def _own_terms(frame: Frame, facts: AfterMeterWiringFacts) -> dict[str, object]:
    _check(frame, facts)
    return {
        "cost.total_vnd": check_items(facts.items, "items"),
        "document.request_code": facts.request_code,
        "supply.address": facts.address,
        "works.materials_by": facts.materials_by,
        "works.scope": facts.scope,
        **instalment_terms(facts.instalments),
        **item_terms(facts.items),
        **time_terms(facts),
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    return {
        **time_pairs(terms),
        **item_pairs(terms),
        "total_vnd": whole_pair(terms["cost.total_vnd"]),
        "materials_by": word_pair(INVESTORS, terms["works.materials_by"]),
    }


KIND = Kind[AfterMeterWiringFacts](
    name=NAME,
    version=1,
    title_vi="Hợp đồng dịch vụ lắp đặt hệ thống điện sau công tơ",
    title_en="Contract for electrical installation behind the meter",
    laws={"contract": "civil-contract"},
    facts=AfterMeterWiringFacts,
    valid_to=warranty_ends,
    own_terms=_own_terms,
    pairs=_pairs,
)
