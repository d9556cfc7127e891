"""A node's key file: its owner's alone, of a known kind, and never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.protocol.signers import Verifiers, verify
from oracle.errors import NodeError
from oracle.keys import KeyKind, load_key, new_key

VERIFIERS = Verifiers(b"\x51" * 20, b"\x52" * 20)


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_new_key_is_private_and_signs_for_its_signer(tmp_path: Path, kind: KeyKind) -> None:
    path = tmp_path / "keys" / "node.key"
    new_key(path, kind)
    assert path.stat().st_mode & 0o777 == 0o600
    key = load_key(path, VERIFIERS)
    assert len(key.signer) == (20 if kind is KeyKind.EOA else 84)
    verify(key.signer, b"\x07" * 32, key.sign(b"\x07" * 32), VERIFIERS)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    new_key(path, KeyKind.EOA)
    before = path.read_bytes()
    with pytest.raises(NodeError, match="never overwritten"):
        new_key(path, KeyKind.EOA)
    assert path.read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_key_others_may_read_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "node.key"
    new_key(path, KeyKind.EOA)
    path.chmod(mode)
    with pytest.raises(NodeError, match="chmod 600"):
        load_key(path, VERIFIERS)


def test_a_file_that_holds_no_key_is_refused_without_showing_what_it_holds(tmp_path: Path) -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    pem = p384.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for content in (b"", b"hunter2-secret", b"0x" + b"00" * 32, b"0x" + b"ff" * 32, b"-----BEGIN PRIVATE KEY-----\nhunter2\n", pem):
        path = tmp_path / "node.key"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(NodeError) as refused:
            load_key(path, VERIFIERS)
        assert "hunter2" not in str(refused.value)
        assert "--new-key" in str(refused.value)


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NodeError, match="--new-key"):
        load_key(tmp_path / "none.key", VERIFIERS)
