"""A witness signs one history of a log: what grew from what it signed before, and nothing else, whoever asks and however it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, NoteSigner
from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import consistency_proof, leaf_hash, tree_root
from ledger.witness.errors import ForkError, StaleError, StateError, UnknownLogError, UnsignedError, WitnessError
from ledger.witness.memory import Memory
from ledger.witness.witness import Request, Witness, parse_request

LOG = NoteSigner("a.log", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
OWN = NoteSigner("watcher.example", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
LEAVES = [leaf_hash(bytes([number])) for number in range(12)]
FORKED = [*LEAVES[:2], leaf_hash(b"another"), *LEAVES[3:]]
NOW = 1_782_900_000


def note(leaves: list[bytes], origin: str = LOG.name, signer: NoteSigner = LOG) -> Note:
    text = Checkpoint(origin, len(leaves), tree_root(leaves)).text()
    return Note(text, (signer.sign(text),))


def request(old: int, leaves: list[bytes]) -> Request:
    return Request(old, consistency_proof(leaves, old) if old else (), note(leaves))


Open = Callable[[], Witness]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens the witness again and again on one memory, as a process that ended and came back."""
    held: list[Memory] = []

    def again() -> Witness:
        while held:
            held.pop().close()
        held.append(Memory(tmp_path / "memory"))
        return Witness(OWN, [LOG.key()], held[-1], lambda: NOW)

    yield again
    while held:
        held.pop().close()


def test_a_log_that_grows_is_cosigned_with_the_time(opened: Open) -> None:
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 12)):
        made = opened().cosign(request(old, LEAVES[:size]))
        assert OWN.key(WITNESS).cosigned_at(Note(note(LEAVES[:size]).text, (made,))) == NOW
    seen = opened().seen(LOG.name)
    assert seen is not None
    assert LOG.key().signed(seen)
    assert OWN.key(WITNESS).cosigned_at(seen) == NOW


def test_a_fork_is_never_cosigned_whatever_it_claims_to_continue(opened: Open) -> None:
    opened().cosign(request(0, LEAVES[:5]))
    with pytest.raises(StaleError) as stale:
        opened().cosign(request(0, FORKED[:8]))
    assert stale.value.size == 5
    with pytest.raises(ForkError, match="does not continue"):
        opened().cosign(request(5, FORKED[:8]))
    with pytest.raises(StaleError, match="another root"):
        opened().cosign(request(5, FORKED[:5]))
    with pytest.raises(StaleError):
        opened().cosign(request(3, LEAVES[:8]))
    with pytest.raises(ProtocolError, match="above"):
        opened().cosign(Request(5, (), note(LEAVES[:3])))
    assert opened().seen(LOG.name) is not None
    opened().cosign(request(5, LEAVES[:8]))


def test_only_a_known_log_with_its_own_key_is_cosigned(opened: Open) -> None:
    with pytest.raises(UnknownLogError):
        opened().cosign(Request(0, (), note(LEAVES, origin="another.log")))
    with pytest.raises(UnsignedError):
        opened().cosign(Request(0, (), note(LEAVES, signer=OWN)))
    with pytest.raises(ProtocolError, match="empty log"):
        opened().cosign(Request(0, (), note([])))
    with pytest.raises(ForkError):
        opened().cosign(Request(0, (bytes(32),), note(LEAVES)))
    assert opened().seen(LOG.name) is None
    with pytest.raises(UnknownLogError):
        opened().seen("another.log")


def test_a_damaged_memory_is_no_reason_to_forget(opened: Open, tmp_path: Path) -> None:
    opened().cosign(request(0, LEAVES[:5]))
    (file,) = (tmp_path / "memory").glob("*.checkpoint")
    file.write_bytes(file.read_bytes()[:20])
    with pytest.raises(StateError, match="is damaged"):
        opened().cosign(request(0, FORKED[:8]))


def test_two_witnesses_never_share_a_memory(opened: Open, tmp_path: Path) -> None:
    opened()
    with pytest.raises(StateError, match="another witness"):
        Memory(tmp_path / "memory")


@given(st.integers(0, 12), st.lists(st.binary(min_size=32, max_size=32), max_size=5), st.integers(1, 12))
def test_a_request_is_read_back_as_it_was_written(old: int, proof: list[bytes], size: int) -> None:
    asked = Request(old, tuple(proof), note(LEAVES[:size]))
    assert parse_request(asked.to_bytes()) == asked


@given(st.binary(max_size=100))
def test_junk_is_no_request(junk: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_request(junk)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.booleans(), st.integers(1, 12), st.integers(0, 12)), max_size=12))
def test_all_that_was_ever_cosigned_is_one_history(asked: list[tuple[bool, int, int]], tmp_path_factory: pytest.TempPathFactory) -> None:
    memory = Memory(tmp_path_factory.mktemp("memory"))
    witness, cosigned = Witness(OWN, [LOG.key()], memory, lambda: NOW), []
    for forked, size, old in asked:
        leaves = (FORKED if forked else LEAVES)[:size]
        try:
            witness.cosign(request(min(old, size), leaves))
        except WitnessError:
            continue
        cosigned.append(leaves)
    memory.close()
    assert all(one == two[: len(one)] for one, two in pairwise(cosigned))


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [("\n5\n", "\n4\n", "not what the log and this witness signed"), ("a.log", "", "memory is damaged")],
)
def test_a_witness_does_not_start_on_a_memory_somebody_wrote_in(
    opened: Open, tmp_path: Path, before: str, after: str, problem: str
) -> None:
    opened().cosign(request(0, LEAVES[:5]))
    (kept,) = (tmp_path / "memory").glob("*.checkpoint")
    kept.write_text(kept.read_text().replace(before, after, 1))
    with pytest.raises(StateError, match=problem) as refused:
        opened()
    assert refused.value.field == str(kept)
    assert "backup" in refused.value.fix
