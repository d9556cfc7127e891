"""A request on its way: routed, checked, handed back, worked on, ended; each step timed, every act written down, one of two staff wins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.errors import ConflictError, InputError, NotFoundError, RuleError
from ledger.parties.commands import draft_party, draft_unit
from ledger.services.acting import SYSTEM, Actor, values_of
from ledger.services.commands import assign, follow, submit
from ledger.services.queries import lacking, lanes_of, overdue, request_by_id, requests_where, timing
from ledger.services.returns import forget_party
from ledger.services.routing import serve, unit_of
from ledger.services.verbs import Told, perform
from tests.ledger.services.conftest import COUNTER, CUSTOMER, HOUSEHOLD, OFFICE, PHONE, Desk, at

FRIDAY_BEFORE_TET = "2026-02-13T10:00"


def test_a_request_is_routed_at_once_and_its_clock_begins_after_tet(desk: Desk) -> None:
    request = desk.take(FRIDAY_BEFORE_TET)
    assert (request.step, request.state, request.unit, request.channel) == ("check", "open", desk.unit, "counter")
    assert (request.clock_s, request.due_s) == (at("2026-02-23T07:30"), at("2026-02-27T17:00"))
    assert [(act.verb, act.who, act.actor, act.channel) for act in request.acts] == [
        ("submit", "staff", "lan", "counter"),
        ("route", "system", "sonang", "internal"),
    ]
    assert timing(request, at("2026-02-20T12:00")).used_s == 0
    assert timing(request, at("2026-02-24T09:30")).used_s == 10 * 3600


def test_the_table_of_places_says_who_serves_before_the_prefix_does(session: Session, desk: Desk) -> None:
    merged = draft_unit(session, code="PA01AB", name="Điện lực A")
    point = "PA01HH0000007001"
    assert unit_of(session, point, at("2026-03-02T09:00")) == desk.unit  # by its prefix
    serve(session, "PA01HH", merged, at("2026-03-01T00:00"))
    serve(session, "PA01HH0000007", desk.unit, at("2026-03-02T00:00"))
    assert unit_of(session, point, at("2026-02-28T09:00")) == desk.unit
    assert unit_of(session, point, at("2026-03-01T09:00")) == merged
    assert unit_of(session, point, at("2026-03-02T09:00")) == desk.unit
    assert unit_of(session, "PA01HH0000008001", at("2026-03-02T09:00")) == merged
    assert unit_of(session, "PX99ZZ0000008001", at("2026-03-02T09:00")) is None


def test_a_request_nobody_serves_is_kept_and_waits_to_be_assigned(desk: Desk) -> None:
    lost = desk.take("2026-03-02T09:00", "renewal", CUSTOMER, metering_point="PX99ZZ0000001")
    assert (lost.step, lost.unit, lost.metering_point) == ("route", None, "PX99ZZ0000001001")
    with pytest.raises(RuleError, match="staff do this"):
        assign(desk.session, lost.id, CUSTOMER, at("2026-03-02T10:00"), seen=lost.version, unit=desk.unit)
    desk.act(lost, "assign", "2026-03-02T10:00", unit=desk.unit)
    assert (lost.step, lost.unit) == ("check", desk.unit)
    other = draft_unit(desk.session, code="PA01AB", name="Điện lực A")
    desk.act(lost, "assign", "2026-03-02T11:00", unit=other)
    assert (lost.step, lost.unit, lost.acts[-1].note) == ("check", other, "unit PA01AB")


@pytest.mark.parametrize(
    ("service", "more", "field"),
    [
        ("renewal", {}, "metering_point"),
        ("renewal", {"metering_point": "nonsense"}, "metering_point"),
        ("low-voltage-supply", {}, "unit"),
        ("tea", {}, "service"),
    ],
)
def test_a_request_without_its_place_or_service_is_refused(session: Session, service: str, more: dict[str, str], field: str) -> None:
    with pytest.raises((InputError, NotFoundError)) as refused:
        submit(session, service=service, given={}, actor=COUNTER, at=at("2026-03-02T09:00"), **more)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_what_is_missing_is_named_handed_back_and_the_clock_stands_until_it_is_given(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00", place_title="", phone=None)
    assert [one.name for one in lacking(request)] == ["phone", "place_title"]
    with pytest.raises(RuleError, match=r"điện thoại · telephone \(phone\), giấy tờ .*place_title") as refused:
        desk.act(request, "accept", "2026-03-03T08:30")
    assert "hand it back" in refused.value.fix
    desk.act(request, "hand-back", "2026-03-03T08:30", reason="thiếu giấy tờ nhà")
    assert (request.state, request.paused_s, request.acts[-1].note) == (
        "returned",
        at("2026-03-03T08:30"),
        "thiếu giấy tờ nhà (missing: phone, place_title)",
    )
    assert timing(request, at("2026-03-05T08:30")).used_s == 3600
    assert timing(request, at("2026-03-05T08:30")).paused
    assert list(overdue(desk.session, at("2026-06-01T09:00"))) == []
    with pytest.raises(RuleError, match="is returned"):
        desk.act(request, "accept", "2026-03-04T08:30")
    desk.act(request, "give", "2026-03-05T08:30", PHONE, given={"phone": "0912 345 678", "place_title": "sổ hồng"})
    assert (request.state, request.paused_s, request.acts[-1].channel) == ("open", None, "agent-phone")
    assert request.due_s == at("2026-03-11T17:00")  # five working days from the third, and two the clock stood still
    desk.act(request, "accept", "2026-03-05T09:30")
    assert request.step == "survey"
    assert lanes_of(request, at("2026-03-05T09:30"))[1].timing.used_s == 2 * 3600  # type: ignore[union-attr]


def test_a_pole_makes_it_seven_days(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00")
    desk.act(request, "accept", "2026-03-03T08:30")
    assert (request.deadline_days, request.due_s) == (5, at("2026-03-09T17:00"))
    step = lanes_of(request, at("2026-03-03T08:30"))[2].timing
    with pytest.raises(InputError, match=r"missing: .*needs_works") as refused:
        desk.act(request, "record", "2026-03-03T15:00", given={"supply_point": "T15"})
    assert refused.value.field == "needs_works"
    assert step is not None
    assert 0 < step.allowed_s < 5 * 8 * 3600


def test_a_review_runs_on_the_same_engine_to_its_end(desk: Desk) -> None:
    review = desk.take("2026-03-02T09:00", "inspection", OFFICE)
    assert (review.deadline_days, review.channel) == (20, "internal")
    desk.act(review, "accept", "2026-03-03T08:00")
    desk.act(review, "record", "2026-03-04T08:00", given={"unit_informed_on": "2026-03-04"})
    desk.act(review, "record", "2026-03-16T16:00", given={"records_seen": 120, "findings": "đủ hồ sơ", "faults": 2})
    desk.act(review, "record", "2026-03-18T16:00", given={"unit_answer": "đã khắc phục"})
    desk.act(review, "record", "2026-03-20T10:00", given={"conclusion": "đạt"})
    desk.act(review, "close", "2026-03-20T11:00")
    assert (review.state, review.step, review.closed_s) == ("closed", None, at("2026-03-20T11:00"))
    whole = timing(review, at("2027-01-04T09:00"))
    assert (whole.late, whole.used_s) == (False, 13 * 8 * 3600 + int(3.5 * 3600))
    assert [act.verb for act in review.acts] == ["submit", "route", "accept", *["record"] * 4, "close"]
    assert values_of(review)["faults"] == 2


def test_a_step_is_late_before_the_whole_is_and_the_list_says_so(desk: Desk) -> None:
    slow, quick = desk.take("2026-03-02T09:00"), desk.take("2026-03-02T09:00")
    desk.act(quick, "accept", "2026-03-03T08:30")
    assert slow.step_due_s == at("2026-03-03T11:30")  # a tenth of five days: four hours
    assert list(overdue(desk.session, at("2026-03-03T11:30"))) == []
    assert list(overdue(desk.session, at("2026-03-03T13:01"))) == [slow]
    assert list(overdue(desk.session, at("2026-03-10T08:00"), desk.unit)) == [slow, quick]
    other = draft_unit(desk.session, code="PA01AB", name="Điện lực A")
    assert list(overdue(desk.session, at("2026-03-10T08:00"), other)) == []
    desk.act(slow, "reject", "2026-03-10T08:00", reason="ngoài địa bàn")
    assert list(overdue(desk.session, at("2026-03-10T08:01"))) == [quick]
    assert timing(slow, at("2026-03-10T08:01")).late


def test_a_request_goes_back_to_an_earlier_step_and_no_further(desk: Desk) -> None:
    review = desk.take("2026-03-02T09:00", "inspection", OFFICE)
    desk.act(review, "accept", "2026-03-03T08:00")
    desk.act(review, "record", "2026-03-04T08:00", given={"unit_informed_on": "2026-03-04"})
    for wrong in ("route", "examine", "conclude", "close"):
        with pytest.raises(RuleError, match="does not lie behind it"):
            desk.act(review, "go-back", "2026-03-05T08:00", step=wrong, reason="sai")
    with pytest.raises(NotFoundError, match="no step 'dance'"):
        desk.act(review, "go-back", "2026-03-05T08:00", step="dance", reason="sai")
    with pytest.raises(InputError, match="no reason"):
        desk.act(review, "go-back", "2026-03-05T08:00", step="check", reason=" ")
    desk.act(review, "go-back", "2026-03-05T08:00", step="announce", reason="báo nhầm ngày")
    assert (review.step, review.acts[-1].note) == ("announce", "announce: báo nhầm ngày")
    assert [step.code for step in review.steps] == ["route", "check", "announce", "examine", "announce"]


def test_a_customer_withdraws_and_an_ended_request_stays_as_it_is(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00", actor=CUSTOMER)
    with pytest.raises(RuleError, match="staff do this"):
        desk.act(request, "accept", "2026-03-02T10:00", CUSTOMER)
    desk.act(request, "withdraw", "2026-03-02T11:00", CUSTOMER, reason="không cần nữa")
    assert (request.state, request.step) == ("withdrawn", None)
    for verb in ("give", "accept", "reject", "close", "withdraw"):
        with pytest.raises(RuleError, match="is withdrawn"):
            desk.act(request, verb, "2026-03-02T12:00", given={"phone": "0912345678"}, reason="x")


@pytest.mark.parametrize("verb", ["record", "draft", "close"])
def test_a_verb_of_another_step_says_where_the_request_stands(desk: Desk, verb: str) -> None:
    request = desk.take("2026-03-02T09:00")
    told: dict[str, object] = {"papers": object()} if verb == "draft" else {}
    with pytest.raises(RuleError, match="stands at check: kiểm tra hồ sơ") as refused:
        desk.act(request, verb, "2026-03-02T10:00", **told)
    assert refused.value.fix == "check it"
    with pytest.raises(InputError, match="no act 'dance'"):
        desk.act(request, "dance", "2026-03-02T10:00")


def test_a_clock_that_went_backwards_never_puts_an_act_before_the_one_ahead_of_it(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00")
    desk.act(request, "accept", "2026-03-02T08:00")
    assert [act.at_s for act in request.acts] == [at("2026-03-02T09:00")] * 3


def test_who_acts_on_what_they_saw_before_is_told_who_was_quicker(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00")
    seen = request.version
    desk.act(request, "accept", "2026-03-02T10:00")
    with pytest.raises(ConflictError, match="minh acted on request") as refused:
        perform(desk.session, request.id, "accept", COUNTER, at("2026-03-02T10:01"), seen=seen)
    assert "look at it again" in refused.value.fix
    with pytest.raises(NotFoundError, match="no such request"):
        perform(desk.session, bytes(32), "accept", COUNTER, at("2026-03-02T10:01"), seen=1)


def test_of_two_staff_who_act_at_once_one_wins(desk: Desk, sessions: sessionmaker[Session]) -> None:
    request = desk.take("2026-03-02T09:00")
    desk.session.commit()
    start = Barrier(2)

    def try_it(told: tuple[str, str]) -> str:
        name, verb = told
        with sessions() as session:
            seen = request_by_id(session, request.id).version
            start.wait(10)
            try:
                perform(
                    session, request.id, verb, Actor("staff", name, "internal"), at("2026-03-02T10:00"), seen=seen, told=Told(reason="x")
                )
                session.commit()
            except ConflictError as lost:
                return f"{name}: {lost.field}"
            return f"{name} won"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(try_it, (("lan", "accept"), ("minh", "reject"))))
    assert [one.endswith("won") for one in said].count(True) == 1
    assert [one.endswith(": seen") for one in said].count(True) == 1
    with sessions() as session:
        assert [act.version for act in request_by_id(session, request.id).acts] == [1, 2, 3]


def test_following_a_request_that_waits_for_nobody_changes_nothing(desk: Desk) -> None:
    request = desk.take("2026-03-02T09:00")
    before = request.version
    assert follow(desk.session, request.id, at("2026-03-02T10:00")).version == before


def test_what_a_request_holds_of_a_person_is_forgotten_once_it_has_ended(desk: Desk) -> None:
    party = draft_party(desk.session, label="A", role="customer", name="Nguyễn Thị A", signer=None)
    request = submit(
        desk.session, service="low-voltage-supply", given=HOUSEHOLD, actor=CUSTOMER, at=at("2026-03-02T09:00"), unit=desk.unit, party=party
    )
    with pytest.raises(RuleError, match="still under way"):
        forget_party(desk.session, party)
    desk.act(request, "withdraw", "2026-03-02T11:00", CUSTOMER, reason="gọi 0912345678")
    assert forget_party(desk.session, party) == len(HOUSEHOLD)
    kept = request_by_id(desk.session, request.id)
    assert values_of(kept) == {}
    assert {act.note for act in kept.acts} == {None}
    assert timing(kept, at("2026-03-10T08:00")).allowed_s == 5 * 8 * 3600


def test_requests_are_listed_by_unit_service_and_state(desk: Desk) -> None:
    supply, review = desk.take("2026-03-02T09:00"), desk.take("2026-03-02T09:00", "audit", OFFICE)
    desk.act(supply, "reject", "2026-03-02T10:00", reason="x")

    def listed(**where: object) -> set[int]:
        return {one.number for one in desk.session.scalars(requests_where(**where))}  # type: ignore[arg-type]

    assert listed() == {review.number}
    assert listed(state="all") == {supply.number, review.number}
    assert listed(state="rejected", unit=desk.unit) == {supply.number}
    assert listed(service="low-voltage-supply") == set()
    with pytest.raises(InputError, match="no state 'lost'"):
        requests_where(state="lost")


def test_somebody_must_act_and_through_a_known_channel() -> None:
    for who, name, channel in (("robot", "r", "web"), ("staff", " ", "web"), ("staff", "lan", "pigeon")):
        with pytest.raises(InputError):
            Actor(who, name, channel)
    assert SYSTEM.channel == "internal"
