"""The revisions a fast seal appends, as bytes: what `profile` describes, laid out once instead of assembled by a PDF library.

It extends only files this system sealed (`ledger.agreements.incremental`), whose tables and catalog are plain; anything else is refused
and issued one by one instead. The three signature fields are made with the first signature, so that later ones only fill theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.sealing.errors import ForeignError, SealingError
from ledger.sealing.profile import APPROVALS_FIELD, PERMISSION, SEAL_FIELD, STAMP_FIELD

if TYPE_CHECKING:
    from hashlib import _Hash

Signed = Callable[[bytes], bytes]
"""Gives the CMS over a SHA-256 digest."""
_TAIL: Final = re.compile(
    rb"xref\n0 1\n0000000000 65535 f\r\n(\d+) 1\n(\d{10}) 00000 n\r\n[^t]+"
    rb"trailer\n<</Size (\d+)/Root (\d+) 0 R(/Info \d+ 0 R)?/ID\[(\([^()\\]+\))<[0-9a-f]{32}>\]/Prev (\d+)>>\nstartxref\n(\d+)\n%%EOF\n\Z"
)
_RANGE: Final = b"/ByteRange[0 %-10d %-10d %-10d]"
_FLAGS: Final = 132
"""Printed and locked, as `profile.WIDGET` has it."""


@dataclass
class Growing:
    """A file and what it takes to extend it: its running hash is kept, so that a long document is hashed once."""

    pdf: bytearray
    size: int
    root: int
    info: bytes
    first_id: bytes
    startxref: int
    catalog: bytes
    page: int
    page_body: bytes
    hashed: _Hash = field(repr=False)

    @classmethod
    def of(cls, sealed: bytes) -> Growing:
        """A sealed document, read as far as needed.

        Raises:
            ForeignError: not one as this system seals it.
        """
        tail = _TAIL.search(sealed, max(0, len(sealed) - 1024))
        if tail is None or int(tail[1]) != int(tail[4]):
            raise _foreign("no plain trailer at its end")
        catalog = _body(sealed, int(tail[2]), int(tail[4]))
        if not catalog.startswith(b"<</Type/Catalog") or b"/AcroForm" in catalog or b"/Perms" in catalog:
            raise _foreign("no plain catalog")
        page, body = _first_page(sealed, int(tail[7]), catalog)
        return cls(
            pdf=bytearray(sealed),
            size=int(tail[3]),
            root=int(tail[4]),
            info=tail[5] or b"",
            first_id=tail[6],
            startxref=int(tail[8]),
            catalog=catalog,
            page=page,
            page_body=body,
            hashed=sha256(sealed),
        )

    def add(self, objects: Mapping[int, bytes]) -> None:
        """Appends a revision without a signature in it."""
        self._grow(self._revision(objects)[0])

    def sign(self, objects: Mapping[int, bytes], at: int, entries: bytes, room: int, signed: Signed) -> None:
        """Appends a revision whose object `at` is a signature dictionary over the whole file but the signature itself.

        Args:
            entries: of the dictionary, without byte range and contents.
            room: bytes kept for the CMS.

        Raises:
            SealingError: the CMS is longer than that.
        """
        blank = b"0" * (2 * room)
        placed = b"<<" + entries + _RANGE % (0, 0, 0) + b"/Contents<" + blank + b">>>"
        revision, offsets = self._revision({**objects, at: placed})
        start = offsets[at] + len(b"%d 0 obj\n<<" % at) + len(entries) + len(_RANGE % (0, 0, 0)) + len(b"/Contents")
        before, after = start - len(self.pdf), start - len(self.pdf) + 2 + len(blank)
        ranged = _RANGE % (start, start + 2 + len(blank), len(revision) - after)
        head = revision[:before].replace(_RANGE % (0, 0, 0), ranged)
        hashed = self.hashed.copy()
        hashed.update(head)
        hashed.update(revision[after:])
        cms = signed(hashed.digest()).hex().encode()
        if len(cms) > len(blank):
            raise SealingError(f"the signature needs {len(cms) // 2} bytes, {room} are kept", field="room", fix="begin the batch anew")
        self._grow(head + b"<" + cms.ljust(len(blank), b"0") + b">" + revision[after:])

    def _revision(self, objects: Mapping[int, bytes]) -> tuple[bytes, dict[int, int]]:
        out = bytearray()
        begin = len(self.pdf)
        offsets: dict[int, int] = {}
        for number in sorted(objects):
            offsets[number] = begin + len(out)
            out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
        startxref = begin + len(out)
        self.size = max(self.size, 1 + max(objects))
        out += b"xref\n0 1\n0000000000 65535 f\r\n"
        for run in _runs(sorted(objects)):
            out += b"%d %d\n" % (run[0], len(run)) + b"".join(b"%010d 00000 n\r\n" % offsets[number] for number in run)
        second_id = sha256(self.hashed.digest() + b"%d" % startxref).hexdigest()[:32].encode()
        numbers = (self.size, self.root, self.info, self.first_id, second_id, self.startxref, startxref)
        out += b"trailer\n<</Size %d/Root %d 0 R%s/ID[%s<%s>]/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % numbers
        self.startxref = startxref
        return bytes(out), offsets

    def _grow(self, revision: bytes) -> None:
        self.pdf += revision
        self.hashed.update(revision)


@dataclass(frozen=True)
class Fields:
    """Object numbers of the three signature fields and of what fills them."""

    approvals: int
    seal: int
    stamp: int

    def first(self, growing: Growing, dictionary: int) -> dict[int, bytes]:
        """The objects that come with the first signature: catalog, page, fields."""
        numbers = b" ".join(b"%d 0 R" % one for one in (self.approvals, self.seal, self.stamp))
        form = b"/AcroForm<</SigFlags 3/Fields[%s]>>/Perms<</DocMDP %d 0 R>>>>" % (numbers, dictionary)
        growing.catalog = growing.catalog[:-2] + form
        return {
            growing.root: growing.catalog,
            growing.page: growing.page_body[:-2] + b"/Annots[%s]>>" % numbers,
            self.approvals: self.widget(growing, APPROVALS_FIELD, dictionary),
            self.seal: self.widget(growing, SEAL_FIELD),
            self.stamp: self.widget(growing, STAMP_FIELD),
        }

    def widget(self, growing: Growing, name: str, dictionary: int | None = None) -> bytes:
        """An invisible signature field, filled or not."""
        value = b"" if dictionary is None else b"/V %d 0 R" % dictionary
        parts = (name.encode(), _FLAGS, growing.page, value)
        return b"<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/F %d/Rect[0 0 0 0]/P %d 0 R%s>>" % parts


def certifying() -> bytes:
    """The entries that make a signature a certifying one, which allows what `profile.PERMISSION` says."""
    parameters = b"<</Type/TransformParams/V/1.2/P %d>>" % PERMISSION.value
    return b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams%s>>]" % parameters


def text(words: str) -> bytes:
    """A PDF text string."""
    return b"<" + ("\ufeff" + words).encode("utf-16-be").hex().encode() + b">"


def stream(content: bytes) -> bytes:
    """A stream object's body."""
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content)


def security_store(first: int, parts: Mapping[bytes, Sequence[bytes]]) -> tuple[dict[int, bytes], bytes]:
    """The objects of a DSS, numbered from `first`, and its dictionary; `parts` are the streams under each of its names."""
    objects: dict[int, bytes] = {}
    entries = b"/Type/DSS"
    for name, contents in parts.items():
        if contents:
            numbers = range(first + len(objects), first + len(objects) + len(contents))
            entries += b"/%s[%s]" % (name, b" ".join(b"%d 0 R" % number for number in numbers))
            objects |= {number: stream(content) for number, content in zip(numbers, contents, strict=True)}
    return objects, b"<<" + entries + b">>"


def _first_page(sealed: bytes, table: int, catalog: bytes) -> tuple[int, bytes]:
    node = re.search(rb"/Pages (\d+) 0 R", catalog)
    for _ in range(32):
        if node is None:
            break
        number = int(node[1])
        body = _body(sealed, _offset(sealed, table, number), number)
        if body.startswith(b"<</Type/Page/"):
            if b"/Annots" in body:
                raise _foreign("its first page has annotations")
            return number, body
        node = re.search(rb"/Kids\[(\d+) 0 R", body)
    raise _foreign("no first page")


def _offset(sealed: bytes, table: int, number: int) -> int:
    head = re.compile(rb"xref\n0 (\d+)\n").match(sealed, table)
    if head is None or not 0 < number < int(head[1]):
        raise _foreign("no plain cross-reference table")
    entry = sealed[head.end() + 20 * number :][:10]
    return int(entry) if entry.isdigit() else 0


def _body(sealed: bytes, offset: int, number: int) -> bytes:
    opening = b"%d 0 obj\n" % number
    end = sealed.find(b"\nendobj", offset)
    if not sealed.startswith(opening, offset) or end < 0:
        raise _foreign(f"object {number} is not where its table says")
    body = sealed[offset + len(opening) : end]
    if not body.endswith(b">>"):
        raise _foreign(f"object {number} is no plain dictionary")
    return body


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] + 1 == number:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _foreign(why: str) -> ForeignError:
    return ForeignError(f"not a document this system sealed: {why}", field="pdf", fix="let pyHanko issue it")
