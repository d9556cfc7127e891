"""The services as they are configured, and a file of them that a hand has broken."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from ledger.errors import NotFoundError, RuleError, SettingsError
from ledger.services.catalogue import SERVICES_FILE, Service, catalogue, service_by_code, service_on, services_on, unverified_on
from ledger.services.reading import read_services

TODAY = datetime.date(2026, 7, 1)

DEADLINES = {
    "low-voltage-supply": 5,
    "medium-voltage-supply": 30,
    "capacity-change": 5,
    "meter-position": 5,
    "purpose-change": 3,
    "household-norm": 3,
    "contract-holder": 3,
    "registered-details": 3,
    "renewal": 3,
    "termination": 3,
}


def test_the_ten_electronic_services_have_the_deadlines_the_utility_promises() -> None:
    assert {one.code: one.deadline({}).days for one in services_on(TODAY, "electronic")} == DEADLINES
    supply = service_on("low-voltage-supply", TODAY)
    assert [supply.deadline({"needs_works": works}).days for works in (True, False)] == [7, 5]
    medium = service_on("medium-voltage-supply", TODAY)
    assert {medium.deadline({"investor": who}).en for who in ("utility", "customer")} == {
        "works invested by the utility",
        "works invested by the customer",
    }


def test_reviews_are_a_group_of_their_own_on_the_same_engine() -> None:
    assert {one.code for one in services_on(TODAY, "review")} == {"inspection", "audit"}
    assert all(not step.documents and step.does != "sign" for one in services_on(TODAY, "review") for step in one.steps)


def test_who_builds_the_works_decides_the_steps() -> None:
    medium = service_on("medium-voltage-supply", TODAY)
    assert "customer-builds" in [step.code for step in medium.applicable({"investor": "customer"})]
    assert "build" not in [step.code for step in medium.applicable({"investor": "customer"})]
    assert medium.step("customer-builds").by == "customer"
    assert "customer-step" in medium.pauses


@pytest.mark.parametrize("service", catalogue(), ids=lambda one: str(one.code))
def test_every_service_is_told_in_both_languages_and_names_its_law(service: Service) -> None:
    told = [service, *service.steps, *service.fields()]
    assert all(one.vi.strip() and one.en.strip() for one in told)
    assert service.reference_vi
    assert service.verify_by > service.valid_from
    assert service.named_by in {one.name for one in service.fields()} or service.group == "review"
    shares = [step.share for step in service.steps]
    assert sum(shares) > 0


@pytest.mark.parametrize("service", catalogue(), ids=lambda one: str(one.code))
def test_documents_are_always_followed_by_a_step_that_has_them_signed(service: Service) -> None:
    open_documents = False
    for step in service.steps:
        if step.does == "sign":
            open_documents = False
        open_documents = open_documents or bool(step.documents)
    assert not open_documents


def test_a_service_is_offered_on_its_days_only() -> None:
    with pytest.raises(RuleError, match="not offered on 2020-01-01"):
        service_on("renewal", datetime.date(2020, 1, 1))
    with pytest.raises(NotFoundError, match="no service 'tea'") as unknown:
        service_on("tea", TODAY)
    assert "low-voltage-supply" in unknown.value.fix
    with pytest.raises(NotFoundError, match="restore the entry"):
        service_by_code("renewal", datetime.date(1999, 1, 1))


def test_services_nobody_looked_at_again_in_time_are_named() -> None:
    assert unverified_on(TODAY) == []
    assert len(unverified_on(datetime.date(2027, 7, 1))) == 12


def services_with(folder: Path, *changes: tuple[str, str]) -> tuple[Service, ...]:
    text = SERVICES_FILE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    changed = folder / "services.toml"
    changed.write_text(text, encoding="utf-8")
    return read_services(changed)


def test_a_service_may_change_from_a_day_on(tmp_path: Path) -> None:
    text = SERVICES_FILE.read_text(encoding="utf-8")
    entry = "[[service]]\n" + next(one for one in text.split("[[service]]\n") if one.startswith('code = "renewal"'))
    ended = entry.replace("verify_by", "valid_to = 2027-01-01\nverify_by", 1)
    newer = entry.replace("2025-02-01", "2027-01-01").replace("days = 3", "days = 2")
    both = [one for one in services_with(tmp_path, (entry, ended + newer)) if one.code == "renewal"]
    assert [one.deadline({}).days for one in both if one.holds(datetime.date(2026, 12, 31))] == [3]
    assert [one.deadline({}).days for one in both if one.holds(datetime.date(2027, 1, 1))] == [2]
    with pytest.raises(SettingsError, match="two entries of renewal hold on 2027-01-01"):
        services_with(tmp_path, (entry, entry + newer))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('group = "electronic"', 'group = "electric"', "not one of electronic, review"),
        ("verify_by = 2027-06-30", "verify_by = '2027-06-30'", "verify_by is no date"),
        ('place = "unit"', "", "lacks place"),
        ('"phone", "email?"', '"fone", "email?"', "no field 'fone'"),
        ('"tax_code if purpose=production', '"tax_code if purpose=gambling', "purpose is never gambling"),
        ('"tax_code if purpose=production', '"tax_code when purpose=production', "no field"),
        ('does = "check"', 'does = "ponder"', "not one of route, check"),
        ('does = "route"', 'does = "check"', "begins with route"),
        ('code = "check"', 'code = "route"', "codes of their own"),
        ('relation = "new"', 'relation = "cousin"', "not one of contract, new"),
        ("share = 10", "share = -1", "below nothing"),
        ("days = 7", "days = 0", "less than a day"),
        ("days = 5\n", 'days = 5\nwhen = "needs_works=no"\n', "last deadline needs no condition"),
        ('pauses = ["returned"', 'pauses = ["lunch"', "the clock is stopped by"),
        ('sort = "choice"', 'sort = "text"', "choices belong to a choice"),
        ('among = { 1 = ["1 pha", "single-phase"]', 'among = { one = ["1 pha", "single-phase"]', "whole numbers each with two names"),
        ('among = { 1 = ["1 pha", "single-phase"]', 'among = { 1 = ["1 pha"]', "whole numbers each with two names"),
        ('code = "survey"', 'code = "survey"\nmood = "good"', "does not know mood"),
        ("[field.phone]", "[field.fone]", "no field 'phone'"),
        ("[[service]]", "[[service]", "cannot be used"),
    ],
)
def test_a_service_that_is_none_is_named_by_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        services_with(tmp_path, (old, new))
