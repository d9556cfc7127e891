"""The audit tells a whole log from one that was cut, changed or shown in two versions; every root is rebuilt by the slow way here."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, NoteSigner
from ledger.protocol.log import leaf_hash, tree_root
from ledger.transparency.audit import Anchored, Copy, Elsewhere, Verdict, audit
from ledger.transparency.rules import Entry

UNIT = b"\x01" * 32
LOG = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
WATCHER = NoteSigner("watcher.example", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))


def entry(number: int, digest: bytes = b"\x05" * 32) -> bytes:
    return Entry(UNIT, number, "sealed", number.to_bytes(32, "big"), digest, 1_782_838_800 + number).to_bytes()


def root(entries: list[bytes]) -> bytes:
    return tree_root([leaf_hash(each) for each in entries])


def note(entries: list[bytes], signer: NoteSigner = LOG) -> bytes:
    text = Checkpoint(LOG.name, len(entries), root(entries)).text()
    return Note(text, (signer.sign(text), WATCHER.cosign(text, 1_782_838_800 + len(entries)))).to_bytes()


def anchored(entries: list[bytes], *sizes: int) -> list[Anchored]:
    return [Anchored(size, root(entries[:size]), 100 + size) for size in sizes]


TEN = [entry(number) for number in range(10)]
FORGED = [*TEN[:4], entry(4, b"\x06" * 32), *TEN[5:]]


def around(entries: list[bytes], *sizes: int, **more: object) -> Elsewhere:
    known = {"log_key": LOG.key(), "witnesses": [WATCHER.key(WITNESS)], **more}
    return Elsewhere(LOG.name, anchored(entries, *sizes), **known)  # type: ignore[arg-type]


def details(verdict: Verdict, copy: Copy, elsewhere: Elsewhere) -> str:
    found = audit(copy, elsewhere)
    assert found.verdict is verdict, found.findings
    return "\n".join(one.detail for one in found.findings if one.verdict is verdict)


def test_a_whole_log_is_whole() -> None:
    documents = [(number.to_bytes(32, "big"), "sealed", b"\x05" * 32) for number in range(10)]
    found = audit(Copy(TEN, [note(TEN[:3]), note(TEN)]), around(TEN, 3, 10, documents=documents, seen={"watcher": note(TEN)}))
    assert (found.verdict, found.size, found.root, found.anchored) == (Verdict.WHOLE, 10, root(TEN), 10)


def test_an_end_the_log_claims_and_the_chain_does_not_know_is_told() -> None:
    ended = [*TEN, Entry(UNIT, 10, "terminated", (3).to_bytes(32, "big"), b"\x05" * 32, 1_782_900_000).to_bytes()]
    documents = [(number.to_bytes(32, "big"), "sealed", b"\x05" * 32) for number in range(10)]
    told = details(Verdict.BROKEN, Copy(ended, [note(ended)]), around(ended, 11, documents=documents))
    assert f"the log says 0x{3:064x} was terminated, the chain does not" in told
    documents.append(((3).to_bytes(32, "big"), "terminated", b"\x05" * 32))
    assert audit(Copy(ended, [note(ended)]), around(ended, 11, documents=documents)).verdict is Verdict.WHOLE


def test_a_tail_that_is_not_anchored_is_said_to_be_so() -> None:
    assert "last 7 of 10" in details(Verdict.UNANCHORED, Copy(TEN, [note(TEN)]), around(TEN, 3))
    assert "all" not in details(Verdict.UNANCHORED, Copy(TEN, [note(TEN)]), around(TEN))


def test_a_log_that_was_cut_is_caught_by_the_chain_and_by_the_checkpoint() -> None:
    assert "log was cut: the chain" in details(Verdict.BROKEN, Copy(TEN[:9], [note(TEN[:9])]), around(TEN, 3, 10))
    assert "log was cut: a signed checkpoint" in details(Verdict.BROKEN, Copy(TEN[:9], [note(TEN)]), around(TEN, 3))
    assert "log was cut: witness press" in details(
        Verdict.BROKEN, Copy(TEN[:9], [note(TEN[:9])]), around(TEN, 3, seen={"press": note(TEN)})
    )
    assert audit(Copy([], []), around(TEN, 3, 10)).verdict is Verdict.BROKEN


def test_a_rewritten_entry_is_a_split_view_against_whoever_saw_the_first() -> None:
    told = details(Verdict.SPLIT, Copy(FORGED, [note(FORGED)]), around(TEN, 3, 10))
    assert "at 10 entries the chain (block 110) holds" in told
    assert "split view: at 10 entries witness press" in details(
        Verdict.SPLIT, Copy(FORGED, [note(FORGED)]), around(FORGED, 10, seen={"press": note(TEN)})
    )


def test_two_checkpoints_of_one_size_that_the_log_signed_are_a_split_view() -> None:
    assert "a signed checkpoint holds" in details(Verdict.SPLIT, Copy(TEN, [note(TEN), note(FORGED)]), around(TEN, 10))


def test_an_entry_left_out_in_the_middle_breaks_the_numbers() -> None:
    short = [*TEN[:4], *TEN[5:]]
    assert "counts 5 where 4 was due" in details(Verdict.BROKEN, Copy(short, [note(short)]), around(short, 9))


def test_an_event_of_the_chain_that_the_log_keeps_silent_is_named() -> None:
    missing = b"\x99" * 32
    elsewhere = around(TEN, 10, documents=[(missing, "revoked", None), (bytes(32), "sealed", b"\x07" * 32)])
    told = details(Verdict.BROKEN, Copy(TEN, [note(TEN)]), elsewhere)
    assert f"0x{missing.hex()} was revoked, the log does not" in told
    assert "another sealed digest" in told


def test_a_checkpoint_of_another_key_or_another_log_is_not_taken() -> None:
    assert "not signed by" in details(Verdict.BROKEN, Copy(TEN, [note(TEN, WATCHER)]), around(TEN, 10))
    elsewhere = Elsewhere("sonang/1/0x00", anchored(TEN, 10), log_key=LOG.key())
    assert "another log" in details(Verdict.BROKEN, Copy(TEN, [note(TEN)]), elsewhere)
    assert "no signatures" in details(Verdict.BROKEN, Copy(TEN, [b"junk"]), around(TEN, 10))


def test_a_trusted_witness_that_never_cosigned_is_missed() -> None:
    other = NoteSigner("other.example", Ed25519PrivateKey.from_private_bytes(b"\x04" * 32)).key(WITNESS)
    assert "other.example cosigned no checkpoint" in details(Verdict.UNANCHORED, Copy(TEN, [note(TEN)]), around(TEN, 10, witnesses=[other]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 10), min_size=1, max_size=4, unique=True).map(sorted), st.data())
def test_whatever_is_done_to_an_anchored_entry_is_noticed(sizes: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, sizes[-1] - 1))
    what = data.draw(st.sampled_from(["change", "drop", "double", "swap"]))
    served = {
        "change": [*TEN[:place], entry(place, b"\x06" * 32), *TEN[place + 1 :]],
        "drop": [*TEN[:place], *TEN[place + 1 :]],
        "double": [*TEN[: place + 1], *TEN[place:]],
        "swap": [*TEN[:place], *TEN[place : place + 2][::-1], *TEN[place + 2 :]],
    }[what]
    assert audit(Copy(TEN, []), around(TEN, *sizes)).verdict < Verdict.BROKEN
    assert (audit(Copy(served, []), around(TEN, *sizes)).verdict >= Verdict.BROKEN) == (served != TEN)
