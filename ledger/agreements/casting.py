"""Documents for campaigns: a mould filled with one document's words, thousands a second, with the text typst would have set.

A word that does not fit its line, or has a letter the mould has not, leaves that document to typst: nothing is ever cut off or left blank.
Same words, same bytes.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache, lru_cache
from hashlib import sha256
from typing import Final
from xml.sax.saxutils import escape

from ledger.agreements.kinds import kind_named
from ledger.agreements.moulds import FLAGS, MARKED_SECONDS, Mark, Mould, Piece, Slot, marked, mould_of
from ledger.agreements.qr import QUIET, SIZE, qr_rows, runs
from ledger.agreements.render import set_words, slot_widths, typeset
from ledger.protocol.errors import ProtocolError

MOULDS_KEPT: Final = 64
"""Templates, each with the flags that shape it, kept ready in a process."""
_LAST_BLOCK: Final = b"\x01\x00\x00\xff\xff"


class Press:
    """A mould laid out as a file, so that a document is a copy with its words put in.

    Static objects come first, at places that never change; what words change follows them.
    """

    def __init__(self, mould: Mould) -> None:
        head, offsets = bytearray(mould.pdf.header), {}
        for number, body in sorted(mould.static.items()):
            offsets[number] = len(head)
            head += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        self._head = bytes(head)
        self._streams = {number: [_prepared(piece) for piece in pieces if piece] for number, pieces in mould.streams.items()}
        self._described = mould.described
        self._metadata = mould.pdf.metadata
        self._size = 1 + max(*mould.static, *mould.streams, *mould.described)
        self._entries = [b"0000000000 65535 f\r\n", *(_entry(offsets.get(one, 0)) for one in range(1, self._size))]
        self._trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[" % (self._size, mould.pdf.root, mould.pdf.info)

    def cast(self, words: Mapping[str, str]) -> bytes | None:
        """The document with these words; None when one of them does not fit its place."""
        out, entries, at = [self._head], self._entries.copy(), len(self._head)
        identity = sha256("\0".join([f"{name}\0{value}" for name, value in sorted(words.items())]).encode()).digest()
        ids = {"file-id": b64encode(identity[:16]), "version-id": b64encode(identity[16:])}
        for number, pieces in self._streams.items():
            data = _filled(pieces, words)
            if data is None:
                return None
            out.append(b"%d 0 obj\n<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream\nendobj\n" % (number, len(data), data))
            entries[number] = _entry(at)
            at += len(out[-1])
        for number, described in self._described.items():
            body = b"".join(_written(one, words, ids) if isinstance(one, Mark) else one for one in described)
            if number == self._metadata:
                body = b"<</Length %d/Type/Metadata/Subtype/XML>>\nstream\n%s\nendstream" % (len(body), body)
            out.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
            entries[number] = _entry(at)
            at += len(out[-1])
        end = b"(%s)(%s)]>>\nstartxref\n%d\n%%%%EOF" % (ids["file-id"], ids["version-id"], at)
        return b"".join((*out, b"xref\n0 %d\n" % self._size, *entries, self._trailer, end))


def render_fast(kind: str, terms: Mapping[str, object]) -> bytes:
    """The unsigned PDF of a document, cast where its kind and its words allow it and typeset otherwise.

    Raises:
        InputError: as `render.render`.
    """
    form = kind_named(kind)
    words = form.wording(terms)
    made = cast(form.template, words) if form.fixed_pages else None
    return made or typeset(form.template, words)


def cast(template: str, words: Mapping[str, str]) -> bytes | None:
    """A document from its template's mould; None when the template has none or a word does not fit."""
    key = (template, tuple(sorted(words)), tuple(flag for flag in FLAGS if words[flag]), words["title.vi"], words["title.en"])
    press = _press(*key)
    return None if press is None else press.cast(words)


@lru_cache(maxsize=MOULDS_KEPT)
def _press(template: str, names: tuple[str, ...], flags: tuple[str, ...], title_vi: str, title_en: str) -> Press | None:
    """The press of a template for documents with these words and flags; None when it cannot be cast."""
    blank = dict.fromkeys(names, "x") | dict.fromkeys(FLAGS, "") | dict.fromkeys(flags, "x")
    words = marked(blank | {"title.vi": title_vi, "title.en": title_en})
    try:
        return Press(mould_of(set_words(template, words, MARKED_SECONDS), blank, slot_widths(template, words)))
    except ProtocolError:
        return None


def _prepared(piece: Piece) -> tuple[bytes, bytes] | Slot | Mark:
    """Bytes that stay, as they are and as a deflated block that can be copied."""
    if not isinstance(piece, bytes):
        return piece
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return piece, packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)


def _filled(pieces: list[tuple[bytes, bytes] | Slot | Mark], words: Mapping[str, str]) -> bytes | None:
    """A zlib stream of the pieces: what stays is copied as it was deflated, what words say is stored between."""
    out, check = [b"\x78\xda"], 1
    for piece in pieces:
        if isinstance(piece, tuple):
            raw, packed = piece
            out.append(packed)
        else:
            shown = _shown(piece, words[piece.word]) if isinstance(piece, Slot) else _square(words[piece.word])
            if shown is None:
                return None
            raw = shown
            out += (b"\0", len(raw).to_bytes(2, "little"), (len(raw) ^ 0xFFFF).to_bytes(2, "little"), raw)
        check = zlib.adler32(raw, check)
    return b"".join((*out, _LAST_BLOCK, check.to_bytes(4, "big")))


def _shown(slot: Slot, value: str) -> bytes | None:
    """The word as the string of a page; None when a letter is missing, it is wider than its line, or a blank would be lost at an end."""
    try:
        if sum(map(slot.widths.__getitem__, value)) > slot.limit or value != " ".join(value.split()):
            return None
        return b"(%s)Tj" % b"".join(map(slot.glyphs.__getitem__, value))
    except KeyError:
        return None


def _square(lookup_code: str) -> bytes:
    """The QR code's dark modules, each run of them a rectangle."""
    drawn = _rectangles()
    return b"".join([drawn[y][x][n] for y, row in enumerate(qr_rows(lookup_code)) for x, n in runs(row)]) + b"f"


@cache
def _rectangles() -> list[list[list[bytes]]]:
    """By row, column and length, a run of dark modules as a page draws it."""
    return [[[b"%d %d %d 1 re\n" % (x + QUIET, y + QUIET, n) for n in range(SIZE + 1)] for x in range(SIZE)] for y in range(SIZE)]


def _written(mark: Mark, words: Mapping[str, str], ids: Mapping[str, bytes]) -> bytes:
    """A word, the date or an identifier as the description of a file has it."""
    if mark.form in ids:
        return ids[mark.form]
    value = words[mark.word]
    if mark.form == "pdf-date":
        return b"D:%s000000Z" % value.replace("-", "").encode()
    if mark.form == "xmp-date":
        return b"%sT00:00:00+00:00" % value.encode()
    if mark.form == "xml":
        return escape(value, {'"': "&quot;", "'": "&apos;"}).encode()
    digits = value.encode("utf-16-be").hex().upper().encode()
    return digits if mark.form == "utf-16" else b"<FEFF%s>" % digits


def _entry(offset: int) -> bytes:
    return b"%010d 00000 n\r\n" % offset
