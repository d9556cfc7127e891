"""The bytes of a signed file that no signature covers: after its end, and in the room left behind each signature's value.

Programs that read a table go past them; programs that look for objects by themselves, or repair a file, do not. So nothing may be there.
"""

from __future__ import annotations

import re
from typing import Final

from asn1crypto.parser import parse
from pyhanko.pdf_utils.reader import PdfFileReader

from ledger.sealing.errors import SealingError

_END: Final = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s{0,2}\Z")
_OBJECT: Final = re.compile(rb"\d\s+\d+\s+obj\b")
_AGAIN: Final = "obtain the file again from where it was issued"


def check_edges(pdf: bytes, reader: PdfFileReader) -> None:
    """Passes when the file ends with its newest table and only zeros follow each signature's value.

    Raises:
        SealingError: something stands there.
        ValueError, TypeError, LookupError: a signature's value is none.
    """
    newest = int(reader.xrefs.get_startxref_for_revision(reader.xrefs.total_revisions - 1))
    if _END.search(pdf, max(0, len(pdf) - 64)) is None or pdf.count(b"startxref", newest) != 1:
        raise SealingError("holds bytes after its end, which no signature covers", field="pdf", fix=_AGAIN)
    for one in reader.embedded_signatures:
        value = one.pkcs7_content
        _, _, _, head, content, tail = parse(value)
        if any(value[len(head) + len(content) + len(tail) :]):
            raise SealingError("holds bytes behind a signature's value, which nothing covers", field=one.field_name, fix=_AGAIN)


def check_built_on(pdf: bytes, reader: PdfFileReader, ends: int) -> int:
    """Passes when the tables lead back through the document that the first bytes are, each standing behind the one it builds on.

    A table names the one before it by its place, and may name any: the base's, say, past the sealed document that the file begins with.

    Args:
        ends: how long that document is; it ends with its table.

    Returns:
        Which revision of the file it is.

    Raises:
        SealingError: they lead past it.
    """
    places = [int(reader.xrefs.get_startxref_for_revision(revision)) for revision in range(reader.xrefs.total_revisions)]
    own = _END.search(pdf, max(0, ends - 64), ends)
    revision = places.index(int(own[1])) if own is not None and int(own[1]) in places else len(places)
    if places != sorted(set(places)) or any(place < ends for place in places[revision + 1 :]) or revision == len(places):
        raise SealingError("is not built on the document it begins with", field="pdf", fix=_AGAIN)
    return revision


def check_covered(pdf: bytes, reader: PdfFileReader) -> None:
    """Passes when the last signature or document time stamp covers the file to its end, but for validation data its table names.

    What those objects are is for whoever judges revisions; here nothing but them is there, to be found by who reads no tables.

    Raises:
        SealingError: something else was added after it, or there is no signature.
    """
    last = reader.embedded_signatures[-1] if reader.embedded_signatures else None
    if last is None:
        raise SealingError("carries no signature", field="pdf", fix=_AGAIN)
    *_, start, length = last.byte_range
    after = range(last.signed_revision + 1, reader.xrefs.total_revisions)
    named = sum(len(reader.xrefs.explicit_refs_in_revision(revision)) for revision in after)
    tail = pdf[start + length :]
    if len(_OBJECT.findall(tail)) != named or any(tail.count(word) != len(after) for word in (b"trailer", b"startxref", b"%%EOF")):
        raise SealingError("holds objects after its last time stamp that no table names", field="pdf", fix=_AGAIN)
