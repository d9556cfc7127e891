"""Our typesetter's PDFs taken apart: numbered objects, pages, fonts, and where on a page each string is shown. Pure.

It reads the plain form typst writes and refuses anything else, as `incremental` does. What it finds is put together again in `moulds`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ledger.protocol.errors import ProtocolError

_TRAILER = re.compile(
    rb"trailer\n<</Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R/ID\[\(([^()\\]+)\)\(([^()\\]+)\)\]>>\n"
    rb"startxref\n(\d+)\n%%EOF\Z"
)
_SHOW = re.compile(rb"BT 0 Tr/(F\d+) ([\d.]+) Tf 1 0 0 -1 0 0 Tm(?=[\[(<])")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_RESOURCES = re.compile(rb"<</ProcSet\[[^\]]*\]((?:/(?:ColorSpace|Font)<<(?:/\w+ \d+ 0 R)*>>)*)>>")


@dataclass(frozen=True)
class TypesetPdf:
    """A PDF by object.

    Attributes:
        header: what comes before the first object.
        bodies: each object's bytes between `obj` and `endobj`, by number.
        ids: the two file identifiers of the trailer.
    """

    header: bytes
    bodies: dict[int, bytes]
    root: int
    info: int
    metadata: int
    pages: tuple[int, ...]
    ids: tuple[bytes, bytes]


@dataclass(frozen=True)
class Shown:
    """A string a page shows.

    Attributes:
        start, end: where its operand and operator stand in the content.
        text: its glyphs, two bytes each, kerning left out.
        plain: whether it is one string without kerning.
    """

    start: int
    end: int
    font: int
    size: Decimal
    text: bytes
    plain: bool


@dataclass(frozen=True)
class Font:
    """A font of the file: the characters its glyphs mean, and their widths in millionths of its size."""

    meanings: dict[bytes, str]
    widths: dict[bytes, int]


def take_apart(pdf: bytes) -> TypesetPdf:
    """A PDF by object.

    Raises:
        ProtocolError: it is not as our typesetter writes it.
    """
    trailer = _TRAILER.search(pdf, max(0, len(pdf) - 512))
    if trailer is None:
        raise _foreign("no plain trailer")
    size, start = int(trailer[1]), int(trailer[6])
    table = pdf[start : trailer.start()].removeprefix(b"xref\n0 %d\n" % size)
    offsets = {number: int(table[20 * number :][:10]) for number in range(1, size)}
    ends = [*sorted(offsets.values())[1:], start]
    bodies = {}
    for (number, at), end in zip(sorted(offsets.items(), key=lambda one: one[1]), ends, strict=True):
        body = pdf[at:end].strip()
        if not body.startswith(b"%d 0 obj\n" % number) or not body.endswith(b"\nendobj"):
            raise _foreign(f"object {number}")
        bodies[number] = body[body.index(b"\n") + 1 : -len(b"\nendobj")]
    root = int(trailer[2])
    kids = re.search(rb"/Kids\[([^\]]*)\]", bodies[_reference(bodies[root], b"Pages")])
    pages = tuple(int(one) for one in re.findall(rb"(\d+) 0 R", kids[1] if kids else b""))
    metadata = _reference(bodies[root], b"Metadata")
    return TypesetPdf(pdf[: min(offsets.values())], bodies, root, int(trailer[3]), metadata, pages, (trailer[4], trailer[5]))


def page_content(pdf: TypesetPdf, page: int) -> bytes:
    """What a page draws, its fonts and colour spaces named by their objects: `/F21`, `/C16`."""
    content = inflated(pdf.bodies[_reference(pdf.bodies[page], b"Contents")])
    for name, number in _named(pdf, page):
        prefix = b"F" if name.startswith(b"f") else b"C"
        content = re.sub(rb"/%s(?= [\d.]+ Tf| cs| CS)" % name, b"/%s%d" % (prefix, number), content)
    return content


def contents_of(pdf: TypesetPdf, page: int) -> int:
    """The object that holds what a page draws."""
    return _reference(pdf.bodies[page], b"Contents")


def all_resources(pdf: TypesetPdf) -> bytes:
    """One dictionary of resources for every page, named as `page_content` names them."""
    used = {one for page in pdf.pages for one in _named(pdf, page)}
    fonts, spaces = (sorted({number for name, number in used if name[:1] == kind}) for kind in (b"f", b"c"))
    written = [b"".join(b"/%s%d %d 0 R" % (kind, one, one) for one in some) for kind, some in ((b"F", fonts), (b"C", spaces))]
    return b"<</ProcSet[/PDF/Text/ImageC/ImageB]/ColorSpace<<%s>>/Font<<%s>>>>" % (written[1], written[0])


def shown_in(content: bytes) -> Iterator[Shown]:
    """Every string a page shows, in order."""
    for found in _SHOW.finditer(content):
        at, text, strings = found.end(), b"", 0
        listed = content[at : at + 1] == b"["
        at += listed
        while content[at : at + 1] != b"]" and not (strings and not listed):
            if content[at : at + 1] in {b"(", b"<"}:
                string, at = _string(content, at)
                text, strings = text + string, strings + 1
            else:
                at += 1
        yield Shown(found.end(), at + (3 if listed else 2), int(found[1][1:]), Decimal(found[2].decode()), text, strings == 1)


def font_of(pdf: TypesetPdf, number: int) -> Font:
    """A font by its object."""
    body = pdf.bodies[number]
    described = re.search(rb"/DescendantFonts\[(\d+) 0 R\]", body)
    widths = re.search(rb"/W\[([^\]]*)\]", pdf.bodies[int(described[1])] if described else b"")
    if widths is None:
        raise _foreign("a font without widths")
    numbers = [Decimal(one) for one in widths[1].decode().split()]
    wide: dict[bytes, int] = {}
    for first, last, width in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        wide |= {glyph.to_bytes(2, "big"): round(width * 1000) for glyph in range(int(first), int(last) + 1)}
    meanings = {}
    for block in re.findall(rb"beginbfchar\n(.*?)endbfchar", inflated(pdf.bodies[_reference(body, b"ToUnicode")]), re.DOTALL):
        for glyph, meaning in re.findall(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>", block):
            meanings[bytes.fromhex(glyph.decode())] = bytes.fromhex(meaning.decode()).decode("utf-16-be")
    return Font(meanings, wide)


def inflated(body: bytes) -> bytes:
    """The data of a stream object; raises ProtocolError when it is none."""
    head, found, rest = body.partition(b"\nstream\n")
    length = re.search(rb"/Length (\d+)", head)
    if not found or length is None:
        raise _foreign("no stream")
    data = rest[: int(length[1])]
    return zlib.decompress(data) if b"/FlateDecode" in head else data


def _named(pdf: TypesetPdf, page: int) -> list[tuple[bytes, int]]:
    """Fonts and colour spaces of a page: the name and the object."""
    found = _RESOURCES.fullmatch(pdf.bodies[_reference(pdf.bodies[page], b"Resources")])
    if found is None:
        raise _foreign("a page draws more than text and lines")
    return [(name, int(number)) for name, number in re.findall(rb"/([fc]\d+) (\d+) 0 R", found[1])]


def _reference(body: bytes, key: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % key, body)
    if found is None:
        raise _foreign(f"no {key.decode()}")
    return int(found[1])


def _string(content: bytes, at: int) -> tuple[bytes, int]:
    """The string that begins there, and where it ends."""
    if content[at : at + 1] == b"<":
        end = content.index(b">", at)
        return bytes.fromhex(content[at + 1 : end].decode()), end + 1
    out, depth, at = bytearray(), 1, at + 1
    while True:
        one = content[at : at + 1]
        if one == b"\\":
            octal = re.match(rb"[0-7]{1,3}", content[at + 1 : at + 4])
            after = content[at + 1 : at + 2]
            out += bytes([int(octal[0], 8)]) if octal else _ESCAPES.get(after, after)
            at += 1 + (len(octal[0]) if octal else 1)
            continue
        depth += (one == b"(") - (one == b")")
        at += 1
        if not depth:
            return bytes(out), at
        out += one


def _foreign(why: str) -> ProtocolError:
    return ProtocolError(f"not a PDF as our typesetter writes it: {why}", field="template", fix="render this kind by typst alone")
