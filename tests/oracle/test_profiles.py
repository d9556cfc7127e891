"""Signed profiles as they travel: what comes back is what was sent, and anything else is refused by name."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol.typed_data import LoadProfile
from oracle.errors import Reason, RefusedError
from oracle.profiles import UNRECORDED_WH, SignedProfile, parse_profile

BYTES32 = st.binary(min_size=32, max_size=32)
ENERGIES = st.lists(st.one_of(st.integers(0, 2**63 - 1), st.just(UNRECORDED_WH)), max_size=60).map(tuple)
SIGNED = st.builds(
    SignedProfile,
    st.builds(LoadProfile, BYTES32, st.integers(0, 2**63 - 1), st.integers(0, 2**32 - 1), st.integers(1, 2**32 - 1), ENERGIES, ENERGIES),
    BYTES32,
    st.binary(max_size=300),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def plain() -> dict[str, Any]:
    profile = LoadProfile(bytes(32), 0, 1800, 1, (1, 2), (0, UNRECORDED_WH))
    return SignedProfile(profile, bytes(32), bytes(64)).to_json()


@given(SIGNED)
def test_a_profile_survives_the_journey_through_json(signed: SignedProfile) -> None:
    assert parse_profile(orjson.loads(orjson.dumps(signed.to_json()))) == signed


@given(JSON)
def test_anything_else_is_refused_as_malformed_and_nothing_else_is_raised(value: object) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_profile(value)
    assert refused.value.code is Reason.MALFORMED


@given(st.sampled_from(sorted(plain())), JSON)
def test_one_wrong_field_is_refused_and_named(field: str, value: object) -> None:
    odd = plain() | {field: value}
    with contextlib.suppress(RefusedError):
        assert parse_profile(odd).to_json() == odd, "what is accepted was a right value by chance"
        return
    with pytest.raises(RefusedError) as refused:
        parse_profile(odd)
    assert refused.value.code in (Reason.MALFORMED, Reason.NEGATIVE)
    assert refused.value.field.startswith(field)


@pytest.mark.parametrize("field", ["import_wh", "export_wh"])
def test_a_negative_energy_has_a_reason_of_its_own_and_its_place(field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_profile(plain() | {field: [5, -1]})
    assert (refused.value.code, refused.value.field) == (Reason.NEGATIVE, f"{field}[1]")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"version": True},
        {"import_wh": [1.0, 2]},
        {"import_wh": [2**63, 2]},
        {"import_wh": [0] * 1441},
        {"signature": "0x" + "00" * 4097},
        {"meter": "0x00"},
        {"extra": 1},
    ],
)
def test_values_out_of_range_are_malformed(change: dict[str, object]) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_profile(plain() | change)
    assert refused.value.code is Reason.MALFORMED


def test_a_missing_field_is_named() -> None:
    odd = plain()
    del odd["profile_salt"]
    with pytest.raises(RefusedError, match="profile_salt"):
        parse_profile(odd)
