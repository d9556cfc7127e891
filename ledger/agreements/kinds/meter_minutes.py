"""`meter-minutes`: a meter was hung, taken down or changed: which one, when, what it showed, how it was sealed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ledger.agreements.kinds.checks import check_choice, check_count, check_follows, check_lasts, check_texts, check_whole
from ledger.agreements.kinds.days import check_day
from ledger.agreements.kinds.figures import day_pair, whole_pair, word_pair
from ledger.agreements.kinds.frame import Frame, Kind, Pairs
from ledger.agreements.kinds.purposes import METERINGS, SUPPLIES
from ledger.agreements.kinds.registers import RegisterReading, check_registers, register_pairs, register_terms
from ledger.agreements.rules import local_date
from ledger.errors import RuleError

NAME = "meter-minutes"
ACTS: Final[Mapping[str, tuple[str, str]]] = {
    "install": ("treo công tơ", "installation of a meter"),
    "remove": ("tháo công tơ", "removal of a meter"),
    "replace": ("thay thế công tơ (tháo và treo)", "replacement of a meter (removal and installation)"),
}
METERS: Final[Mapping[str, tuple[str, ...]]] = {"install": ("installed",), "remove": ("removed",), "replace": ("removed", "installed")}
"""The meters that have to be described, by act."""
TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "install": ("Biên bản treo công tơ", "Minutes of the installation of a meter"),
    "remove": ("Biên bản tháo công tơ", "Minutes of the removal of a meter"),
    "replace": ("Biên bản thay thế công tơ", "Minutes of the replacement of a meter"),
}
_REASONS: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "new-supply": ("cấp điện mới", "new supply", ("install",)),
    "termination": ("chấm dứt hợp đồng mua bán điện", "termination of the supply contract", ("remove",)),
    "verification-due": ("thay định kỳ, đến hạn kiểm định", "periodic replacement, verification due", ("replace",)),
    "faulty": ("công tơ hư hỏng hoặc nghi ngờ không chính xác", "the meter is faulty or thought inaccurate", ("replace",)),
    "capacity-change": ("thay đổi công suất sử dụng điện", "change of capacity", ("replace",)),
    "relocation": ("thay đổi vị trí lắp đặt công tơ", "change of the meter’s position", ("replace",)),
    "remote-reading": ("chuyển sang công tơ điện tử đo xa", "change to an electronic meter read remotely", ("replace",)),
    "two-way-metering": ("lắp công tơ hai chiều cho điện mặt trời mái nhà", "two-way metering of rooftop solar", ("install", "replace")),
}
"""Why, in Vietnamese and English, and at which acts that is a reason."""
REASONS: Final[Mapping[str, tuple[str, str]]] = {code: (vi, en) for code, (vi, en, _) in _REASONS.items()}
SEAL_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "fitted": ("niêm phong mới", "newly fitted"),
    "intact": ("còn nguyên vẹn", "found intact"),
    "broken": ("không còn nguyên vẹn", "found broken"),
}


@dataclass(frozen=True)
class MeterSeal:
    """A seal.

    Attributes:
        place, code: what it closes, such as `nắp boóc`; what is stamped on it.
        state: one of `SEAL_STATES`; `fitted` on a meter that is hung, the others on one that is taken down.
    """

    place: str
    code: str
    state: str


@dataclass(frozen=True)
class MeterState:
    """A meter as both sides saw it at the moment.

    Attributes:
        serial, model, rating: the meter's number; the meter's type; what its plate says, such as `3x220/380 V, 3x5(10) A`.
        multiplier: by how much its transformers multiply a register; 1 without any.
        verified_until: the day its verification ends.
        registers: what it showed.
        seals: each seal on it.
    """

    serial: str
    model: str
    rating: str
    multiplier: int
    verified_until: str
    registers: tuple[RegisterReading, ...]
    seals: tuple[MeterSeal, ...]


@dataclass(frozen=True)
class MeterMinutesFacts:
    """What was done at one metering point; the moment is the document's first second in force.

    Attributes:
        contract_number: the utility's number of the contract it belongs to; the document's predecessor is that contract.
        metering_point, address: customer code and 001; where it is.
        act: one of `ACTS`; a replacement has both meters.
        reason: one of `REASONS`.
        metering: how it is connected afterwards (before, at a removal), one of `METERINGS`.
        crew: the team that did it.
        removed, installed: the meter taken down; the one hung.
    """

    contract_number: str
    metering_point: str
    address: str
    act: str
    reason: str
    metering: str
    crew: str
    removed: MeterState | None = None
    installed: MeterState | None = None


def _check(frame: Frame, facts: MeterMinutesFacts) -> None:
    check_follows(frame.predecessor)
    check_texts(contract_number=facts.contract_number, metering_point=facts.metering_point, address=facts.address, crew=facts.crew)
    check_choice(facts.act, ACTS, "act")
    check_choice(facts.reason, REASONS, "reason")
    check_choice(facts.metering, METERINGS, "metering")
    acts = _REASONS[facts.reason][2]
    if facts.act not in acts:
        raise RuleError(f"{facts.reason} is no reason to {facts.act}", field="reason", fix=f"it is one to {' or '.join(acts)}")
    for field, meter, act in (("removed", facts.removed, "install"), ("installed", facts.installed, "remove")):
        if (meter is None) != (facts.act == act):
            raise RuleError(
                "missing" if meter is None else f"nothing is {field} at this act",
                field=field,
                fix="describe that meter" if meter is None else "leave it out, or make the act a replacement",
            )
    if facts.act != "remove":
        check_lasts(frame.valid_from, frame.contract_until)
    day = local_date(frame.valid_from, frame.time_zone)
    if frame.date() < day:
        raise RuleError("the minutes are dated before what they record", field="dated_s", fix=f"date them {day} or later")
    if facts.removed is not None:
        _check_meter(facts.removed, "removed", SEAL_STATES.keys() - {"fitted"})
    if facts.installed is not None:
        _check_meter(facts.installed, "installed", {"fitted"})
        check_day(facts.installed.verified_until, "installed.verified_until", not_before=day)
    same = facts.removed is not None and facts.installed is not None and facts.removed.serial == facts.installed.serial
    if same and facts.reason != "relocation":
        raise RuleError("the same meter is taken down and hung", field="installed.serial", fix="give the new meter’s serial number")


def _check_meter(meter: MeterState, field: str, states: set[str]) -> None:
    check_texts(f"{field}.", serial=meter.serial, model=meter.model, rating=meter.rating)
    check_whole(meter.multiplier, f"{field}.multiplier", least=1, most=10**7)
    check_day(meter.verified_until, f"{field}.verified_until")
    check_registers(meter.registers, f"{field}.registers")
    check_count(meter.seals, f"{field}.seals", least=1, most=12)
    for place, seal in enumerate(meter.seals):
        check_texts(f"{field}.seals[{place}].", place=seal.place, code=seal.code)
        check_choice(seal.state, sorted(states), f"{field}.seals[{place}].state")


def _meter_terms(prefix: str, meter: MeterState | None) -> dict[str, object]:
    if meter is None:
        return {}
    terms: dict[str, object] = {
        f"{prefix}.model": meter.model,
        f"{prefix}.multiplier": meter.multiplier,
        f"{prefix}.rating": meter.rating,
        f"{prefix}.serial": meter.serial,
        f"{prefix}.verified_until": meter.verified_until,
    }
    for number, seal in enumerate(meter.seals, start=1):
        terms |= {f"{prefix}.seal.{number}.{name}": value for name, value in vars(seal).items()}
    return terms | register_terms(prefix, meter.registers)


def _own_terms(frame: Frame, facts: MeterMinutesFacts) -> dict[str, object]:
    _check(frame, facts)
    return {
        "contract.number": facts.contract_number,
        "meter.act": facts.act,
        "meter.crew": facts.crew,
        "meter.metering": facts.metering,
        "meter.reason": facts.reason,
        "supply.address": facts.address,
        "supply.metering_point": facts.metering_point,
        **_meter_terms("installed", facts.installed),
        **_meter_terms("removed", facts.removed),
    }


def _pairs(terms: Mapping[str, object]) -> Pairs:
    pairs: Pairs = {
        "title": TITLES[str(terms["meter.act"])],
        "act": word_pair(ACTS, terms["meter.act"]),
        "reason": word_pair(REASONS, terms["meter.reason"]),
        "metering": word_pair(METERINGS, terms["meter.metering"]),
    }
    for prefix in ("removed", "installed"):
        if f"{prefix}.serial" in terms:
            pairs[f"{prefix}.verified_until"] = day_pair(terms[f"{prefix}.verified_until"])
            pairs[f"{prefix}.multiplier"] = whole_pair(terms[f"{prefix}.multiplier"])
            pairs |= register_pairs(prefix, terms)
    seals = {path: value for path, value in terms.items() if ".seal." in path and path.endswith(".state")}
    return pairs | {path: word_pair(SEAL_STATES, state) for path, state in seals.items()}


KIND = Kind[MeterMinutesFacts](
    name=NAME,
    version=1,
    title_vi="Biên bản treo, tháo công tơ",
    title_en="Minutes of the installation and removal of a meter",
    laws={"measurement": "measurement", "supply": "electricity-supply"},
    facts=MeterMinutesFacts,
    own_terms=_own_terms,
    pairs=_pairs,
    follows=(*SUPPLIES, "rooftop-surplus-sale"),
)
