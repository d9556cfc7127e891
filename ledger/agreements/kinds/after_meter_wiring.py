"""`after-meter-wiring`: the utility installs what lies behind a customer's meter, as a service with a price, a term and a warranty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.agreements.kinds.checks import check_choice, check_texts, check_whole
from ledger.agreements.kinds.days import check_day, day_begins, months_later
from ledger.agreements.kinds.figures import day_pair, whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import INVESTORS
from ledger.agreements.kinds.works import WorkItem, check_items, item_pairs, item_terms
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
        start_on, finish_by: days of the beginning and the end of the work.
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


def _valid_to(frame: Frame, facts: AfterMeterWiringFacts) -> int:
    months = check_whole(facts.warranty_months, "warranty_months", most=120)
    return day_begins(months_later(check_day(facts.finish_by, "finish_by"), months), frame.time_zone)


def _check(frame: Frame, facts: AfterMeterWiringFacts) -> None:
    check_texts(request_code=facts.request_code, address=facts.address, scope=facts.scope)
    check_items(facts.items, "items")
    check_choice(facts.materials_by, INVESTORS, "materials_by")
    check_instalments(facts.instalments, "instalments", paid=True)
    start = check_day(facts.start_on, "start_on", not_before=frame.date())
    check_day(facts.finish_by, "finish_by", not_before=start)
    check_whole(facts.warranty_months, "warranty_months", least=1, most=120)


def _own_terms(frame: Frame, facts: AfterMeterWiringFacts) -> dict[str, object]:
    _check(frame, facts)
    finish = check_day(facts.finish_by, "finish_by")
    return {
        "cost.total_vnd": check_items(facts.items, "items"),
        "document.request_code": facts.request_code,
        "supply.address": facts.address,
        "works.finish_by": facts.finish_by,
        "works.materials_by": facts.materials_by,
        "works.scope": facts.scope,
        "works.start_on": facts.start_on,
        "works.warranty_ends_on": months_later(finish, facts.warranty_months).isoformat(),
        "works.warranty_months": facts.warranty_months,
        **instalment_terms(facts.instalments),
        **item_terms(facts.items),
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    return {
        **{name: day_pair(terms[f"works.{name}"]) for name in ("finish_by", "start_on", "warranty_ends_on")},
        **item_pairs(terms),
        "total_vnd": whole_pair(terms["cost.total_vnd"]),
        "materials_by": word_pair(INVESTORS, terms["works.materials_by"]),
    }


KIND = Kind[AfterMeterWiringFacts](
    name=NAME,
    version=1,
    title_vi="Hợp đồng dịch vụ lắp đặt hệ thống điện sau công tơ",
    title_en="Contract for electrical installation behind the meter",
    template="after_meter_wiring.typ",
    signs=("customer", "utility"),
    laws={"contract": "civil-contract"},
    facts=AfterMeterWiringFacts,
    valid_to=_valid_to,
    own_terms=_own_terms,
    pairs=_pairs,
)
