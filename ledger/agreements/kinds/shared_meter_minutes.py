"""`shared-meter-minutes`: several households use one meter; how many norms widen the tiers of its bill, counted without a fraction lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from ledger.agreements.kinds.checks import check_choice, check_count, check_follows, check_lasts, check_texts, check_whole
from ledger.agreements.kinds.figures import word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import SUPPLIES
from ledger.errors import RuleError
from ledger.law.entries import law_on

NAME = "shared-meter-minutes"
MOST_HOUSEHOLDS = 60
HOUSEHOLDS: Final[Mapping[str, tuple[str, str]]] = {
    "resident": ("hộ gia đình", "household"),
    "tenants": ("người thuê nhà", "tenants"),
}
"""A household has a norm of its own; tenants are counted by head."""


@dataclass(frozen=True)
class SharingHousehold:
    """One household behind the meter, or the tenants of one room or house.

    Attributes:
        name: who speaks for it; of the households that sign, the name of the signing party.
        kind: one of `HOUSEHOLDS`.
        people: how many live there.
    """

    name: str
    kind: str
    people: int


@dataclass(frozen=True)
class SharedMeterFacts:
    """Who shares one meter from the document's first second in force.

    Attributes:
        contract_number: the utility's number of the contract; the document's predecessor is that contract.
        metering_point, address: customer code and 001; where it is.
        households: all of them, the contract's holder among them.
    """

    contract_number: str
    metering_point: str
    address: str
    households: tuple[SharingHousehold, ...]


def norm_parts(households: Sequence[SharingHousehold], tenants_per_norm: int) -> int:
    """The norms of all of them, in parts of which `tenants_per_norm` make one: a household has one norm, a tenant one part."""
    return sum(tenants_per_norm if household.kind == "resident" else household.people for household in households)


def _check(frame: Frame, facts: SharedMeterFacts) -> None:
    check_follows(frame.predecessor)
    check_lasts(frame.valid_from, frame.contract_until)
    check_texts(contract_number=facts.contract_number, metering_point=facts.metering_point, address=facts.address)
    check_count(facts.households, "households", least=1, most=MOST_HOUSEHOLDS)
    names: list[str] = []
    for place, household in enumerate(facts.households):
        at = f"households[{place}]."
        check_texts(at, name=household.name)
        check_choice(household.kind, HOUSEHOLDS, at + "kind")
        check_whole(household.people, at + "people", least=1, most=200)
        names.append(household.name)
    if len(facts.households) == 1 and facts.households[0].kind == "resident":
        raise RuleError("one household alone shares with nobody", field="households", fix="name every household behind the meter")
    for party in frame.parties[:-1]:
        if party.name not in names:
            raise RuleError(f"{party.name} signs but is no household", field="households", fix="name the household of each who signs")


def _own_terms(frame: Frame, facts: SharedMeterFacts) -> dict[str, object]:
    _check(frame, facts)
    per_norm = law_on("household-norm", frame.date()).number("tenants_per_norm")
    terms: dict[str, object] = {
        "contract.number": facts.contract_number,
        "norm.households": len(facts.households),
        "norm.parts": norm_parts(facts.households, per_norm),
        "norm.parts_per_norm": per_norm,
        "norm.people": sum(household.people for household in facts.households),
        "supply.address": facts.address,
        "supply.metering_point": facts.metering_point,
    }
    for number, household in enumerate(facts.households, start=1):
        terms |= {f"household.{number}.{name}": value for name, value in vars(household).items()}
        terms[f"household.{number}.parts"] = norm_parts([household], per_norm)
    return terms


def _norms(parts: object, per_norm: object) -> tuple[str, str]:
    """Parts as norms: a whole number and, where something is left, a fraction such as `2 1/4`."""
    whole, rest = divmod(cast(int, parts), cast(int, per_norm))
    fraction = f"{rest}/{per_norm}" if rest else ""
    text = " ".join(piece for piece in (str(whole) if whole or not rest else "", fraction) if piece)
    return text, text


def _pairs(terms: Mapping[str, object]) -> Pairs:
    pairs = {"norms": _norms(terms["norm.parts"], terms["norm.parts_per_norm"])}
    for number in range(1, cast(int, terms["norm.households"]) + 1):
        at = f"household.{number}"
        pairs[f"{at}.kind"] = word_pair(HOUSEHOLDS, terms[f"{at}.kind"])
        pairs[f"{at}.norms"] = _norms(terms[f"{at}.parts"], terms["norm.parts_per_norm"])
    return pairs


KIND = Kind[SharedMeterFacts](
    name=NAME,
    version=1,
    title_vi="Biên bản xác nhận các hộ dùng chung công tơ",
    title_en="Minutes of the households that share a meter",
    laws={"norm": "household-norm", "supply": "electricity-supply"},
    facts=SharedMeterFacts,
    own_terms=_own_terms,
    pairs=_pairs,
    customers=MOST_HOUSEHOLDS,
    follows=SUPPLIES,
)
