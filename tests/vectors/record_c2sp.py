"""Writes c2sp.json with a C2SP library of somebody else's (PyPI `aics-tlog`, which needs Python 3.12), and reads it back with its verifier.

    python3.12 -m venv .cache/c2sp && .cache/c2sp/bin/pip install aics-tlog==0.2.1
    .cache/c2sp/bin/python tests/vectors/record_c2sp.py [--check]

The library knows checkpoints, cosignatures and proofs; a tlog-proof is put together here from what it made, as c2sp.org/tlog-proof says.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aics_tlog import (  # type: ignore[import-not-found]
    Checkpoint,
    MerkleTree,
    Note,
    cosignature_vkey,
    parse_note,
    sign_checkpoint,
    sign_cosignature,
    verify_checkpoint,
    verify_consistency,
    verify_leaf_inclusion,
    vkey_from_ed25519,
)
from aics_tlog.note import format_vkey  # type: ignore[import-not-found]
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

HERE = Path(__file__).parent
ORIGIN, WITNESS, TIME = "sonang/31337/0x1111111111111111111111111111111111111111", "press.example", 1_782_900_000
LOG_SEED, WITNESS_SEED = b"\x02" * 32, b"\x03" * 32


def recorded() -> dict[str, Any]:
    """Everything the library says about the entries of log.json."""
    log, press = (Ed25519PrivateKey.from_private_bytes(seed) for seed in (LOG_SEED, WITNESS_SEED))
    log_key, witness_key = vkey_from_ed25519(ORIGIN, log.public_key()), cosignature_vkey(WITNESS, press.public_key())
    entries = [bytes.fromhex(one[2:]) for one in json.loads((HERE / "log.json").read_text())["entries"]]
    tree, heads = MerkleTree(entries), []
    for size in range(1, len(entries) + 1):
        root = tree.root(size)
        signed = sign_checkpoint(Checkpoint(ORIGIN, size, root), log, ORIGIN)
        _, cosignature = sign_cosignature(press, WITNESS, TIME + size, ORIGIN, size, root)
        note = Note(text=signed.text, signatures=(*signed.signatures, cosignature)).to_bytes()
        assert verify_checkpoint(parse_note(note), log_key, [witness_key], quorum=1).ok
        heads.append({"size": size, "time": TIME + size, "note": note.decode(), "proofs": proofs(tree, entries, size, note)})
    pasts = [
        {"old": old, "new": new, "proof": [one.hex() for one in tree.consistency_proof(old, new)]}
        for new in range(1, len(entries) + 1)
        for old in range(1, new + 1)
    ]
    assert all(
        verify_consistency(one["old"], one["new"], tree.root(one["old"]), tree.root(one["new"]), [bytes.fromhex(h) for h in one["proof"]])
        for one in pasts
    )
    return {
        "madeBy": f"aics-tlog {version('aics-tlog')}, over the entries of log.json",
        "seeds": {"log": LOG_SEED.hex(), "witness": WITNESS_SEED.hex()},
        "keys": {"log": format_vkey(log_key), "witness": format_vkey(witness_key)},
        "heads": heads,
        "consistency": pasts,
    }


def proofs(tree: Any, entries: list[bytes], size: int, note: bytes) -> list[str]:
    """A tlog-proof file of every entry that has bytes, under one checkpoint."""
    made = []
    for index, entry in enumerate(entries[:size]):
        path = tree.inclusion_proof(index, size)
        assert verify_leaf_inclusion(entry, index, size, path, tree.root(size))
        if entry:
            lines = ["c2sp.org/tlog-proof@v1", f"extra {b64encode(entry).decode()}", f"index {index}"]
            made.append("".join(f"{line}\n" for line in [*lines, *(b64encode(one).decode() for one in path)]) + "\n" + note.decode())
    return made


if __name__ == "__main__":
    text = json.dumps(recorded(), indent=1, ensure_ascii=False) + "\n"
    place = HERE / "c2sp.json"
    if "--check" in sys.argv:
        sys.exit(0 if place.read_text() == text else "c2sp.json differs from what the library says")
    place.write_text(text)
