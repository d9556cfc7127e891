"""The bytes of a signed file that no signature covers: after its end, and in the room left behind each signature's value.

Programs that read a table go past them; programs that look for objects by themselves, or repair a file, do not. So nothing may be there.
"""

from __future__ import annotations

import re
from typing import Final

from asn1crypto.parser import parse
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, Reference
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from ledger.sealing.errors import SealingError

_END: Final = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s{0,2}\Z")
_OBJECT: Final = re.compile(rb"\d\s+\d+\s+obj\b")
_ID: Final = rb" ?(?:\([^()\\]{1,64}\)|<[0-9a-fA-F]{1,128}>)"
_TABLE: Final = re.compile(
    rb"xref\n(?:\d{1,10} \d{1,7}\n(?:\d{10} \d{5} [nf][ \r]\n)*)+"
    rb"trailer\n<<\s?/Size \d{1,10}\s?/Root \d{1,10} 0 R\s?(?:/Info \d{1,10} 0 R\s?)?/ID ?\[" + _ID + _ID + rb" ?\]\s?"
    rb"/Prev (\d{1,10})\s?>>\nstartxref\n(\d{1,10})\n%%EOF\n"
)
"""A revision's table and end as pyHanko and `revisions` write them."""
TAIL_LIMIT: Final = 6 * 1024 * 1024
"""What may follow the sealed document, bytes: a hundred times what issuing adds."""
REVISIONS_LIMIT: Final = 100
"""How many revisions may: issuing adds four, each renewal of the archive stamp one."""
_AGAIN: Final = "obtain the file again from where it was issued"


def check_tables(pdf: bytes, begins: int) -> None:
    """Passes when what follows the sealed document is of the size and form of issued files; cheap, and before a PDF library reads it.

    Such a library goes wherever a table leads: through streams of a few bytes that tell of billions of objects, and through every one
    of a hundred thousand empty revisions, comparing each with the one before.

    Args:
        begins: how long the sealed document is.

    Raises:
        SealingError: it is not, or the file does not end with a table.
    """
    if len(pdf) - begins > TAIL_LIMIT:
        problem = f"adds {len(pdf) - begins} bytes to the sealed document; signatures take at most {TAIL_LIMIT}"
        raise SealingError(problem, field="pdf", fix=_AGAIN)
    end = _END.search(pdf, max(begins, len(pdf) - 64))
    if end is None:
        raise SealingError("holds bytes after its end, which no signature covers", field="pdf", fix=_AGAIN)
    place, count = int(end[1]), 0
    while place >= begins:
        table = _TABLE.match(pdf, place)
        if table is None or int(table[2]) != place or int(table[1]) >= place:
            raise SealingError("has a table that is not as issued files have it", field="pdf", fix=_AGAIN)
        place, count = int(table[1]), count + 1
        if count > REVISIONS_LIMIT:
            raise SealingError(f"has more than {REVISIONS_LIMIT} revisions after the sealed document", field="pdf", fix=_AGAIN)


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
    """Passes when the last signature or document time stamp covers the file to its end, but for validation data.

    We add none behind it; who renews a stamp with another program may. What the data are is for whoever judges revisions: here nothing but
    them is there, to be found by who reads no tables, or to pass for a part of the file because nobody refers to it.

    Raises:
        SealingError: something else was added after it, or there is no signature.
    """
    last = reader.embedded_signatures[-1] if reader.embedded_signatures else None
    if last is None:
        raise SealingError("carries no signature", field="pdf", fix=_AGAIN)
    *_, start, length = last.byte_range
    tail = pdf[start + length :]
    after = [reader.xrefs.explicit_refs_in_revision(one) for one in range(last.signed_revision + 1, reader.xrefs.total_revisions)]
    if len(_OBJECT.findall(tail)) != sum(map(len, after)) or any(
        tail.count(word) != len(after) for word in (b"trailer", b"startxref", b"%%EOF")
    ):
        raise SealingError("holds objects after its last time stamp that no table names", field="pdf", fix=_AGAIN)
    if (tail and not after) or not all(_is_validation_data(reader, named) for named in after):
        raise SealingError("was added to after its last time stamp", field="pdf", fix=_AGAIN)


def _is_validation_data(reader: PdfFileReader, named: set[Reference]) -> bool:
    """Whether objects that a revision names are the security store, what it refers to, and what leads to it; beside when it was saved."""
    stored, told = set[tuple[int, int]](), set[tuple[int, int]]()
    try:
        _collect(reader.root.raw_get("/DSS"), stored)
        told |= {_numbers(holder.raw_get(key)) for holder, key in ((reader.trailer, "/Info"), (reader.root, "/Metadata")) if key in holder}
    except (PdfError, ValueError, LookupError, TypeError, AttributeError):
        return False
    stored.add(_numbers(reader.root_ref))
    numbers = {_numbers(one) for one in named}
    return bool(numbers & stored) and numbers <= stored | told


def _numbers(reference: PdfObject | Reference) -> tuple[int, int]:
    return reference.idnum, reference.generation  # type: ignore[union-attr]


def _collect(value: PdfObject, found: set[tuple[int, int]]) -> None:
    """Every object that a value refers to."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if _numbers(one) in found:
                continue
            found.add(_numbers(one))
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            waiting += [one.raw_get(name) for name in one]
        elif isinstance(one, ArrayObject):
            waiting += [one.raw_get(at) for at in range(len(one))]
