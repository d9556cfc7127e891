"""What the nine documents refuse, each by the name of the field that is at fault and with a way out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.agreements.kinds import facts_from, kind_named
from ledger.agreements.kinds.amendment_annex import changes_to
from ledger.errors import InputError, RuleError
from scripts.sample import START
from tests.ledger.agreements.kind_samples import BESIDE, GIVEN, frame_of, given, terms_of

Change = dict[str, object]
_METER: dict[str, object] = dict(given("meter-minutes")["installed"])  # type: ignore[call-overload]
_ITEM = {"name": "Cáp", "unit": "m", "quantity": 1, "unit_price_vnd": 1}


def meter(**other: object) -> dict[str, object]:
    return _METER | other


def seal(**other: object) -> list[dict[str, object]]:
    return [{"place": "nắp boóc", "code": "A1", "state": "fitted"} | other]


REFUSED: list[tuple[str, Change, str]] = [
    ("connection-plan", {"address": " "}, "address"),
    ("connection-plan", {"address": "hai\ndòng"}, "address"),
    ("connection-plan", {"address": "x" * 241}, "address"),
    ("connection-plan", {"purpose": "fun"}, "purpose"),
    ("connection-plan", {"capacity_w": 0}, "capacity_w"),
    ("connection-plan", {"phases": 2}, "phases"),
    ("connection-plan", {"phases": 1}, "voltage_v"),
    ("connection-plan", {"voltage_v": 22_000, "metering": "ct-vt"}, "voltage_v"),
    ("connection-plan", {"metering": "guess"}, "metering"),
    ("connection-plan", {"line_investor": "nobody"}, "line_investor"),
    ("connection-plan", {"service_length_m": -1}, "service_length_m"),
    ("connection-plan", {"supply_by": "2026-06-30"}, "supply_by"),
    ("connection-plan", {"supply_by": "10/7/2026"}, "supply_by"),
    ("connection-plan", {"lapses_on": "2026-07-09"}, "lapses_on"),
    ("meter-minutes", {"act": "swap"}, "act"),
    ("meter-minutes", {"reason": "termination"}, "reason"),
    ("meter-minutes", {"removed": None}, "removed"),
    ("meter-minutes", {"act": "install"}, "removed"),
    ("meter-minutes", {"act": "install", "removed": None, "installed": None}, "installed"),
    ("meter-minutes", {"installed": meter(serial="1504021187")}, "installed.serial"),
    ("meter-minutes", {"installed": meter(serial="")}, "installed.serial"),
    ("meter-minutes", {"installed": meter(multiplier=0)}, "installed.multiplier"),
    ("meter-minutes", {"installed": meter(verified_until="2026-06-30")}, "installed.verified_until"),
    ("meter-minutes", {"installed": meter(seals=[])}, "installed.seals"),
    ("meter-minutes", {"installed": meter(seals=seal(state="intact"))}, "installed.seals[0].state"),
    ("meter-minutes", {"installed": meter(seals=seal(code=""))}, "installed.seals[0].code"),
    ("meter-minutes", {"installed": meter(registers=[{"obis": "2.8.0", "reading_wh": 1}])}, "installed.registers"),
    ("meter-minutes", {"installed": meter(registers=[{"obis": "9.9.9", "reading_wh": 1}])}, "installed.registers[0].obis"),
    ("meter-minutes", {"installed": meter(registers=[{"obis": "1.8.0", "reading_wh": -1}])}, "installed.registers[0].reading_wh"),
    ("meter-minutes", {"installed": meter(registers=[{"obis": "1.8.0", "reading_wh": 1}] * 2)}, "installed.registers[1].obis"),
    ("connection-agreement", {"voltage_v": 380}, "voltage_v"),
    ("connection-agreement", {"metering": "direct"}, "metering"),
    ("connection-agreement", {"power_factor_hundredths": 101}, "power_factor_hundredths"),
    ("connection-agreement", {"capacity_w": 1_250_001}, "capacity_w"),
    ("connection-agreement", {"transformer_va": 0}, "transformer_va"),
    ("connection-agreement", {"energise_by": "2026-02-30"}, "energise_by"),
    ("works-investment", {"customer_vnd": 423_000_001}, "customer_vnd"),
    ("works-investment", {"items": []}, "items"),
    ("works-investment", {"items": [_ITEM | {"quantity": 0}]}, "items[0].quantity"),
    ("works-investment", {"items": [_ITEM | {"unit": ""}]}, "items[0].unit"),
    ("works-investment", {"items": [_ITEM | {"unit_price_vnd": 0}]}, "items"),
    ("works-investment", {"instalments": []}, "instalments"),
    ("works-investment", {"instalments": [{"milestone": "ký", "percent": 99}]}, "instalments"),
    ("works-investment", {"instalments": [{"milestone": "", "percent": 100}]}, "instalments[0].milestone"),
    ("works-investment", {"utility_vnd": 645_000_000, "customer_vnd": 0}, "instalments"),
    ("works-investment", {"finish_by": "2026-07-05"}, "finish_by"),
    ("works-investment", {"start_on": "2026-06-01"}, "start_on"),
    ("works-investment", {"warranty_months": 0}, "warranty_months"),
    ("works-investment", {"owner": "state"}, "owner"),
    ("amendment-annex", {"annex_number": 0}, "annex_number"),
    ("amendment-annex", {"reason": "mood"}, "reason"),
    ("amendment-annex", {"reason": "renewal"}, "changes"),
    ("amendment-annex", {"changes": []}, "changes"),
    ("amendment-annex", {"changes": [{"path": "customer.party", "old": "a", "new": "b"}]}, "changes[0].path"),
    ("amendment-annex", {"changes": [{"path": "supply.phases", "old": "1", "new": "1"}]}, "changes[0].new"),
    ("amendment-annex", {"changes": [{"path": "supply.phases", "old": "1", "new": "three"}]}, "changes[0].new"),
    ("amendment-annex", {"changes": [{"path": "supply.phases", "old": "01", "new": "3"}]}, "changes[0].old"),
    ("amendment-annex", {"changes": [{"path": "supply.purpose", "old": "residential", "new": "fun"}]}, "changes[0].new"),
    ("amendment-annex", {"changes": [{"path": "supply.meter_place", "old": "a", "new": "b"}]}, "carried[0].path"),
    ("amendment-annex", {"changes": [{"path": "validity.to", "old": "1", "new": "2"}]}, "until"),
    ("amendment-annex", {"until": START}, "until"),
    ("amendment-annex", {"contract_date": "2026-07-02"}, "contract_date"),
    ("purpose-share-minutes", {"shares": [{"purpose": "residential", "percent": 100}]}, "shares"),
    ("purpose-share-minutes", {"shares": [{"purpose": "residential", "percent": 50}] * 2}, "shares[1].purpose"),
    ("purpose-share-minutes", {"basis": "guess"}, "basis"),
    ("purpose-share-minutes", {"findings": ""}, "findings"),
    ("shared-meter-minutes", {"households": []}, "households"),
    ("shared-meter-minutes", {"households": [{"name": "Nguyễn Thị Hoà", "kind": "resident", "people": 4}]}, "households"),
    ("shared-meter-minutes", {"households": [{"name": "Lạ", "kind": "tenants", "people": 4}]}, "households"),
    ("shared-meter-minutes", {"households": [{"name": "Lạ", "kind": "tenants", "people": 0}]}, "households[0].people"),
    ("shared-meter-minutes", {"households": [{"name": "Lạ", "kind": "guests", "people": 1}]}, "households[0].kind"),
    ("termination-minutes", {"reason": "bored"}, "reason"),
    ("termination-minutes", {"read_at": START + 1}, "read_at"),
    ("termination-minutes", {"settle_by": ""}, "settle_by"),
    ("termination-minutes", {"paid_vnd": 684_180}, "settle_by"),
    ("termination-minutes", {"settle_by": "2026-06-30"}, "settle_by"),
    ("termination-minutes", {"registers": []}, "registers"),
    ("termination-minutes", {"multiplier": 0}, "multiplier"),
    ("after-meter-wiring", {"materials_by": "wind"}, "materials_by"),
    ("after-meter-wiring", {"finish_by": "2026-07-01"}, "finish_by"),
    ("after-meter-wiring", {"items": [_ITEM] * 41}, "items"),
    ("after-meter-wiring", {"instalments": [{"milestone": "ký", "percent": 60}] * 2}, "instalments"),
]


@pytest.mark.parametrize(("kind", "change", "field"), REFUSED)
def test_facts_the_law_or_sense_forbids_are_refused_by_name_with_a_way_out(kind: str, change: Change, field: str) -> None:
    with pytest.raises((InputError, RuleError)) as refused:
        terms_of(kind, **change)
    assert refused.value.field == field
    assert refused.value.fix


@pytest.mark.parametrize("kind", GIVEN)
def test_facts_of_another_kind_are_refused(kind: str) -> None:
    other = "connection-plan" if kind != "connection-plan" else "meter-minutes"
    with pytest.raises(InputError, match="facts of another kind"):
        kind_named(kind).terms(frame_of(kind), facts_from(other, given(other)))


@pytest.mark.parametrize("kind", BESIDE)
def test_minutes_without_the_contract_they_belong_to_are_refused(kind: str) -> None:
    with pytest.raises(RuleError) as refused:
        kind_named(kind).terms(replace(frame_of(kind), predecessor=None), facts_from(kind, given(kind)))
    assert refused.value.field == "predecessor"


def test_an_annex_to_no_contract_is_refused() -> None:
    with pytest.raises(RuleError) as refused:
        kind_named("amendment-annex").terms(
            replace(frame_of("amendment-annex"), supersedes=None), facts_from("amendment-annex", given("amendment-annex"))
        )
    assert refused.value.field == "supersedes"


def test_minutes_are_not_dated_before_what_they_record() -> None:
    with pytest.raises(RuleError) as refused:
        kind_named("meter-minutes").terms(frame_of("meter-minutes", dated_s=START - 1), facts_from("meter-minutes", given("meter-minutes")))
    assert refused.value.field == "dated_s"


def test_the_same_meter_may_be_hung_elsewhere() -> None:
    serial = str(_METER["serial"])
    removed = meter(seals=seal(state="intact"))
    assert terms_of("meter-minutes", reason="relocation", removed=removed)["removed.serial"] == serial


def test_a_change_to_a_term_the_contract_does_not_have_is_refused() -> None:
    with pytest.raises(RuleError, match=r"the contract has no term supply\.households"):
        changes_to({"supply.phases": 1}, {"supply.households": 2})
    with pytest.raises(RuleError, match=r"an annex cannot change 'customer\.name'"):
        changes_to({"supply.phases": 1}, {"customer.name": "Khác"})
