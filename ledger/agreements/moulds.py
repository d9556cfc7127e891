"""A template typeset once, so that each further document only fills in its words: a mould.

Typst sets the template with a mark in place of every word. Every mark that stands on a line of its own (`slot` in the template) becomes a
place to fill; a mark anywhere else means that this template cannot be cast, and it stays with typst. What no word changes – fixed pages,
fonts, the structure for screen readers – is compressed once and copied.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ledger.agreements.typeset_pdf import (
    Shown,
    TypesetPdf,
    all_resources,
    contents_of,
    font_of,
    inflated,
    page_content,
    shown_in,
    take_apart,
)
from ledger.protocol.errors import ProtocolError

RESERVOIR_SIZE: Final = Decimal("0.5")
_VIETNAMESE: Final = "".join(map(chr, range(0x1EA0, 0x1EFA))) + "ĂăĐđĨĩŨũƠơƯư"
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
RESERVOIRS: Final[Mapping[str, str]] = {
    "reservoir.bold": f"a {_ASCII}",
    "reservoir.mono": "0123456789abcdefx",
    "reservoir.regular": f"a {_ASCII}{''.join(chr(one) for one in range(0xA1, 0x100) if one != 0xAD)}{_VIETNAMESE}–—‘’“”…",
}
"""The letters words may be made of, in each of the three fonts; others are left to typst."""
MARKED_SECONDS: Final = 981_158_400
_MARKED_DATES: Final = {b"D:20010203000000Z": "pdf-date", b"2001-02-03T00:00:00+00:00": "xmp-date"}
_MARKED_SQUARE: Final = re.compile(rb"4 4 m 5 4 l 5 5 l 4 5 l\nh\nf")
MARKED_QR: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="33" height="33"><path d="M4 4h1v1h-1z"/></svg>'
_FOOTER: Final = b"/Artifact<</Attached[/Bottom]/Subtype/Footer"
_KEPT: Final = ("document.date", "title.en", "title.vi")
FLAGS: Final = ("document.predecessor", "document.supersedes", "replay")
"""Words whose absence takes lines out of a document: a mould for each combination."""


@dataclass(frozen=True)
class Slot:
    """A place for a word on a page.

    Attributes:
        glyphs: each letter as the string of a PDF holds it. `widths`: in millionths of the font's size.
        limit: how wide it may be, in the same measure.
    """

    word: str
    glyphs: Mapping[str, bytes]
    widths: Mapping[str, int]
    limit: int


@dataclass(frozen=True)
class Mark:
    """A place for something else: `qr`, or a word or date in the file's description, in one of the forms descriptions have."""

    word: str
    form: str


Piece = bytes | Slot | Mark


@dataclass(frozen=True)
class Mould:
    """A template ready to be filled.

    Attributes:
        pdf: its objects; `static` the numbers of those that no word changes.
        streams: the content streams words change, by number. `described`: the two objects that describe the file.
    """

    pdf: TypesetPdf
    static: dict[int, bytes]
    streams: dict[int, tuple[Piece, ...]]
    described: dict[int, tuple[bytes | Mark, ...]]


def marked(words: Mapping[str, str]) -> dict[str, str]:
    """A mark for every word that differs between documents of a template; a flag that is not set stays so."""
    wanted = [name for name in sorted(words) if name not in _KEPT and (words[name] or name not in FLAGS)]
    marks = {name: f"Q{place:03d}X" for place, name in enumerate(wanted)}
    return {**words, **marks, **RESERVOIRS, "document.qr": MARKED_QR}


def mould_of(pdf: bytes, words: Mapping[str, str], widths: Mapping[str, Decimal]) -> Mould:
    """The mould of a template.

    Args:
        pdf: the template typeset with `marked(words)` at `MARKED_SECONDS`.
        widths: how wide the line of each slot is, pt.

    Raises:
        ProtocolError: a word stands where it moves others, so that the template cannot be cast.
    """
    apart = take_apart(pdf)
    names = {mark: name for name, mark in marked(words).items() if re.fullmatch(r"Q\d{3}X", mark)}
    drawn = _Drawn(apart, names, widths)
    footer = max(apart.bodies) + 1
    static = dict(apart.bodies)
    streams: dict[int, tuple[Piece, ...]] = {}
    static[footer + 1] = all_resources(apart)
    for page in apart.pages:
        body, rest = _parted(drawn.pieces(page_content(apart, page)))
        if streams.setdefault(footer, rest) != rest:
            raise _unfit("its pages end differently")
        number = contents_of(apart, page)
        if all(isinstance(piece, bytes) for piece in body):
            static[number] = _stream(b"/Filter/FlateDecode", zlib.compress(b"".join(one for one in body if isinstance(one, bytes)), 9))
        else:
            streams[number] = body
            del static[number]
        placed = re.sub(rb"/Contents \d+ 0 R", b"/Contents[%d 0 R %d 0 R]" % (number, footer), apart.bodies[page])
        static[page] = re.sub(rb"/Resources \d+ 0 R", b"/Resources %d 0 R" % (footer + 1), placed)
    described = {number: _described(apart, number, names) for number in (apart.info, apart.metadata)}
    for number in described:
        del static[number]
    _check_no_marks_left(static, names)
    return Mould(apart, static, streams, described)


class _Drawn:
    """What pages draw, in pieces: bytes that stay, and places to fill."""

    def __init__(self, pdf: TypesetPdf, names: Mapping[str, str], widths: Mapping[str, Decimal]) -> None:
        self._pdf, self._names, self._widths = pdf, names, widths
        first = [one for one in shown_in(page_content(pdf, pdf.pages[0])) if one.size == RESERVOIR_SIZE]
        if len(first) != len(RESERVOIRS):
            raise _unfit("its letters are not all there")
        self._fonts = {one.font: font_of(pdf, one.font) for page in pdf.pages for one in shown_in(page_content(pdf, page))}
        self._glyphs: dict[int, dict[str, bytes]] = {}
        for one in first:
            letters = self._text(one)
            if letters not in RESERVOIRS.values():
                raise _unfit("its letters are not as they were asked for")
            self._glyphs[one.font] = {letter: one.text[2 * at : 2 * at + 2] for at, letter in enumerate(letters)}

    def pieces(self, content: bytes) -> tuple[Piece, ...]:
        """A page's content without the reservoirs, cut at every place to fill."""
        pieces: list[Piece] = []
        at = 0
        for one in shown_in(content):
            text = self._text(one)
            if one.size == RESERVOIR_SIZE:
                pieces.append(content[at : content.rindex(b"q 1 0 0 -1 ", 0, one.start)])
                at = content.index(b"ET\nQ\n", one.end) + len(b"ET\nQ\n")
            elif text in self._names and one.plain:
                pieces += (content[at : one.start], self._slot(self._names[text], one))
                at = one.end
            elif re.search(r"Q\d{3}X", text):
                raise _unfit(f"it prints {text!r} within a sentence")
        pieces.append(content[at:])
        return tuple(_square(_joined(pieces)))

    def _text(self, one: Shown) -> str:
        meanings = self._fonts[one.font].meanings
        return "".join(meanings.get(one.text[at : at + 2], "\ufffd") for at in range(0, len(one.text), 2))

    def _slot(self, word: str, one: Shown) -> Slot:
        if word not in self._widths or one.font not in self._glyphs:
            raise _unfit(f"{word} is printed outside a slot or in another font")
        glyphs, widths = self._glyphs[one.font], self._fonts[one.font].widths
        limit = int((self._widths[word] - Decimal("0.01")) * 1_000_000 / one.size)
        return Slot(
            word,
            {letter: _escaped(glyph) for letter, glyph in glyphs.items()},
            {letter: widths[glyph] for letter, glyph in glyphs.items()},
            limit,
        )


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces with the bytes between two places to fill in one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and isinstance(piece, bytes) and isinstance(joined[-1], bytes):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _square(pieces: Sequence[Piece]) -> list[Piece]:
    """Cuts out the square that stands for the QR code."""
    cut: list[Piece] = []
    for piece in pieces:
        found = _MARKED_SQUARE.search(piece) if isinstance(piece, bytes) else None
        if found is None or not isinstance(piece, bytes):
            cut.append(piece)
        else:
            cut += (piece[: found.start()], Mark("document.lookup_code", "qr"), piece[found.end() :])
    return cut


def _parted(pieces: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """A page up to the first place to fill in its footer, and what follows."""
    at = max(place for place, piece in enumerate(pieces) if isinstance(piece, bytes) and _FOOTER in piece)
    return pieces[: at + 1], pieces[at + 1 :]


def _described(pdf: TypesetPdf, number: int, names: Mapping[str, str]) -> tuple[bytes | Mark, ...]:
    """An object that describes the file, cut at each mark, date and identifier."""
    body = pdf.bodies[number]
    if b"\nstream\n" in body:
        body = inflated(body)
    marks = {mark.encode(): Mark(name, "xml") for mark, name in names.items()}
    marks |= {b"(%s)" % mark.encode(): Mark(name, "string") for mark, name in names.items()}
    marks |= {mark.encode("utf-16-be").hex().upper().encode(): Mark(name, "utf-16") for mark, name in names.items()}
    marks |= {mark: Mark("document.date", form) for mark, form in _MARKED_DATES.items()}
    marks |= {pdf.ids[0]: Mark("", "file-id"), pdf.ids[1]: Mark("", "version-id")}
    wanted = b"|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))
    return tuple(marks.get(piece, piece) for piece in re.split(b"(%s)" % wanted, body))


def _check_no_marks_left(static: Mapping[int, bytes], names: Mapping[str, str]) -> None:
    for body in static.values():
        if b"stream\n" not in body:
            for mark in names:
                if mark.encode() in body or mark.encode("utf-16-be").hex().upper().encode() in body:
                    raise _unfit(f"{names[mark]} is in its structure")


def _escaped(glyph: bytes) -> bytes:
    special = {0x28: b"\\(", 0x29: b"\\)", 0x5C: b"\\\\", 0x0A: b"\\n", 0x0D: b"\\r"}
    return b"".join(special.get(one, bytes([one])) for one in glyph)


def _stream(head: bytes, data: bytes) -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), head, data)


def _unfit(why: str) -> ProtocolError:
    return ProtocolError(f"this template cannot be cast: {why}", field="template", fix="render this kind by typst alone")
