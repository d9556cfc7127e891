"""Portable proofs that a log holds an entry (C2SP tlog-proof): checkpoint, index and inclusion proof in one text file, checked offline.

The entry itself travels as the format's extra data, so that one file is enough.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from ledger.protocol.checkpoint import NOTE_LIMIT, Checkpoint, Note, parse_checkpoint, parse_note, parse_number, unbase64
from ledger.protocol.errors import ProtocolError
from ledger.protocol.log import PROOF_LIMIT, leaf_hash, verify_inclusion
from ledger.protocol.quantities import check_bytes, check_bytes32, check_uint

MAGIC = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """That `entry` stands at `index` of the log the signed checkpoint speaks of."""

    entry: bytes
    index: int
    hashes: tuple[bytes, ...]
    note: Note

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint it leads to.

        Raises:
            ProtocolError: the note is about something else.
        """
        return parse_checkpoint(self.note.text)

    def holds(self) -> bool:
        """Whether the entry is in the tree of the checkpoint; who signed that is for the reader to ask of `note`.

        Raises:
            ProtocolError: a part is malformed.
        """
        head = self.checkpoint
        return self.index < head.size and verify_inclusion(head.root, head.size, self.index, leaf_hash(self.entry), self.hashes)

    def to_bytes(self) -> bytes:
        """The file."""
        lines = [MAGIC, f"extra {b64encode(self.entry).decode()}", f"index {check_uint(self.index, 63, 'index')}"]
        lines += [b64encode(check_bytes32(each, "proof")).decode() for each in self.hashes]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note.to_bytes()


def parse_tlog_proof(data: bytes) -> TlogProof:
    """The proof behind a file.

    Raises:
        ProtocolError: it is none, or leaves out the entry.
    """
    if len(check_bytes(data, "proof")) > 2 * NOTE_LIMIT:
        raise ProtocolError("too long", field="proof", fix="give a .tlog-proof file")
    head, found, note = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        lines = []
    if not found or len(lines) < 3 or lines[0] != MAGIC or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise ProtocolError("not a proof with its entry", field="proof", fix=f"give a file that begins with {MAGIC}, extra and index")
    if len(lines) > 3 + PROOF_LIMIT:
        raise ProtocolError("too many hashes", field="proof", fix="give the proof as the log made it")
    entry, index = unbase64(lines[1][6:], "extra"), parse_number(lines[2][6:], "index")
    hashes = tuple(check_bytes32(unbase64(line, "proof"), "proof") for line in lines[3:])
    return TlogProof(entry, index, hashes, parse_note(note))
