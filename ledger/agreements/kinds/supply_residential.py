"""`supply-residential`: a household buys electricity. Seven pages: two of particulars and five of general terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_whole
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.supply import LAWS, SupplyFacts, supply_ends, supply_pairs, supply_terms

NAME: Final = "supply-residential"
TARIFF: Final = ("giá bán lẻ điện sinh hoạt, theo bậc, mỗi hộ một định mức", "residential retail price in tiers, one norm a household")


@dataclass(frozen=True, kw_only=True)
class ResidentialFacts(SupplyFacts):
    """A household's supply; `households`: how many share the meter, each with a norm of its own."""

    households: int = 1


def _own_terms(_frame: Frame, facts: ResidentialFacts) -> dict[str, object]:
    return supply_terms(facts, "residential") | {"supply.households": check_whole(facts.households, "households", least=1, most=10_000)}


def _pairs(terms: Mapping[str, object]) -> Pairs:
    return supply_pairs(terms) | {"tariff": TARIFF}


KIND = Kind[ResidentialFacts](
    name=NAME,
    version=1,
    title_vi="Hợp đồng mua bán điện phục vụ mục đích sinh hoạt",
    title_en="Contract for the supply of electricity to a household",
    laws=LAWS,
    facts=ResidentialFacts,
    valid_to=supply_ends,
    own_terms=_own_terms,
    pairs=_pairs,
    replaces=("amendment-annex",),
    fixed_pages=5,
)
