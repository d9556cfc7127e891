"""Checkpoints, cosignatures and portable proofs, byte for byte as a C2SP library we did not write makes and verifies them."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.protocol.checkpoint import WITNESS, Checkpoint, Note, NoteKey, NoteSigner, parse_checkpoint, parse_note, parse_note_key
from ledger.protocol.log import consistency_proof, inclusion_proof, leaf_hash, tree_root, verify_consistency
from ledger.protocol.quantities import unhex
from ledger.protocol.tlog_proof import TlogProof, parse_tlog_proof
from tests.ledger.protocol.vectors import load

VECTORS: dict[str, Any] = load("c2sp")
ENTRIES = [unhex(one, "entry") for one in load("log")["entries"]]
LEAVES = [leaf_hash(one) for one in ENTRIES]


def key_of(who: str) -> NoteKey:
    """A key as that library publishes it."""
    return parse_note_key(VECTORS["keys"][who])


def signer(who: str) -> NoteSigner:
    """The same, with its private half."""
    return NoteSigner(key_of(who).name, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["seeds"][who])))


def note_of(head: dict[str, Any]) -> Note:
    """A checkpoint as we make it from the same entries and seeds."""
    text = Checkpoint(signer("log").name, head["size"], tree_root(LEAVES[: head["size"]])).text()
    return Note(text, (signer("log").sign(text), signer("witness").cosign(text, head["time"])))


def test_keys_are_published_the_same_way() -> None:
    assert (signer("log").key().text(), signer("witness").key(WITNESS).text()) == (VECTORS["keys"]["log"], VECTORS["keys"]["witness"])


@pytest.mark.parametrize("head", VECTORS["heads"], ids=lambda head: f"size {head['size']}")
def test_checkpoints_cosignatures_and_proofs_are_the_same_bytes_and_are_believed(head: dict[str, Any]) -> None:
    theirs = head["note"].encode()
    assert note_of(head).to_bytes() == theirs
    read = parse_note(theirs)
    assert key_of("log").signed(read)
    assert key_of("witness").cosigned_at(read) == head["time"]
    assert parse_checkpoint(read.text).root == tree_root(LEAVES[: head["size"]])
    ours = [
        TlogProof(entry, index, inclusion_proof(LEAVES[: head["size"]], index), read).to_bytes().decode()
        for index, entry in enumerate(ENTRIES[: head["size"]])
        if entry
    ]
    assert ours == head["proofs"]
    assert all(parse_tlog_proof(one.encode()).holds() for one in head["proofs"])


def test_consistency_proofs_are_the_same_and_hold() -> None:
    for one in VECTORS["consistency"]:
        proof = tuple(bytes.fromhex(each) for each in one["proof"])
        assert consistency_proof(LEAVES[: one["new"]], one["old"]) == proof
        assert verify_consistency(tree_root(LEAVES[: one["old"]]), one["old"], tree_root(LEAVES[: one["new"]]), one["new"], proof)
