"""A witness that refused a second history kept nothing of it and said nothing: what proves a split view best was thrown away."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.cli.audit_seen import remembered
from ledger.cli.witness import refusal_in_words
from ledger.protocol.checkpoint import WITNESS, Note, NoteSigner, parse_checkpoint, parse_note
from ledger.protocol.log import consistency_proof, leaf_hash
from ledger.transparency.audit import Copy, Verdict, audit
from ledger.witness import memory as remembering
from ledger.witness.errors import ForkError, StaleError, UnsignedError, WitnessError
from ledger.witness.memory import Memory
from ledger.witness.witness import Refusal, Request, Witness
from tests.ledger.transparency.test_audit import FORGED, LOG, TEN, around, note

OWN = NoteSigner("press.example", Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


class Watch:
    """A witness, what it keeps and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.memory, self.said = folder, Memory(folder), list[Refusal]()
        self.witness = Witness(OWN, [LOG.key()], self.memory, lambda: 1_782_900_000, self.said.append)

    def ask(self, old: int, entries: list[bytes], signer: NoteSigner = LOG) -> None:
        proof = consistency_proof([leaf_hash(one) for one in entries], old) if old else ()
        self.witness.cosign(Request(old, proof, parse_note(note(entries, signer))))

    @property
    def kept(self) -> list[Path]:
        return sorted(self.folder.glob("*.refused/*.checkpoint"))


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    made = Watch(tmp_path / "memory")
    made.ask(0, TEN[:6])
    yield made
    made.memory.close()


@pytest.mark.parametrize(("old", "size", "refusal"), [(0, 6, StaleError), (6, 6, StaleError), (6, 9, ForkError)])
def test_what_the_log_signed_and_does_not_follow_is_kept_told_once_and_convicts(
    watch: Watch, tmp_path: Path, old: int, size: int, refusal: type[WitnessError]
) -> None:
    for _ in range(3):
        with pytest.raises(refusal):
            watch.ask(old, FORGED[:size])
    (path,) = watch.kept
    (told,) = watch.said
    assert (told.kept, told.head.size, told.cosigned.size) == (path, size, 6)
    assert str(path) in refusal_in_words(told)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    evidence = parse_note(path.read_bytes())
    assert LOG.key().signed(evidence)
    assert parse_checkpoint(evidence.text).size == size
    beside = parse_note(path.with_suffix(".cosigned").read_bytes())
    assert LOG.key().signed(beside), "both of what the log signed are there, whatever was cosigned since"
    assert OWN.key(WITNESS).cosigned_at(beside)

    # The auditor names the file: the history that is served is not the only one.
    found = audit(Copy(TEN, [note(TEN)]), around(TEN, 10, own=remembered(path, LOG.name)))
    assert found.verdict is Verdict.SPLIT
    watch.ask(6, TEN)  # and the true history goes on


def test_what_the_log_did_not_sign_or_may_well_follow_fills_no_disk(watch: Watch) -> None:
    with pytest.raises(UnsignedError):
        watch.ask(6, FORGED, OWN)
    for old, size in ((0, 9), (3, 9), (0, 4), (5, 6)):
        with pytest.raises(StaleError):
            watch.ask(old, TEN[:size])
    assert (watch.kept, watch.said) == ([], [])


def test_strangers_signatures_are_not_kept_and_there_is_an_end(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "REFUSED_LIMIT", 2)
    for size in (7, 8, 9):
        with pytest.raises(ForkError):
            watch.ask(6, FORGED[:size])
    assert [one.head.size for one in watch.said] == [7, 8]
    assert all(len(parse_note(one.read_bytes()).signatures) == 1 for one in watch.kept)


def test_a_disk_that_is_full_changes_no_refusal_and_is_told(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(remembering, "put", full)
    with pytest.raises(ForkError):
        watch.ask(6, FORGED)
    (told,) = watch.said
    assert told.kept is None
    assert "NOT KEPT" in refusal_in_words(told)
    assert "No space left" in refusal_in_words(told)
    assert isinstance(watch.witness.seen(LOG.name), Note)
