"""`termination-minutes`: a supply contract is wound up: from when it is over, what the meter last showed, and what is still to be paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_choice, check_follows, check_texts, check_whole
from ledger.agreements.kinds.days import OPEN_END, check_day
from ledger.agreements.kinds.figures import day_pair, moment_pair, whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import SUPPLIES
from ledger.agreements.kinds.registers import RegisterReading, check_registers, register_pairs, register_terms
from ledger.errors import InputError, RuleError

NAME = "termination-minutes"
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "customer-request": ("theo đề nghị của Bên B", "at the request of Party B"),
    "holder-change": ("chuyển sang chủ thể hợp đồng mới", "the contract passes to a new holder"),
    "agreement": ("theo thoả thuận của hai bên", "by agreement of both parties"),
    "expired": ("hợp đồng hết thời hạn và không gia hạn", "the contract’s term ended and was not renewed"),
    "no-longer-used": ("Bên B không còn nhu cầu sử dụng điện tại địa điểm này", "Party B no longer needs electricity at this place"),
}


@dataclass(frozen=True)
class TerminationFacts:
    """How one contract is wound up; it is over from the document's first second in force.

    Attributes:
        contract_number, contract_date: the utility's number of the contract, which is the predecessor; the date it bears, `2026-07-06`.
        metering_point, address: customer code and 001; where it is.
        reason: one of `REASONS`.
        meter_serial, registers, read_at: the number on the meter; what it last showed; when both sides read it, Unix seconds.
        multiplier: by how much its transformers multiply a register; 1 without any.
        final_bill_vnd: what the customer owes for all electricity until then, đồng, tax included.
        paid_vnd: what it has paid of that, or in advance.
        settle_by: the day by which the difference is paid; empty when there is none.
    """

    contract_number: str
    contract_date: str
    metering_point: str
    address: str
    reason: str
    meter_serial: str
    registers: tuple[RegisterReading, ...]
    read_at: int
    final_bill_vnd: int
    paid_vnd: int
    multiplier: int = 1
    settle_by: str = ""


def balance_vnd(facts: TerminationFacts) -> int:
    """What the customer still owes, đồng; below zero what the utility pays back."""
    return facts.final_bill_vnd - facts.paid_vnd


def _check(frame: Frame, facts: TerminationFacts) -> None:
    check_follows(frame.predecessor)
    check_texts(
        contract_number=facts.contract_number,
        metering_point=facts.metering_point,
        address=facts.address,
        meter_serial=facts.meter_serial,
    )
    check_choice(facts.reason, REASONS, "reason")
    check_registers(facts.registers, "registers")
    check_whole(facts.multiplier, "multiplier", least=1, most=10**7)
    check_whole(facts.final_bill_vnd, "final_bill_vnd", most=10**12)
    check_whole(facts.paid_vnd, "paid_vnd", most=10**12)
    if check_day(facts.contract_date, "contract_date") > frame.date():
        raise RuleError("the contract is younger than its end", field="contract_date", fix="give the date the contract bears")
    if check_whole(facts.read_at, "read_at", most=OPEN_END) > frame.valid_from:
        raise RuleError(
            "the meter is read after the contract is over", field="read_at", fix=f"give {frame.valid_from} or earlier, or end it later"
        )
    if frame.contract_from is not None and facts.read_at < frame.contract_from:
        fix = f"give {frame.contract_from} or later: what the meter last showed under this contract"
        raise RuleError("the meter is read before the contract began", field="read_at", fix=fix)
    owed = balance_vnd(facts)
    if owed and not facts.settle_by:
        raise InputError(f"{owed} đ are open", field="settle_by", fix="give the day by which the difference is paid")
    if facts.settle_by:
        if not owed:
            raise InputError("nothing is open", field="settle_by", fix="leave it empty")
        check_day(facts.settle_by, "settle_by", not_before=frame.date())


def _own_terms(frame: Frame, facts: TerminationFacts) -> dict[str, object]:
    _check(frame, facts)
    return {
        "contract.date": facts.contract_date,
        "contract.number": facts.contract_number,
        "meter.multiplier": facts.multiplier,
        "meter.read_at": facts.read_at,
        "meter.serial": facts.meter_serial,
        "money.balance_vnd": balance_vnd(facts),
        "money.final_bill_vnd": facts.final_bill_vnd,
        "money.paid_vnd": facts.paid_vnd,
        "money.settle_by": facts.settle_by or None,
        "supply.address": facts.address,
        "supply.metering_point": facts.metering_point,
        "termination.reason": facts.reason,
        **register_terms("meter", facts.registers),
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    pairs = {
        "reason": word_pair(REASONS, terms["termination.reason"]),
        "contract_date": day_pair(terms["contract.date"]),
        "read_at": moment_pair(terms["meter.read_at"], terms["validity.time_zone"]),
        **{name: whole_pair(terms[f"money.{name}"]) for name in ("final_bill_vnd", "paid_vnd")},
        "multiplier": whole_pair(terms["meter.multiplier"]),
        "open_vnd": whole_pair(abs(int(str(terms["money.balance_vnd"])))),
        **register_pairs("meter", terms),
    }
    return pairs | ({"settle_by": day_pair(terms["money.settle_by"])} if terms["money.settle_by"] else {})


KIND = Kind[TerminationFacts](
    name=NAME,
    version=1,
    title_vi="Biên bản thanh lý hợp đồng mua bán điện",
    title_en="Minutes of the winding-up of an electricity contract",
    laws={"contract": "civil-contract", "supply": "electricity-supply"},
    facts=TerminationFacts,
    own_terms=_own_terms,
    pairs=_pairs,
    follows=(*SUPPLIES, "rooftop-surplus-sale"),
)
