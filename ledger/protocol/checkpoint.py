"""Signed checkpoints of a log, and witnesses' cosignatures: the C2SP formats signed-note, tlog-checkpoint and tlog-cosignature.

A key is Ed25519 with a name; four bytes of a hash over name, kind and key say which key a signature line is for. Stricter than the formats:
names are printable ASCII, a checkpoint has exactly three lines, and there is one way to write each number and each base64 text.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_bytes, check_bytes32, check_time, check_uint

LOG, WITNESS = 1, 4
"""Kinds of signature: a log's over its checkpoint, and a witness's over a time and the checkpoint."""
NOTE_LIMIT = 64 * 1024
SIGNATURE_LIMIT = 64
CLOCKS_S = 300
"""How far a witness's clock may be ahead of a verifier's."""
_NAME = re.compile(r"[!-*,-~]{1,255}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and RFC 6962 root at one moment; `origin` names the log."""

    origin: str
    size: int
    root: bytes

    def text(self) -> bytes:
        """The bytes a log signs.

        Raises:
            ProtocolError: a field is malformed.
        """
        check_name(self.origin, "origin")
        lines = (self.origin, str(check_uint(self.size, 63, "size")), b64encode(check_bytes32(self.root, "root")).decode())
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose, by which key, and what is signed with it."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it."""

    text: bytes
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """The note as it is stored and sent."""
        return self.text + b"\n" + b"".join(signature_line(one) for one in self.signatures)


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key with its name; `kind` is LOG or WITNESS."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names this key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def text(self) -> str:
        """The key as it is published: name, id and key joined by plus signs."""
        return f"{self.name}+{self.key_id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def signed(self, note: Note) -> bool:
        """Whether this log's key signed the note."""
        return self.kind == LOG and any(_holds(self.public, one.signature, note.text) for one in self._own(note))

    def cosigned_at(self, note: Note) -> int | None:
        """When this witness's key cosigned the note, Unix seconds; None when it did not."""
        if self.kind != WITNESS:
            return None
        for one in self._own(note):
            time = int.from_bytes(one.signature[:8], "big")
            if len(one.signature) == 72 and time >> 63 == 0 and _holds(self.public, one.signature[8:], cosigned_text(note.text, time)):
                return time
        return None

    def _own(self, note: Note) -> list[NoteSignature]:
        return [one for one in note.signatures if one.name == self.name and one.key_id == self.key_id]


@dataclass(frozen=True, slots=True)
class NoteSigner:
    """A private key with its name."""

    name: str
    private: Ed25519PrivateKey

    def key(self, kind: int = LOG) -> NoteKey:
        """The public key, as a log's or as a witness's."""
        raw = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return NoteKey(check_name(self.name, "name"), kind, raw)

    def sign(self, text: bytes) -> NoteSignature:
        """A log's signature."""
        return NoteSignature(self.name, self.key().key_id, self.private.sign(text))

    def cosign(self, text: bytes, time: int) -> NoteSignature:
        """A witness's signature: it saw this text at that time, Unix seconds, and the log had only grown."""
        signature = self.private.sign(cosigned_text(text, time))
        return NoteSignature(self.name, self.key(WITNESS).key_id, time.to_bytes(8, "big") + signature)


def cosigned_text(text: bytes, time: int) -> bytes:
    """The bytes a witness signs."""
    return f"cosignature/v1\ntime {check_time(time, 'time')}\n".encode() + text


def signature_line(signature: NoteSignature) -> bytes:
    """One line under a note."""
    return f"{_DASH}{signature.name} {b64encode(signature.key_id + signature.signature).decode()}\n".encode()


def parse_checkpoint(text: bytes) -> Checkpoint:
    """The checkpoint behind the text of a note.

    Raises:
        ProtocolError: it is none, or has extension lines.
    """
    lines = _text(text, "checkpoint").split("\n")
    if len(lines) != 4 or lines[3]:
        raise ProtocolError("not three lines", field="checkpoint", fix="give a checkpoint without extension lines")
    return Checkpoint(check_name(lines[0], "origin"), parse_number(lines[1], "size"), check_bytes32(unbase64(lines[2], "root"), "root"))


def parse_note(data: bytes) -> Note:
    """The text and the signatures of a note; no signature is checked here.

    Raises:
        ProtocolError: it is no note.
    """
    if len(check_bytes(data, "note")) > NOTE_LIMIT:
        raise ProtocolError(f"more than {NOTE_LIMIT} bytes", field="note", fix="give a checkpoint")
    text, found, below = _text(data, "note").rpartition("\n\n")
    if not found or not below.endswith("\n"):
        raise ProtocolError("no signatures", field="note", fix="give a text, an empty line and signature lines")
    signatures = parse_signatures(below.encode())
    if not text or any(not line for line in text.split("\n")):
        raise ProtocolError("an empty line in the text", field="note", fix="give one empty line, before the signatures")
    return Note(f"{text}\n".encode(), signatures)


def parse_signatures(data: bytes) -> tuple[NoteSignature, ...]:
    """Signature lines, as they stand under a note and as a witness answers them.

    Raises:
        ProtocolError: a line is none, two are by one key, or there are none.
    """
    lines = _text(data, "signatures").split("\n")
    if lines[-1] or not 2 <= len(lines) <= SIGNATURE_LIMIT + 1:
        raise ProtocolError("not signature lines", field="signatures", fix=f"give 1 to {SIGNATURE_LIMIT} lines, each ended")
    signatures = tuple(_signature(line) for line in lines[:-1])
    if len({(one.name, one.key_id) for one in signatures}) != len(signatures):
        raise ProtocolError("two signatures by one key", field="signatures", fix="keep one")
    return signatures


def parse_note_key(text: str) -> NoteKey:
    """The key behind its published text.

    Raises:
        ProtocolError: it is none, or its id is not that of the key.
    """
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = unbase64(encoded, "key")
    if len(raw) != 33 or raw[0] not in (LOG, WITNESS):
        raise ProtocolError("not an Ed25519 key of a log or a witness", field="key", fix="give name+id+key as its holder publishes it")
    key = NoteKey(check_name(name, "key"), raw[0], raw[1:])
    if key.key_id.hex() != key_id:
        raise ProtocolError(f"its id is {key.key_id.hex()}, not {key_id[:16]!r}", field="key", fix="copy the whole text again")
    return key


def check_name(name: str, field: str) -> str:
    """The name of a log or a key, when it is one: printable ASCII without a plus sign or a space.

    Raises:
        ProtocolError: it is none.
    """
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise ProtocolError("not a name", field=field, fix="give 1 to 255 printable ASCII characters without + and spaces")
    return name


def parse_number(text: str, field: str) -> int:
    """A number of 0 to 2^63-1 in its one way of writing.

    Raises:
        ProtocolError: it is none.
    """
    if _NUMBER.fullmatch(text) is None:
        raise ProtocolError(f"{text[:20]!r} is not a plain number", field=field, fix="give decimal digits without leading zeros")
    return check_uint(int(text), 63, field)


def unbase64(text: str, field: str) -> bytes:
    """The bytes behind standard base64, padded, in its one way of writing.

    Raises:
        ProtocolError: it is none.
    """
    try:
        data = b64decode(text, validate=True)
    except (BinasciiError, ValueError):
        data = b""
    if not data or b64encode(data).decode() != text:
        raise ProtocolError("not base64", field=field, fix="give standard base64 with its padding")
    return data


def _signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = unbase64(encoded, "signatures")
    if not line.startswith(_DASH) or len(raw) < 5:
        raise ProtocolError("not a signature line", field="signatures", fix="give a dash, a name, and base64 of key id and signature")
    return NoteSignature(check_name(name, "signatures"), raw[:4], raw[4:])


def _holds(public: bytes, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _text(data: bytes, field: str) -> str:
    try:
        text = check_bytes(data, field).decode()
    except UnicodeDecodeError:
        raise ProtocolError("not UTF-8", field=field, fix="give text") from None
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text):
        raise ProtocolError("control characters", field=field, fix="give lines of text, each ended by one newline")
    return text
