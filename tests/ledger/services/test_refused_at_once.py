"""What can be known at once is refused at once, naming the field: nothing, nonsense, days that are over, another customer's contract."""

from __future__ import annotations

import pytest

from ledger.agreements.drafts import REASON_LIMIT, reason_kept
from ledger.errors import InputError, RuleError
from ledger.parties.commands import draft_party
from ledger.services.acting import Actor, service_of
from ledger.services.commands import submit
from ledger.services.intake import oddities
from tests.ledger.services.conftest import Desk, at

NOW = "2026-03-02T09:00"
CODE = "PA01HH0000001"


@pytest.mark.parametrize(
    ("service", "name", "value", "says"),
    [
        ("low-voltage-supply", "capacity_w", 0, r"registered capacity: too small – give a whole number of W, 1 or more"),
        ("low-voltage-supply", "capacity_w", 10**30, "too large"),
        ("low-voltage-supply", "capacity_w", "9" * 30, "too large"),
        ("low-voltage-supply", "identity_number", "../../etc", "no such number – give the 12 digits of an identity card"),
        ("low-voltage-supply", "identity_number", "abc", "no such number"),
        ("low-voltage-supply", "tax_code", "123", "tax code: not a tax code – give its 10 digits"),
        ("low-voltage-supply", "tax_code", "0101234567-12", "not a tax code"),
        ("renewal", "contract_until", "2020-01-01", r"01/01/2020 is too early – give 02/03/2026 \(today\) or a later day"),
        ("termination", "ends_on", "2026-03-01", "is too early"),
        ("inspection", "review_to", "2025-12-31", r"31/12/2025 is too early – give 01/01/2026 \(review_from\) or a later day"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_given(desk: Desk, service: str, name: str, value: object, says: str) -> None:
    more = {"metering_point": CODE} if service in ("renewal", "termination") else {}
    with pytest.raises(InputError, match=says) as refused:
        desk.take(NOW, service, **more, **{name: value})
    assert refused.value.field == name


def test_what_is_corrected_is_held_against_what_stands_and_yesterdays_day_is_not_looked_at_again(desk: Desk) -> None:
    review = desk.take(NOW, "inspection")
    with pytest.raises(InputError, match="is too early"):
        desk.act(review, "give", NOW, given={"review_from": "2026-04-01"})
    renewal = desk.take(NOW, "renewal", metering_point=CODE, contract_until="2026-03-02")
    desk.act(renewal, "give", "2026-03-05T09:00", given={"phone": "0912345678"})
    with pytest.raises(InputError, match="is too early"):
        desk.act(renewal, "give", "2026-03-05T09:00", given={"contract_until": "2026-03-04"})


@pytest.mark.parametrize(
    ("given", "kept"), [("079 185 012 345", "079185012345"), ("0101234567-001", "0101234567-001"), ("c1234567", "C1234567")]
)
def test_an_identity_number_has_one_form(desk: Desk, given: str, kept: str) -> None:
    request = desk.take(NOW, identity_number=given)
    assert next(one.value for one in request.inputs if one.name == "identity_number") == f'"{kept}"'


def test_all_that_is_missing_is_named_at_once_values_and_facts(desk: Desk) -> None:
    request = desk.take(NOW)
    desk.act(request, "accept", NOW)
    with pytest.raises(InputError, match=r"needs_works.*supply_point.*connection-plan\.boundary.*connection-plan\.voltage_v") as refused:
        desk.act(request, "record", NOW, given={})
    assert "connection-plan.boundary: text" in refused.value.fix


def test_no_request_about_a_contract_is_accepted_before_one_is_known(desk: Desk) -> None:
    given = {"phone": "0912345678", "email": None, "customer_name": "A", "identity_number": "001080000001", "contract_until": "2030-01-01"}
    alone = desk.take(NOW, "renewal", metering_point=CODE, **given)
    with pytest.raises(
        RuleError, match=f"no contract of this metering point is known – name it: sonang service act {alone.number} contract"
    ):
        desk.act(alone, "accept", NOW)
    assert [en for _, en in oddities(alone)] == [
        "Nobody here has the metering point PA01HH0000001001",
        "No contract is known: name it before the request is accepted",
    ]
    holder, asker = (draft_party(desk.session, label=label, role="customer", name="N", signer=None) for label in (CODE, "PA01HH0000002"))
    other = submit(
        desk.session,
        service="renewal",
        given=given,
        actor=Actor("customer", asker.id.hex(), "web"),
        at=at(NOW),
        metering_point=CODE,
        party=asker,
    )
    assert other.contract is None
    assert "The metering point PA01HH0000001001 is PA01HH0000001's, not PA01HH0000002's, who asks" in [en for _, en in oddities(other)]
    with pytest.raises(RuleError, match="the metering point is PA01HH0000001's, and PA01HH0000002 asks"):
        desk.act(other, "accept", NOW)
    assert holder.label == CODE


def test_examining_and_concluding_are_an_inspectors(desk: Desk) -> None:
    review = desk.take(NOW, "inspection")
    desk.act(review, "accept", NOW)
    desk.act(review, "record", NOW, given={"unit_informed_on": "2026-03-02"})
    seen = {"records_seen": 12, "findings": "không", "faults": 0}
    with pytest.raises(RuleError, match="examine is not for the role counter – ask a member of staff who is inspector or admin"):
        desk.act(review, "record", NOW, Actor("staff", "an", "internal", "counter"), given=seen)
    desk.act(review, "record", NOW, Actor("staff", "thu", "internal", "inspector"), given=seen)
    desk.act(review, "record", NOW, Actor("staff", "an", "internal", "counter"), given={"unit_answer": "đồng ý"})
    with pytest.raises(RuleError, match="conclude is not for the role counter"):
        desk.act(review, "record", NOW, Actor("staff", "an", "internal", "counter"), given={"conclusion": "tốt"})
    assert desk.act(review, "record", NOW, Actor("staff", "root", "internal", "admin"), given={"conclusion": "tốt"}).step == "close"


def test_the_plan_of_an_audit_is_called_so(desk: Desk) -> None:
    audit = service_of(desk.take(NOW, "audit"))
    assert [(one.field.vi, one.field.en) for one in audit.step("plan").records] == [("chương trình kiểm toán", "plan of the audit")]


def test_a_reason_has_one_limit_wherever_one_is_asked_for_and_is_kept_whole(desk: Desk) -> None:
    longest = "ả" * REASON_LIMIT
    for verb in ("hand-back", "reject", "withdraw"):
        request = desk.take(NOW)
        for wrong in ("", " \n", longest + "ả", "a\x07b"):
            with pytest.raises(InputError, match="reason: no reason, or a very long one – say why in 1 to 500 characters"):
                desk.act(request, verb, NOW, reason=wrong)
        desk.act(request, verb, NOW, reason=f" {longest} ")
        assert request.acts[-1].note == longest
    assert reason_kept(" hai\ndòng  chữ ") == "hai dòng chữ"
