"""`connection-agreement`: a medium-voltage customer's installation is joined to the utility's grid, at one point, under conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.agreements.kinds.checks import check_choice, check_texts, check_whole
from ledger.agreements.kinds.days import check_day
from ledger.agreements.kinds.figures import day_pair, hundredths_pair, thousandths_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import INVESTORS, MEDIUM_VOLTAGES_V, METERINGS, PURPOSES, check_metering_at
from ledger.errors import InputError, RuleError

NAME = "connection-agreement"


@dataclass(frozen=True)
class ConnectionAgreementFacts:
    """One installation and the point at which it is connected.

    Attributes:
        request_code: the utility's code of the request it answers.
        installation, address: what is connected; where it stands.
        purpose: what electricity is used for, one of `PURPOSES`.
        voltage_v: nominal voltage at the point, V.
        feeder, connection_point: the line; the pole or cubicle at which it is connected.
        boundary: where the utility's installation ends and the customer's begins.
        transformer_va, capacity_w: rating of the transformers altogether, VA; highest load, W.
        power_factor_hundredths: least power factor (cos φ) the customer keeps, hundredths.
        switching, protection: the switchgear at the point; the relays or fuses at the point.
        metering, meter_place: how it is metered; where the meter hangs.
        line_investor: who builds the line up to the boundary, one of `INVESTORS`.
        energise_by: the day by which it is switched on once it has been accepted, `2026-08-15`.
    """

    request_code: str
    installation: str
    address: str
    purpose: str
    voltage_v: int
    feeder: str
    connection_point: str
    boundary: str
    transformer_va: int
    capacity_w: int
    power_factor_hundredths: int
    switching: str
    protection: str
    metering: str
    meter_place: str
    line_investor: str
    energise_by: str


def _check(frame: Frame, facts: ConnectionAgreementFacts) -> None:
    check_texts(
        request_code=facts.request_code,
        installation=facts.installation,
        address=facts.address,
        feeder=facts.feeder,
        connection_point=facts.connection_point,
        boundary=facts.boundary,
        switching=facts.switching,
        protection=facts.protection,
        meter_place=facts.meter_place,
    )
    check_choice(facts.purpose, PURPOSES, "purpose")
    check_choice(facts.line_investor, INVESTORS, "line_investor")
    check_choice(facts.metering, METERINGS, "metering")
    if facts.voltage_v not in MEDIUM_VOLTAGES_V:
        raise InputError(
            f"{facts.voltage_v!r} V is no medium voltage", field="voltage_v", fix=f"give one of {', '.join(map(str, MEDIUM_VOLTAGES_V))}"
        )
    check_metering_at(facts.voltage_v, facts.metering)
    check_whole(facts.transformer_va, "transformer_va", least=1, most=10**9)
    check_whole(facts.power_factor_hundredths, "power_factor_hundredths", least=1, most=100)
    if check_whole(facts.capacity_w, "capacity_w", least=1, most=10**9) > facts.transformer_va:
        raise RuleError(
            f"{facts.capacity_w} W is more than transformers of {facts.transformer_va} VA carry",
            field="capacity_w",
            fix=f"give {facts.transformer_va} W at most, or larger transformers",
        )
    check_day(facts.energise_by, "energise_by", not_before=frame.date())


def _own_terms(frame: Frame, facts: ConnectionAgreementFacts) -> dict[str, object]:
    _check(frame, facts)
    return {
        "connection.boundary": facts.boundary,
        "connection.energise_by": facts.energise_by,
        "connection.feeder": facts.feeder,
        "connection.line_investor": facts.line_investor,
        "connection.point": facts.connection_point,
        "connection.power_factor_hundredths": facts.power_factor_hundredths,
        "connection.protection": facts.protection,
        "connection.switching": facts.switching,
        "connection.transformer_va": facts.transformer_va,
        "connection.voltage_v": facts.voltage_v,
        "document.request_code": facts.request_code,
        "supply.address": facts.address,
        "supply.capacity_w": facts.capacity_w,
        "supply.installation": facts.installation,
        "supply.meter_place": facts.meter_place,
        "supply.metering": facts.metering,
        "supply.purpose": facts.purpose,
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    return {
        "purpose": word_pair(PURPOSES, terms["supply.purpose"]),
        "metering": word_pair(METERINGS, terms["supply.metering"]),
        "line_investor": word_pair(INVESTORS, terms["connection.line_investor"]),
        "energise_by": day_pair(terms["connection.energise_by"]),
        "voltage_kv": thousandths_pair(terms["connection.voltage_v"]),
        "capacity_kw": thousandths_pair(terms["supply.capacity_w"]),
        "transformer_kva": thousandths_pair(terms["connection.transformer_va"]),
        "power_factor": hundredths_pair(terms["connection.power_factor_hundredths"]),
    }


KIND = Kind[ConnectionAgreementFacts](
    name=NAME,
    version=1,
    title_vi="Thoả thuận đấu nối vào lưới điện trung áp",
    title_en="Agreement on connection to the medium-voltage grid",
    laws={"supply": "electricity-supply"},
    facts=ConnectionAgreementFacts,
    own_terms=_own_terms,
    pairs=_pairs,
)
