"""When statements make a quorum: enough distinct oracles over the same readings, and no liar among them."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.protocol.signers import Verifiers, eoa_signer, new_p256_key, p256_signer, sign_eoa, sign_p256, verify
from ledger.protocol.typed_data import Domain, Readings, digest
from oracle.errors import StatementError
from oracle.quorum import Collected, SignedStatement, collect, parse_statement

VERIFIERS = Verifiers(b"\x51" * 20, b"\x52" * 20)
DOMAIN = Domain(31337, b"\xaa" * 20)
KEYS = [bytes([number]) * 32 for number in range(1, 5)]
ORACLES = [eoa_signer(key) for key in KEYS]
READINGS = Readings(bytes(32), 86_400, 172_800, 1, b"\x01" * 32, 48)


def state(oracle: int, root: int = 1, version: int = 1) -> SignedStatement:
    readings = replace(READINGS, root=bytes([root]) * 32, version=version)
    return SignedStatement(readings, ORACLES[oracle], sign_eoa(KEYS[oracle], digest(DOMAIN, readings)))


def sort(*statements: SignedStatement, max_faulty: int = 1) -> Collected:
    return collect(statements, domain=DOMAIN, oracles=ORACLES, max_faulty=max_faulty, verifiers=VERIFIERS)


def test_two_of_four_are_enough_and_one_is_not() -> None:
    assert sort(state(0)).quorum is None
    quorum = sort(state(3), state(0)).quorum
    assert quorum is not None
    assert quorum.readings == READINGS
    assert list(quorum.signers) == sorted([ORACLES[0], ORACLES[3]]), "the chain wants them in rising order"


def test_the_same_oracle_twice_is_one_oracle() -> None:
    assert sort(state(0), state(0)).quorum is None


def test_a_quorum_needs_the_same_root() -> None:
    assert sort(state(0, 1), state(1, 2), state(2, 3)).quorum is None
    quorum = sort(state(0, 1), state(1, 2), state(2, 2)).quorum
    assert quorum is not None
    assert quorum.readings.root == b"\x02" * 32


def test_an_oracle_that_signs_two_roots_gives_itself_away_and_counts_for_neither() -> None:
    sorted_out = sort(state(0, 1), state(0, 2), state(1, 1))
    assert sorted_out.quorum is None
    (lie,) = sorted_out.equivocations
    assert lie.oracle == ORACLES[0]
    assert {lie.a.readings.root, lie.b.readings.root} == {b"\x01" * 32, b"\x02" * 32}
    for statement in (lie.a, lie.b):
        verify(lie.oracle, digest(DOMAIN, statement.readings), statement.signature, VERIFIERS)


def test_a_correction_is_no_lie() -> None:
    assert sort(state(0, 1, version=1), state(0, 2, version=2)).equivocations == ()


def test_a_stranger_and_a_forger_are_rejected_with_a_reason() -> None:
    stranger = replace(state(0), signer=eoa_signer(b"\x09" * 32))
    forged = replace(state(1), signer=ORACLES[2])
    rejected = sort(stranger, forged).rejected
    assert [statement for statement, _ in rejected] == [stranger, forged]
    assert all(reason for _, reason in rejected)


def test_nobody_can_frame_an_oracle_with_a_statement_it_did_not_sign() -> None:
    framed = replace(state(0, 2), signature=state(0, 1).signature)
    sorted_out = sort(state(0, 1), framed, state(1, 1))
    assert sorted_out.equivocations == ()
    assert sorted_out.quorum is not None


def test_a_p256_oracle_counts_like_a_wallet() -> None:
    key = new_p256_key()
    signer = p256_signer(key, VERIFIERS)
    signed = SignedStatement(READINGS, signer, sign_p256(key, digest(DOMAIN, READINGS)))
    sorted_out = collect([signed, state(0)], domain=DOMAIN, oracles=[*ORACLES, signer], max_faulty=1, verifiers=VERIFIERS)
    assert sorted_out.quorum is not None


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=8), st.integers(0, 2), st.randoms(use_true_random=False))
def test_a_quorum_agrees_with_counting_by_hand(votes: list[tuple[int, int]], max_faulty: int, shuffle: object) -> None:
    """Slow and obvious: drop whoever voted twice differently, count the rest by root."""
    roots: dict[int, set[int]] = {}
    for oracle, root in votes:
        roots.setdefault(oracle, set()).add(root)
    honest = {oracle: next(iter(voted)) for oracle, voted in roots.items() if len(voted) == 1}
    tally = {root: sum(voted == root for voted in honest.values()) for root in honest.values()}
    statements = [state(oracle, root) for oracle, root in votes]
    shuffle.shuffle(statements)  # type: ignore[attr-defined]
    sorted_out = sort(*statements, max_faulty=max_faulty)
    assert (sorted_out.quorum is not None) == any(count > max_faulty for count in tally.values())
    if sorted_out.quorum is not None:
        root = sorted_out.quorum.readings.root[0]
        assert tally[root] == max(tally.values())
        assert len(set(sorted_out.quorum.signers)) == max_faulty + 1
        assert {ORACLES.index(signer) for signer in sorted_out.quorum.signers} <= {one for one, voted in honest.items() if voted == root}
    assert {lie.oracle for lie in sorted_out.equivocations} == {ORACLES[oracle] for oracle, voted in roots.items() if len(voted) > 1}


BYTES32 = st.binary(min_size=32, max_size=32)
TIME = st.integers(0, 2**63 - 1)
UINT32 = st.integers(0, 2**32 - 1)


@given(st.builds(Readings, BYTES32, TIME, TIME, UINT32, BYTES32, UINT32), st.binary(max_size=100), st.binary(max_size=100))
def test_a_statement_survives_the_journey_through_json(readings: Readings, signer: bytes, signature: bytes) -> None:
    statement = SignedStatement(readings, signer, signature)
    assert parse_statement(orjson.loads(orjson.dumps(statement.to_json()))) == statement


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"readings": {}},
        state(0).to_json() | {"signer": 5},
        state(0).to_json() | {"signature": "0x0"},
        {**state(0).to_json(), "readings": {**state(0).to_json()["readings"], "root": "0x00"}},  # type: ignore[dict-item]
        {**state(0).to_json(), "readings": {**state(0).to_json()["readings"], "count": -1}},  # type: ignore[dict-item]
    ],
)
def test_what_is_no_statement_is_refused(value: object) -> None:
    with pytest.raises(StatementError):
        parse_statement(value)
