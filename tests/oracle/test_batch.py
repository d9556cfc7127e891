"""From profiles to one root: every honest node with the same profiles must find the same one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol.leaves import ReadingLeaf, reading_salt
from ledger.protocol.merkle import MerkleTree, verify_proof
from ledger.protocol.typed_data import LoadProfile
from oracle.batch import NO_SALT, build_leaves, build_readings
from oracle.errors import StatementError
from oracle.profiles import UNRECORDED_WH, SignedProfile
from oracle.vee import DAY_S, Quality, ZoneTerms

ZONE = bytes([9]) * 32
START = 20_000 * DAY_S
TERMS = ZoneTerms(3600, 0)
ENERGY = st.one_of(st.integers(0, 10_000), st.just(UNRECORDED_WH))


def signed(number: int, import_wh: tuple[int, ...], export_wh: tuple[int, ...], version: int = 1) -> SignedProfile:
    profile = LoadProfile(bytes([number]) * 32, START, 3600, version, import_wh, export_wh)
    return SignedProfile(profile, bytes([number + 100]) * 32, b"")


DAYS = st.lists(st.tuples(*(st.lists(ENERGY, min_size=24, max_size=24).map(tuple) for _ in range(2))), min_size=1, max_size=4)


@given(DAYS, st.randoms(use_true_random=False))
def test_the_order_in_which_profiles_arrive_changes_nothing(
    days: list[tuple[tuple[int, ...], tuple[int, ...]]], shuffle: random.Random
) -> None:
    profiles = {one.profile.meter: one for one in (signed(number, *day) for number, day in enumerate(days))}
    meters = list(profiles)
    once = build_leaves(ZONE, START, 1, TERMS, meters=meters, profiles=profiles)
    shuffle.shuffle(meters)
    again = build_leaves(ZONE, START, 1, TERMS, meters=meters + meters, profiles={meter: profiles[meter] for meter in meters})
    assert once == again
    assert build_readings(ZONE, START, 1, once) == build_readings(ZONE, START, 1, again)


@given(DAYS)
def test_the_leaves_hold_exactly_the_energy_that_was_recorded(days: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    profiles = {one.profile.meter: one for one in (signed(number, *day) for number, day in enumerate(days))}
    leaves = build_leaves(ZONE, START, 1, TERMS, meters=profiles, profiles=profiles)
    for meter, one in profiles.items():
        own = [leaf for leaf in leaves if leaf.meter == meter]
        assert [leaf.start for leaf in own] == list(range(START, START + DAY_S, 3600))
        for place, leaf in enumerate(own):
            recorded = one.profile.import_wh[place], one.profile.export_wh[place]
            if UNRECORDED_WH in recorded:
                assert (leaf.import_wh, leaf.export_wh, leaf.quality) == (0, 0, Quality.MISSING)
            else:
                assert (leaf.import_wh, leaf.export_wh, leaf.quality) == (*recorded, Quality.MEASURED)
            assert leaf.salt == reading_salt(one.profile_salt, leaf.start)


def test_a_silent_meter_has_readings_of_no_energy_that_anybody_can_make_again() -> None:
    silent, talking = bytes([7]) * 32, signed(1, (5,) * 24, (0,) * 24)
    leaves = build_leaves(ZONE, START, 1, TERMS, meters=[silent, talking.profile.meter], profiles={talking.profile.meter: talking})
    assert [leaf for leaf in leaves if leaf.meter == silent] == [
        ReadingLeaf(ZONE, silent, START + hour * 3600, 1, 0, 0, 3, NO_SALT) for hour in range(24)
    ]


def test_a_meter_out_of_service_is_left_out_even_when_its_profile_is_held() -> None:
    one, other = signed(1, (5,) * 24, (0,) * 24), signed(2, (6,) * 24, (0,) * 24)
    held = {each.profile.meter: each for each in (one, other)}
    leaves = build_leaves(ZONE, START, 1, TERMS, meters=[one.profile.meter], profiles=held)
    assert {leaf.meter for leaf in leaves} == {one.profile.meter}


def test_a_correction_carries_the_older_profiles_of_the_other_meters_under_the_new_version() -> None:
    one, corrected = signed(1, (5,) * 24, (0,) * 24), signed(2, (6,) * 24, (0,) * 24, version=2)
    leaves = build_leaves(
        ZONE, START, 2, TERMS, meters=[bytes([1]) * 32, bytes([2]) * 32], profiles={bytes([1]) * 32: one, bytes([2]) * 32: corrected}
    )
    assert {leaf.version for leaf in leaves} == {2}


def test_every_leaf_is_proven_by_the_root_that_is_signed() -> None:
    one = signed(1, (5,) * 24, (1,) * 24)
    leaves = build_leaves(ZONE, START, 1, TERMS, meters=[one.profile.meter], profiles={one.profile.meter: one})
    readings = build_readings(ZONE, START, 1, leaves)
    tree = MerkleTree(leaf.leaf_hash() for leaf in leaves)
    assert (readings.period_end, readings.count) == (START + DAY_S, 24)
    assert all(verify_proof(readings.root, leaf.leaf_hash(), tree.proof(leaf.leaf_hash())) for leaf in leaves)


def test_a_zone_without_a_meter_in_service_has_nothing_to_state() -> None:
    with pytest.raises(StatementError, match="install its meters first"):
        build_leaves(ZONE, START, 1, TERMS, meters=[], profiles={})
