"""Revisions appended by hand, in every form a PDF may have them: tables, streams of tables, objects inside streams, and both at once."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

Objects = dict[int, bytes]
RED = b"<</Length 28>>\nstream\n1 0 0 rg 20 20 500 700 re f \nendstream"


@dataclass(frozen=True)
class Tail:
    """A file that is extended, and what its revisions must name."""

    pdf: bytes

    @property
    def before(self) -> int:
        return int(self.pdf[self.pdf.rindex(b"startxref") + 10 :].split()[0])

    @property
    def reader(self) -> PdfFileReader:
        return PdfFileReader(BytesIO(self.pdf))

    @property
    def root(self) -> int:
        return int(self.reader.trailer.raw_get("/Root").idnum)

    @property
    def size(self) -> int:
        return int(self.reader.trailer["/Size"])

    def place(self, *names: str | int) -> tuple[int, bytes]:
        """Number and bytes of the object at a path from the catalog."""
        holder: Any = self.reader.root
        number = self.root
        for name in names:
            number = getattr(holder.raw_get(name), "idnum", number)
            holder = holder[name]
        written = BytesIO()
        holder.write_to_stream(written, None)
        return number, written.getvalue()

    def revision(
        self,
        objects: Objects,
        *,
        entries: bytes | None = None,
        extra: bytes = b"",
        prev: bytes | None = None,
        at: int | None = None,
        size: int | None = None,
    ) -> bytes:
        """With a plain table, which may say anything."""
        body, offsets = self._body(objects)
        rows = b"".join(b"%d 1\n%010d 00000 n\r\n" % (number, offsets[number]) for number in sorted(objects)) or b"0 0\n"
        trailer = b"trailer\n<</Size %d/Root %d 0 R" % (size or max([self.size, *(number + 1 for number in objects)]), self.root)
        trailer += b"/ID[<00><01>]/Prev %s%s>>\n" % (b"%d" % self.before if prev is None else prev, extra)
        return body + b"xref\n" + (rows if entries is None else entries) + trailer + self._end(len(body) if at is None else at)

    def stream(self, objects: Objects, inside: Objects | None = None, *, index: bytes | None = None, widths: bytes = b"1 4 2") -> bytes:
        """With a stream as its table; some objects `inside` a stream of objects."""
        number = max([self.size, *(one + 1 for one in (*objects, *(inside or {})))])
        packed = {} if inside is None else {number: _packed(inside)}
        body, offsets = self._body({**objects, **packed})
        rows = {one: (1, offset, 0) for one, offset in offsets.items()} | {number + 1: (1, len(body), 0)}
        rows |= {one: (2, number, place) for place, one in enumerate(inside or {})}
        return body + self._table(number + 1, rows, index, widths, b"/Prev %d" % self.before) + self._end(len(body))

    def hybrid(self, hidden: Objects) -> bytes:
        """With an empty table and a stream beside it that only newer programs read."""
        body, offsets = self._body(hidden)
        rows = {one: (1, offset, 0) for one, offset in offsets.items()} | {self.size + 9: (1, len(body), 0)}
        whole = body + self._table(self.size + 9, rows, None, b"1 4 2", b"")
        trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d/XRefStm %d>>\n" % (self.size + 10, self.root, self.before, len(body))
        return whole + b"xref\n0 0\n" + trailer + self._end(len(whole))

    def empty_revisions(self, count: int) -> bytes:
        """So many revisions in which nothing is."""
        out, before, size, root = bytearray(self.pdf), self.before, self.size, self.root
        for _ in range(count):
            place = len(out)
            trailer = b"trailer\n<</Size %d/Root %d 0 R/ID[<00><01>]/Prev %d>>\n" % (size, root, before)
            out += b"xref\n0 1\n0000000000 65535 f\r\n" + trailer + self._end(place)
            before = place
        return bytes(out)

    def _body(self, objects: Objects) -> tuple[bytes, dict[int, int]]:
        out, offsets = bytearray(self.pdf), {}
        for number, content in objects.items():
            offsets[number] = len(out)
            out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        return bytes(out), offsets

    def _table(self, number: int, rows: dict[int, tuple[int, int, int]], index: bytes | None, widths: bytes, more: bytes) -> bytes:
        data = b"".join(
            kind.to_bytes(1, "big") + at.to_bytes(4, "big") + part.to_bytes(2, "big") for _, (kind, at, part) in sorted(rows.items())
        )
        told = b" ".join(b"%d 1" % one for one in sorted(rows)) if index is None else index
        head = b"<</Type/XRef/W[%s]/Index[%s]/Size %d/Root %d 0 R%s/Length %d>>" % (widths, told, number + 1, self.root, more, len(data))
        return b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, head, data)

    @staticmethod
    def _end(place: int) -> bytes:
        return b"startxref\n%d\n%%%%EOF\n" % place


def with_entry(dictionary: bytes, entry: bytes) -> bytes:
    """A dictionary's bytes with one more entry."""
    return dictionary.rstrip()[:-2] + entry + b">>"


def _packed(inside: Objects) -> bytes:
    head, body = b"", b""
    for number, content in inside.items():
        head += b"%d %d " % (number, len(body))
        body += content + b"\n"
    data = head + body
    return b"<</Type/ObjStm/N %d/First %d/Length %d>>\nstream\n%s\nendstream" % (len(inside), len(head), len(data), data)
