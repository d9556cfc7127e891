"""`purpose-share-minutes`: electricity behind one meter serves several purposes; which share is billed at which price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_choice, check_count, check_follows, check_lasts, check_texts, check_whole
from ledger.agreements.kinds.figures import word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import PURPOSES, SUPPLIES
from ledger.errors import RuleError

NAME = "purpose-share-minutes"
BASES: Final[Mapping[str, tuple[str, str]]] = {
    "equipment-survey": (
        "khảo sát công suất và thời gian sử dụng của các thiết bị điện",
        "a survey of the appliances’ ratings and hours of use",
    ),
    "sub-meter": ("chỉ số của công tơ phụ do hai bên cùng đọc", "sub-meters read by both sides together"),
    "past-use": ("điện năng sử dụng thực tế của các kỳ trước", "actual use in earlier billing periods"),
}
"""What the shares were found from."""


@dataclass(frozen=True)
class PurposeShare:
    """The share of one purpose.

    Attributes:
        purpose: one of `PURPOSES`.
        percent: whole per cent of the energy the meter records.
    """

    purpose: str
    percent: int


@dataclass(frozen=True)
class PurposeShareFacts:
    """How the energy of one meter is divided between purposes from the document's first second in force.

    Attributes:
        contract_number: the utility's number of the contract; the document's predecessor is that contract.
        metering_point, address: customer code and 001; where it is.
        shares: two purposes or more, whole per cent that sum to 100.
        basis: what they were found from, one of `BASES`.
        findings: what was found, in one sentence.
    """

    contract_number: str
    metering_point: str
    address: str
    shares: tuple[PurposeShare, ...]
    basis: str
    findings: str


def _check(frame: Frame, facts: PurposeShareFacts) -> None:
    check_follows(frame.predecessor)
    check_lasts(frame.valid_from, frame.contract_until)
    check_texts(contract_number=facts.contract_number, metering_point=facts.metering_point, address=facts.address, findings=facts.findings)
    check_choice(facts.basis, BASES, "basis")
    check_count(facts.shares, "shares", least=2, most=len(PURPOSES))
    for place, share in enumerate(facts.shares):
        check_choice(share.purpose, PURPOSES, f"shares[{place}].purpose")
        check_whole(share.percent, f"shares[{place}].percent", least=1, most=99)
        if share.purpose in {earlier.purpose for earlier in facts.shares[:place]}:
            raise RuleError(f"{share.purpose} has a share already", field=f"shares[{place}].purpose", fix="give each purpose one share")
    if (percent := sum(share.percent for share in facts.shares)) != 100:
        raise RuleError(f"the shares sum to {percent} %", field="shares", fix="give whole per cent that sum to 100")


def _own_terms(frame: Frame, facts: PurposeShareFacts) -> dict[str, object]:
    _check(frame, facts)
    terms: dict[str, object] = {
        "contract.number": facts.contract_number,
        "purpose.basis": facts.basis,
        "purpose.findings": facts.findings,
        "supply.address": facts.address,
        "supply.metering_point": facts.metering_point,
    }
    return terms | {f"purpose.share.{share.purpose}_percent": share.percent for share in facts.shares}


def _pairs(terms: Mapping[str, object]) -> Pairs:
    return {
        "basis": word_pair(BASES, terms["purpose.basis"]),
        **{f"purpose.{code}": words for code, words in PURPOSES.items()},
    }


KIND = Kind[PurposeShareFacts](
    name=NAME,
    version=1,
    title_vi="Biên bản thoả thuận tỷ lệ mục đích sử dụng điện",
    title_en="Minutes on the shares of purposes of use",
    laws={"supply": "electricity-supply", "tariff": "retail-tariff"},
    facts=PurposeShareFacts,
    own_terms=_own_terms,
    pairs=_pairs,
    follows=SUPPLIES,
)
