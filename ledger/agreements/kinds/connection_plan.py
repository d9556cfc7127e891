"""`connection-plan`: how a place will be supplied, agreed before anything is built: from where, up to where, metered how, by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_choice, check_texts, check_whole
from ledger.agreements.kinds.days import check_day, day_begins
from ledger.agreements.kinds.figures import day_pair, thousandths_pair, whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import INVESTORS, METERINGS, PURPOSES
from ledger.errors import RuleError

NAME = "connection-plan"
PHASE_VOLTAGES: Final = {1: 220, 3: 380}
"""Nominal voltage, V, of single-phase and of three-phase supply; a connection to the medium-voltage grid has an agreement of its own."""
LOW_VOLTAGES_V: Final = tuple(PHASE_VOLTAGES.values())


@dataclass(frozen=True)
class ConnectionPlanFacts:
    """How one place is to be supplied.

    Attributes:
        request_code: the utility's code of the request it answers.
        address: where electricity will be used.
        purpose: what for, one of `PURPOSES`.
        capacity_w: highest load the customer asked for, W.
        phases, voltage_v: 1 or 3; nominal voltage, V, one of `LOW_VOLTAGES_V`.
        supply_point: the pole, box or feeder it is supplied from.
        boundary: where the utility's installation ends and the customer's begins.
        service_line, service_length_m: the cable from the supply point to the meter; its length, m.
        metering, meter_place: how it is metered, one of `METERINGS`; where the meter hangs.
        line_investor: who builds the line up to the boundary, one of `INVESTORS`.
        supply_by: the day by which it will be supplied, `2026-07-06`.
        lapses_on: the day from which the plan no longer binds anybody when nothing was built.
    """

    request_code: str
    address: str
    purpose: str
    capacity_w: int
    phases: int
    voltage_v: int
    supply_point: str
    boundary: str
    service_line: str
    service_length_m: int
    metering: str
    meter_place: str
    line_investor: str
    supply_by: str
    lapses_on: str


def _valid_to(frame: Frame, facts: ConnectionPlanFacts) -> int:
    return day_begins(check_day(facts.lapses_on, "lapses_on"), frame.time_zone)


def _check(frame: Frame, facts: ConnectionPlanFacts) -> None:
    check_texts(
        request_code=facts.request_code,
        address=facts.address,
        supply_point=facts.supply_point,
        boundary=facts.boundary,
        service_line=facts.service_line,
        meter_place=facts.meter_place,
    )
    check_choice(facts.purpose, PURPOSES, "purpose")
    check_choice(facts.metering, METERINGS, "metering")
    check_choice(facts.line_investor, INVESTORS, "line_investor")
    check_whole(facts.capacity_w, "capacity_w", least=1, most=10**9)
    check_whole(facts.service_length_m, "service_length_m", most=100_000)
    check_choice(str(facts.phases), [str(count) for count in PHASE_VOLTAGES], "phases")
    if facts.voltage_v != PHASE_VOLTAGES[facts.phases]:
        problem = f"{facts.phases}-phase supply at {facts.voltage_v!r} V"
        raise RuleError(problem, field="voltage_v", fix=f"give {PHASE_VOLTAGES[facts.phases]}, or other phases")
    supply_by = check_day(facts.supply_by, "supply_by", not_before=frame.date())
    check_day(facts.lapses_on, "lapses_on", not_before=supply_by)


def _own_terms(frame: Frame, facts: ConnectionPlanFacts) -> dict[str, object]:
    _check(frame, facts)
    return {
        "document.request_code": facts.request_code,
        "plan.lapses_on": facts.lapses_on,
        "plan.supply_by": facts.supply_by,
        "supply.address": facts.address,
        "supply.boundary": facts.boundary,
        "supply.capacity_w": facts.capacity_w,
        "supply.line_investor": facts.line_investor,
        "supply.meter_place": facts.meter_place,
        "supply.metering": facts.metering,
        "supply.phases": facts.phases,
        "supply.point": facts.supply_point,
        "supply.purpose": facts.purpose,
        "supply.service_length_m": facts.service_length_m,
        "supply.service_line": facts.service_line,
        "supply.voltage_v": facts.voltage_v,
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    return {
        "purpose": word_pair(PURPOSES, terms["supply.purpose"]),
        "metering": word_pair(METERINGS, terms["supply.metering"]),
        "line_investor": word_pair(INVESTORS, terms["supply.line_investor"]),
        "supply_by": day_pair(terms["plan.supply_by"]),
        "lapses_on": day_pair(terms["plan.lapses_on"]),
        "capacity_kw": thousandths_pair(terms["supply.capacity_w"]),
        "voltage": whole_pair(terms["supply.voltage_v"]),
        "length_m": whole_pair(terms["supply.service_length_m"]),
    }


KIND = Kind[ConnectionPlanFacts](
    name=NAME,
    version=1,
    title_vi="Thoả thuận phương án cấp điện",
    title_en="Agreement on the plan of supply",
    laws={"supply": "electricity-supply"},
    facts=ConnectionPlanFacts,
    valid_to=_valid_to,
    own_terms=_own_terms,
    pairs=_pairs,
)
