"""The rules that validate a load profile: each breaks for its own reason and for no other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol.typed_data import LoadProfile
from oracle.errors import Reason, RefusedError
from oracle.profiles import UNRECORDED_WH
from oracle.vee import (
    CONNECTION_W,
    DAY_S,
    Flag,
    FlagCode,
    Quality,
    RegisteredMeter,
    ZoneTerms,
    capacity_limit_wh,
    check_profile,
    connection_limit_wh,
    flags,
    readings,
    spikes,
)

HALF_HOUR = 1800
ZONE = ZoneTerms(HALF_HOUR, 7 * 3600)
START = 20_000 * DAY_S - ZONE.utc_offset_s
METER = RegisteredMeter(bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32, b"signer", 4_000, START, 2**63)
PROFILE = LoadProfile(METER.meter, START, HALF_HOUR, 1, (300,) * 48, (0,) * 48)
AFTER = START + DAY_S


def refusal(profile: LoadProfile, meter: RegisteredMeter = METER, zone: ZoneTerms = ZONE, now: int = AFTER) -> Reason | None:
    try:
        check_profile(profile, meter, zone, now)
    except RefusedError as refused:
        return refused.code
    return None


def test_a_plain_day_is_accepted_as_soon_as_it_has_ended() -> None:
    assert refusal(PROFILE) is None
    assert refusal(PROFILE, now=AFTER - 1) is Reason.FUTURE_DATED


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (replace(PROFILE, period_start=START + 1), Reason.WRONG_PERIOD),
        (replace(PROFILE, period_start=START + ZONE.utc_offset_s), Reason.WRONG_PERIOD),
        (replace(PROFILE, interval_s=900), Reason.WRONG_INTERVAL),
        (replace(PROFILE, import_wh=(300,) * 47), Reason.MISSING_INTERVALS),
        (replace(PROFILE, export_wh=(0,) * 49), Reason.MISSING_INTERVALS),
        (replace(PROFILE, export_wh=()), Reason.MISSING_INTERVALS),
        (replace(PROFILE, period_start=START + DAY_S), Reason.FUTURE_DATED),
        (replace(PROFILE, export_wh=(0,) * 47 + (2_401,)), Reason.ABOVE_CAPACITY),
        (replace(PROFILE, import_wh=(0,) * 47 + (50_001,)), Reason.ABOVE_CONNECTION),
        (replace(PROFILE, import_wh=(2**63 - 1,) + (0,) * 47), Reason.ABOVE_CONNECTION),
    ],
)
def test_each_rule_refuses_with_its_own_reason(profile: LoadProfile, reason: Reason) -> None:
    assert refusal(profile) is reason


def test_a_meter_counts_from_its_first_whole_day_to_its_last() -> None:
    assert refusal(PROFILE, replace(METER, valid_from=START + 1)) is Reason.NOT_IN_SERVICE
    assert refusal(PROFILE, replace(METER, valid_to=AFTER - 1)) is Reason.NOT_IN_SERVICE
    assert refusal(PROFILE, replace(METER, valid_to=AFTER)) is None


def test_a_home_without_a_plant_cannot_export_a_single_watt_hour() -> None:
    assert refusal(replace(PROFILE, export_wh=(1,) + (0,) * 47), replace(METER, capacity_w=0)) is Reason.ABOVE_CAPACITY


def test_an_interval_the_meter_did_not_record_breaks_no_capacity_and_holds_no_energy() -> None:
    profile = replace(PROFILE, export_wh=(UNRECORDED_WH,) + (0,) * 47)
    assert refusal(profile) is None
    assert list(readings(profile))[:2] == [(0, 0, Quality.MISSING), (300, 0, Quality.MEASURED)]
    assert [flag.code for flag in flags(profile)] == [FlagCode.UNRECORDED]


def test_a_spike_is_pointed_out_and_the_profile_still_accepted() -> None:
    profile = replace(PROFILE, import_wh=(300,) * 47 + (3_001,))
    assert refusal(profile) is None
    assert [(flag.code, flag.interval, flag.register) for flag in flags(profile)] == [(FlagCode.SPIKE, 47, "import_wh")]


def test_a_connection_carries_its_limit_and_at_least_what_the_plant_beside_it_makes() -> None:
    assert refusal(replace(PROFILE, import_wh=(50_000,) * 48)) is None
    assert refusal(replace(PROFILE, import_wh=(300_000,) * 48), replace(METER, capacity_w=500_000)) is None
    assert refusal(replace(PROFILE, import_wh=(300_001,) * 48), replace(METER, capacity_w=500_000)) is Reason.ABOVE_CONNECTION


def test_a_high_load_is_pointed_out_however_little_else_ran() -> None:
    profile = replace(PROFILE, import_wh=(20_001, 20_000, UNRECORDED_WH) + (0,) * 45)
    assert refusal(profile) is None
    assert [flag for flag in flags(profile) if flag.code is FlagCode.HIGH_LOAD] == [Flag(FlagCode.HIGH_LOAD, 0, "import_wh")]


def test_a_kettle_in_an_empty_flat_is_no_spike() -> None:
    assert spikes((10,) * 47 + (1_500,), HALF_HOUR) == []
    assert spikes((0,) * 41 + (10,) * 6 + (90_000,), HALF_HOUR) == [], "seven intervals that ran are too few to judge by"


@given(st.lists(st.integers(0, 100_000), min_size=48, max_size=48), st.integers(0, 50_000), st.sampled_from([900, 1800, 3600]))
def test_capacity_is_broken_exactly_when_power_exceeds_120_percent_of_the_plant(
    energies: list[int], capacity_w: int, interval_s: int
) -> None:
    profile = LoadProfile(METER.meter, START, interval_s, 1, (0,) * (DAY_S // interval_s), tuple(energies * 2)[: DAY_S // interval_s])
    broken = any(wh * 3600 * 10 > 12 * capacity_w * interval_s for wh in profile.export_wh)
    assert (
        refusal(profile, replace(METER, capacity_w=capacity_w), replace(ZONE, interval_s=interval_s)) is Reason.ABOVE_CAPACITY
    ) == broken
    assert capacity_limit_wh(capacity_w, interval_s) * 36_000 <= 12 * capacity_w * interval_s


@given(
    st.lists(st.one_of(st.integers(0, 200_000), st.integers(0, 2**63 - 1), st.just(UNRECORDED_WH)), min_size=24, max_size=24),
    st.integers(0, 300_000),
    st.sampled_from([900, 1800, 3600]),
)
def test_a_connection_is_overloaded_exactly_above_its_own_power_and_its_plants(
    energies: list[int], capacity_w: int, interval_s: int
) -> None:
    count = DAY_S // interval_s
    profile = LoadProfile(METER.meter, START, interval_s, 1, tuple(energies * 4)[:count], (0,) * count)
    carried = max(CONNECTION_W * 10, capacity_w * 12)
    broken = any(wh != UNRECORDED_WH and wh * 36_000 > carried * interval_s for wh in profile.import_wh)
    meter, zone = replace(METER, capacity_w=capacity_w), replace(ZONE, interval_s=interval_s)
    assert (refusal(profile, meter, zone) is Reason.ABOVE_CONNECTION) == broken
    assert connection_limit_wh(capacity_w, interval_s) * 36_000 <= carried * interval_s


@given(st.lists(st.one_of(st.integers(0, 10**6), st.just(UNRECORDED_WH)), min_size=48, max_size=48))
def test_spikes_agree_with_the_rule_in_words(energies: list[int]) -> None:
    """Above ten times the median interval that ran, and above 5 kW; with fewer than eight intervals that ran nobody can tell."""
    running = sorted(wh for wh in energies if wh not in (0, UNRECORDED_WH))
    expected = []
    if len(running) >= 8:
        median = running[(len(running) - 1) // 2]
        expected = [place for place, wh in enumerate(energies) if wh != UNRECORDED_WH and wh > 10 * median and wh * 2 > 5_000]
    assert spikes(energies, HALF_HOUR) == expected
