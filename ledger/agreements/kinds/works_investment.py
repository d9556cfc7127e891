"""`works-investment`: utility and customer pay for electrical works together; who pays what, when, and who owns them then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.agreements.kinds.checks import check_choice, check_count, check_texts, check_whole
from ledger.agreements.kinds.figures import whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import INVESTORS
from ledger.agreements.kinds.works import WorkItem, check_items, check_times, item_pairs, item_terms, time_pairs, time_terms, warranty_ends
from ledger.errors import RuleError

NAME = "works-investment"


@dataclass(frozen=True)
class Instalment:
    """A part of the customer's share, due at a milestone.

    Attributes:
        milestone: what makes it due.
        percent: how much of the share.
    """

    milestone: str
    percent: int


@dataclass(frozen=True)
class WorksInvestmentFacts:
    """What is built and who pays for it.

    Attributes:
        request_code: the utility's code of the request it belongs to.
        works, place: name of the works; where they are built.
        items: what they consist of, with prices before value-added tax.
        utility_vnd, customer_vnd: the utility's share, đồng before tax; the customer's share, together with it what the items cost.
        instalments: when the customer's share is due; per cent that sum to 100, and empty when the customer pays nothing.
        start_on, finish_by: the day the works begin, `2026-07-06`; the day they are finished by.
        warranty_months: for how long the builder repairs what fails.
        owner: whose the works are afterwards, one of `INVESTORS`.
    """

    request_code: str
    works: str
    place: str
    items: tuple[WorkItem, ...]
    utility_vnd: int
    customer_vnd: int
    instalments: tuple[Instalment, ...]
    start_on: str
    finish_by: str
    warranty_months: int
    owner: str


def _check(frame: Frame, facts: WorksInvestmentFacts) -> None:
    check_texts(request_code=facts.request_code, works=facts.works, place=facts.place)
    cost = check_items(facts.items, "items")
    check_whole(facts.utility_vnd, "utility_vnd")
    check_whole(facts.customer_vnd, "customer_vnd")
    if facts.utility_vnd + facts.customer_vnd != cost:
        raise RuleError(
            f"the shares sum to {facts.utility_vnd + facts.customer_vnd} đ, the works cost {cost} đ",
            field="customer_vnd",
            fix=f"share out {cost} đ exactly",
        )
    check_instalments(facts.instalments, "instalments", paid=facts.customer_vnd > 0)
    check_times(facts, frame.date())
    check_choice(facts.owner, INVESTORS, "owner")


def check_instalments(instalments: tuple[Instalment, ...], field: str, *, paid: bool) -> None:
    """Parts of a payment that together are the whole of it.

    Raises:
        InputError: none though something is paid, some though nothing is, or one is malformed.
        RuleError: they do not sum to 100 per cent.
    """
    check_count(instalments, field, least=1 if paid else 0, most=10 if paid else 0)
    for place, one in enumerate(instalments):
        check_texts(f"{field}[{place}].", milestone=one.milestone)
        check_whole(one.percent, f"{field}[{place}].percent", least=1, most=100)
    if paid and (percent := sum(one.percent for one in instalments)) != 100:
        raise RuleError(f"they sum to {percent} %", field=field, fix="give whole per cent that sum to 100")


def instalment_terms(instalments: tuple[Instalment, ...]) -> dict[str, object]:
    """Terms of the parts of a payment, such as `instalment.1.percent`."""
    terms: dict[str, object] = {}
    for number, one in enumerate(instalments, start=1):
        terms[f"instalment.{number}.milestone"] = one.milestone
        terms[f"instalment.{number}.percent"] = one.percent
    return terms


def _own_terms(frame: Frame, facts: WorksInvestmentFacts) -> dict[str, object]:
    _check(frame, facts)
    return {
        "cost.customer_vnd": facts.customer_vnd,
        "cost.total_vnd": facts.utility_vnd + facts.customer_vnd,
        "cost.utility_vnd": facts.utility_vnd,
        "document.request_code": facts.request_code,
        "works.name": facts.works,
        "works.owner": facts.owner,
        "works.place": facts.place,
        **instalment_terms(facts.instalments),
        **item_terms(facts.items),
        **time_terms(facts),
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    return {
        **time_pairs(terms),
        **{name: whole_pair(terms[f"cost.{name}"]) for name in ("customer_vnd", "total_vnd", "utility_vnd")},
        **item_pairs(terms),
        "owner": word_pair(INVESTORS, terms["works.owner"]),
    }


KIND = Kind[WorksInvestmentFacts](
    name=NAME,
    version=1,
    title_vi="Hợp đồng đầu tư xây dựng công trình điện",
    title_en="Contract on investment in electrical works",
    laws={"contract": "civil-contract", "supply": "electricity-supply"},
    facts=WorksInvestmentFacts,
    valid_to=warranty_ends,
    own_terms=_own_terms,
    pairs=_pairs,
)
