"""Signed checkpoints: Go's own example comes out byte for byte, one form only, and no changed byte is believed."""

from __future__ import annotations

from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.protocol.checkpoint import (
    LOG,
    WITNESS,
    Checkpoint,
    Note,
    NoteSigner,
    cosigned_text,
    parse_checkpoint,
    parse_note,
    parse_note_key,
    parse_signatures,
    signature_line,
)
from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import leaf_hash, tree_root
from ledger.protocol.tlog_proof import TlogProof, parse_tlog_proof

SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

names = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="+"), min_size=1, max_size=40)
seeds = st.binary(min_size=32, max_size=32)
signers = st.builds(lambda name, seed: NoteSigner(name, Ed25519PrivateKey.from_private_bytes(seed)), names, seeds)
checkpoints = st.builds(Checkpoint, names, st.integers(0, 2**63 - 1), seeds)
times = st.integers(0, 2**63 - 1)


def test_the_example_of_gos_note_package_comes_out_byte_for_byte() -> None:
    signer = NoteSigner("PeterNeumann", Ed25519PrivateKey.from_private_bytes(SEED))
    assert signer.key().text() == GO_KEY
    note = Note(GO_TEXT, (signer.sign(GO_TEXT),))
    assert note.to_bytes() == GO_TEXT + b"\n" + GO_LINE.encode()
    assert parse_note_key(GO_KEY).signed(parse_note(note.to_bytes()))


def test_the_published_key_of_gos_checksum_database_is_read() -> None:
    key = parse_note_key("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
    assert (key.name, key.kind) == ("sum.golang.org", LOG)


def test_the_checkpoint_of_the_specification_is_read() -> None:
    text = b"example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    read = parse_checkpoint(text)
    assert (read.origin, read.size, read.text()) == ("example.com/behind-the-sofa", 20852163, text)


@given(checkpoints, signers, signers, times)
def test_what_is_signed_and_cosigned_is_read_back_and_believed(head: Checkpoint, log: NoteSigner, witness: NoteSigner, time: int) -> None:
    text = head.text()
    note = Note(text, (log.sign(text), witness.cosign(text, time)))
    read = parse_note(note.to_bytes())
    assert read == note
    assert parse_checkpoint(read.text) == head
    assert parse_note_key(log.key().text()).signed(read)
    assert parse_note_key(witness.key(WITNESS).text()).cosigned_at(read) == time
    if log.key() != witness.key():
        assert log.key(WITNESS).cosigned_at(read) is None
        assert not witness.key(LOG).signed(read)


@given(checkpoints, signers, st.data())
def test_one_changed_byte_is_refused_or_not_believed(head: Checkpoint, signer: NoteSigner, data: st.DataObject) -> None:
    raw = Note(head.text(), (signer.sign(head.text()),)).to_bytes()
    place = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
    try:
        read = parse_note(changed)
    except ProtocolError:
        return
    assert not signer.key().signed(read)


@given(checkpoints, signers, times, times)
def test_a_cosignature_binds_its_time(head: Checkpoint, witness: NoteSigner, time: int, other: int) -> None:
    line = witness.cosign(head.text(), time)
    moved = type(line)(line.name, line.key_id, other.to_bytes(8, "big") + line.signature[8:])
    assert witness.key(WITNESS).cosigned_at(Note(head.text(), (moved,))) == (time if other == time else None)
    assert cosigned_text(head.text(), time).startswith(b"cosignature/v1\ntime ")


ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log\n1\n{ROOT}",
        f"log\n01\n{ROOT}\n",
        f"log\n-1\n{ROOT}\n",
        f"log\n9223372036854775808\n{ROOT}\n",
        f"log\n1\n{ROOT}\nextension\n",
        f"log\n1\n{ROOT[:-1]}\n",
        f"log\n1\n{ROOT[:-2]}J=\n",
        f"a log\n1\n{ROOT}\n",
        f"a+log\n1\n{ROOT}\n",
        f"log\r\n1\n{ROOT}\n",
        f"log\n1\n{ROOT} \n",
    ],
)
def test_a_checkpoint_has_one_form(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_checkpoint(text.encode())


@given(st.binary(max_size=300))
def test_junk_is_refused_in_our_own_words(junk: bytes) -> None:
    for read in (parse_checkpoint, parse_note, parse_signatures, parse_tlog_proof):
        with pytest.raises(ProtocolError):
            read(junk)
    with pytest.raises(ProtocolError):
        parse_note_key(junk.decode("latin-1"))


def test_two_signatures_by_one_key_are_refused() -> None:
    line = GO_LINE.encode()
    with pytest.raises(ProtocolError, match="one key"):
        parse_signatures(line * 2)
    assert signature_line(parse_signatures(line)[0]) == line


def test_a_key_whose_id_was_mistyped_is_refused() -> None:
    with pytest.raises(ProtocolError, match="copy the whole text"):
        parse_note_key(GO_KEY.replace("c74f20a3", "c74f20a4"))


@given(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=20), st.data(), signers)
def test_a_portable_proof_stands_alone_and_says_nothing_of_another_entry(
    entries: list[bytes], data: st.DataObject, log: NoteSigner
) -> None:
    from ledger.protocol.log import inclusion_proof

    leaves = [leaf_hash(each) for each in entries]
    index = data.draw(st.integers(0, len(entries) - 1))
    text = Checkpoint(log.name, len(leaves), tree_root(leaves)).text()
    made = TlogProof(entries[index], index, inclusion_proof(leaves, index), Note(text, (log.sign(text),)))
    assert made.holds()
    assert parse_tlog_proof(made.to_bytes()) == made
    assert made.to_bytes().startswith(b"c2sp.org/tlog-proof@v1\nextra ")
    assert not TlogProof(entries[index] + b"!", index, made.hashes, made.note).holds()
    assert not TlogProof(entries[index], len(entries), made.hashes, made.note).holds()
