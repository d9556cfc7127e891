"""One embedded file appended to a PDF as an incremental update: the PDF before it stays, byte for byte, the beginning of the PDF after it.

Pure and reproducible: the same base and content give the same bytes, so a reader checks an update by making it again. It understands the
plain cross-reference table our renderer writes and refuses anything else rather than guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from ledger.protocol.errors import ProtocolError

MARKER = b"\n%SoNang-seal 1\n"
"""Begins the appended part. Canonical JSON escapes line feeds, so the last one in a file is always the one that begins the seal."""
SIZE_LIMIT = 32 * 1024 * 1024
CONTENT_LIMIT = 4 * 1024 * 1024
"""The most that is attached, bytes: JSON that is read takes a hundred times its size, and no document has so many terms."""
_TRAILER = re.compile(
    rb"trailer\n<</Size (\d{1,9})/Root (\d{1,9}) 0 R(/Info \d{1,9} 0 R)?/ID\[(\([^()\\]{1,64}\))\([^()\\]{1,64}\)\]>>\n"
    rb"startxref\n(\d{1,10})\n%%EOF\Z"
)
_MODIFIED = re.compile(rb"/ModDate ?(\(D:\d{14}(?:Z|[+-]\d\d'\d\d'?)\))")
_STREAM = re.compile(
    rb"\d{1,9} 0 obj\n<</Type/EmbeddedFile/Subtype/application#2Fjson/Length (\d{1,9})"
    rb"/Params<</Size \d{1,9}(?:/ModDate\([^()]{1,32}\))?>>>>\nstream\n"
)


@dataclass(frozen=True)
class _Base:
    """What an update must know of the PDF it extends; `modified` is when it was, as it writes that itself, or empty."""

    size: int
    root: int
    info: bytes
    modified: bytes
    first_id: bytes
    startxref: int
    catalog: bytes


def attach(base: bytes, name: str, content: bytes, *, dated: bool = True) -> bytes:
    """The PDF with one more embedded file, listed in the attachments of every viewer.

    Args:
        name: its file name; letters, digits, dots and hyphens.
        content: canonical JSON; it is stored as it is, so that it can be read without a PDF library.
        dated: whether it bears a date, the document's own, as PDF/A-3 wants it; False as files before that were written.

    Raises:
        ProtocolError: the base is not a PDF as our renderer writes it, or has attachments already; the content is too long.
    """
    _check_length(len(content))
    seen, label = _read_base(base), name.encode("ascii")
    stream, spec = seen.size, seen.size + 1
    date = b"/ModDate" + seen.modified if dated and seen.modified else b""
    objects = {
        stream: b"<</Type/EmbeddedFile/Subtype/application#2Fjson/Length %d/Params<</Size %d%s>>>>\nstream\n%s\nendstream"
        % (len(content), len(content), date, content),
        spec: b"<</Type/Filespec/F(%s)/UF(%s)/Desc(Signatures and salted terms)/AFRelationship/Data/EF<</F %d 0 R/UF %d 0 R>>>>"
        % (label, label, stream, stream),
        seen.root: seen.catalog[:-2] + b"/Names<</EmbeddedFiles<</Names[(%s)%d 0 R]>>>>/AF[%d 0 R]>>" % (label, spec, spec),
    }
    out = bytearray(base + MARKER)
    offsets: dict[int, int] = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    startxref = len(out)
    entries = [_entry(offsets[number]) for number in (seen.root, stream, spec)]
    out += b"xref\n0 1\n0000000000 65535 f\r\n%d 1\n%s%d 2\n%s%s" % (seen.root, entries[0], stream, entries[1], entries[2])
    second_id = sha256(base + content).hexdigest()[:32].encode()
    out += b"trailer\n<</Size %d/Root %d 0 R%s/ID[%s<%s>]/Prev %d>>\n" % (
        seen.size + 2,
        seen.root,
        seen.info,
        seen.first_id,
        second_id,
        seen.startxref,
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % startxref)


def split(pdf: bytes) -> tuple[bytes, bytes]:
    """The base and the embedded content of a PDF that `attach` made. The caller checks that `attach` makes the same bytes again.

    Raises:
        ProtocolError: there is no such update at the end, it is cut off, or what it embeds is longer than any of ours.
    """
    if len(pdf) > SIZE_LIMIT:
        raise ProtocolError(f"{len(pdf)} bytes; a sealed agreement has at most {SIZE_LIMIT}", field="pdf", fix="give the sealed PDF itself")
    if not pdf.startswith(b"%PDF-"):
        raise ProtocolError("not a PDF", field="pdf", fix="give the sealed PDF itself")
    at = pdf.rfind(MARKER)
    if at < 0:
        raise ProtocolError(
            "carries no signatures", field="seal", fix="ask the utility for the sealed file; this may be the unsigned draft"
        )
    head = _STREAM.match(pdf, at + len(MARKER))
    if head is None:
        raise ProtocolError("the part after the document is damaged", field="seal", fix="obtain the file again from where it was issued")
    _check_length(int(head[1]))
    content = pdf[head.end() : head.end() + int(head[1])]
    if len(content) != int(head[1]):
        raise ProtocolError("the file is cut off", field="seal", fix="obtain the whole file")
    return pdf[:at], content


def _read_base(base: bytes) -> _Base:
    trailer = _TRAILER.search(base, max(0, len(base) - 512))
    if not base.startswith(b"%PDF-") or trailer is None:
        raise _foreign("no plain trailer at its end")
    size, root, startxref = int(trailer[1]), int(trailer[2]), int(trailer[5])
    table = b"xref\n0 %d\n" % size
    if not base.startswith(table, startxref) or not 0 < root < size:
        raise _foreign("no plain cross-reference table")
    entry = base[startxref + len(table) + 20 * root :][:20]
    if re.fullmatch(rb"\d{10} 00000 n\r\n", entry) is None:
        raise _foreign("no entry for its catalog")
    start = int(entry[:10])
    opening = b"%d 0 obj\n" % root
    end = base.find(b"\nendobj\n", start)
    catalog = base[start + len(opening) : end]
    if not base.startswith(opening, start) or not catalog.startswith(b"<</Type/Catalog") or not catalog.endswith(b">>"):
        raise _foreign("no plain catalog")
    if b"/Names" in catalog or b"/AF" in catalog:
        raise _foreign("it has attachments already")
    return _Base(size, root, trailer[3] or b"", _modified(base, trailer[3], startxref + len(table)), trailer[4], startxref, catalog)


def _modified(base: bytes, info: bytes | None, entries: int) -> bytes:
    """When the document says that it was last modified, in its brackets; empty when it does not say."""
    if info is None:
        return b""
    number = int(info.split()[1])
    entry = base[entries + 20 * number :][:20]
    if re.fullmatch(rb"\d{10} 00000 n\r\n", entry) is None:
        raise _foreign("no entry for its information")
    start = int(entry[:10])
    said = _MODIFIED.search(base, start, max(start, base.find(b"endobj", start)))
    return said[1] if said else b""


def _entry(offset: int) -> bytes:
    return b"%010d 00000 n\r\n" % offset


def _check_length(content: int) -> None:
    if content > CONTENT_LIMIT:
        problem = f"{content} bytes of signatures and terms; a sealed agreement has at most {CONTENT_LIMIT}"
        raise ProtocolError(problem, field="seal", fix="obtain the file again from where it was issued")


def _foreign(why: str) -> ProtocolError:
    return ProtocolError(
        f"not a document this system rendered: {why}", field="base", fix="seal only documents rendered by ledger.agreements"
    )
