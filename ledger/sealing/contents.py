"""Every object of a PDF from outside, read once: work and memory follow the length of the file, whatever its tables say.

A PDF library unpacks a stream of objects anew for each object in it, and follows tables that tell of billions of objects, or of a thousand
objects that all hold the same megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import skip_over_whitespace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.pdf_utils.xref import ObjStreamRef, read_object_header

from ledger.sealing.errors import IntakeError

OBJECT_LIMIT: Final = 100_000
UNPACKED_LIMIT: Final = 128 * 1024 * 1024
"""What all streams of objects of a file may unpack to, bytes."""
_PRINT: Final = "print it to a new PDF and give that"
_TABLES: Final = 4
"""How many tables are looked at; a file that was saved once has one, or two for quick display on the web."""
_HOPS: Final = 8
_PAIRS: Final = re.compile(rb"[\d\s]*")

Objects = Mapping[tuple[int, int], generic.PdfObject]
"""By number and generation."""


def check_tables(pdf: bytes, place: int) -> None:
    """Passes when the tables tell of no more objects than a file may have; they are not read for it.

    Args:
        place: where the newest one stands.

    Raises:
        IntakeError: they do.
        PdfError, ValueError, LookupError, TypeError, AttributeError, NotImplementedError: they cannot be read.
    """
    stream, following, seen = BytesIO(pdf), place, set[int]()
    while following not in seen:
        seen.add(following)
        if len(seen) > _TABLES:
            raise refused(f"it was changed after it was first saved (over {_TABLES} revisions): earlier pages may hide under later ones")
        table = _table(pdf, stream, following)
        if "/XRefStm" in table:
            raise refused("it holds two tables of contents that may differ (hybrid cross-references)")
        told = [int(one) for one in table.get("/Index", (0, table.get("/Size", 0)))]
        if sum(told[1::2]) > OBJECT_LIMIT and isinstance(table, generic.StreamObject):
            raise refused(f"its table tells of {sum(told[1::2])} objects; at most {OBJECT_LIMIT} are taken")
        if "/Prev" not in table:
            return
        following = int(table["/Prev"])


def objects_of(reader: PdfFileReader, length: int) -> Objects:
    """All objects that the tables name.

    Args:
        length: of the file, bytes; the objects together cannot be longer, unless they lie inside each other.

    Raises:
        IntakeError: they are too many, too long, or lie inside each other.
    """
    references = {one for revision in range(reader.xrefs.total_revisions) for one in reader.xrefs.explicit_refs_in_revision(revision)}
    if len(references) > OBJECT_LIMIT:
        raise refused(f"{len(references)} objects; at most {OBJECT_LIMIT} are taken")
    found, packed, left = dict[tuple[int, int], generic.PdfObject](), dict[int, dict[int, int]](), length
    for reference in references:
        place = reader.xrefs[reference]
        if isinstance(place, ObjStreamRef):
            packed.setdefault(place.obj_stream_id, {})[place.ix_in_stream] = reference.idnum
            continue
        reader.stream.seek(0)
        found[reference.idnum, reference.generation] = reader.get_object(reference)
        left -= max(0, reader.stream.tell() - int(place or 0))  # nothing was read for what was needed before
        if left < 0:
            raise refused("its objects lie inside each other")
    left = UNPACKED_LIMIT
    for number, wanted in packed.items():
        data = _unpacked(reader, number)
        left -= len(data)
        if left < 0:
            raise refused("its content unpacks to more than any document needs")
        found |= {(one, 0): value for one, value in _inside(reader, number, data, wanted)}
    return found


def value_of(of: generic.DictionaryObject, key: str, objects: Objects) -> object:
    """What stands under a key, wherever it is written; None for nothing."""
    value: object = of.raw_get(key) if key in of else None
    return followed(value, objects)


def followed(value: object, objects: Objects) -> object:
    """What a reference leads to; anything else itself."""
    for _ in range(_HOPS):
        if not isinstance(value, generic.IndirectObject):
            return value
        value = objects.get((value.idnum, value.generation))
    raise refused("its objects refer to each other without end")


def refused(problem: str, fix: str = _PRINT) -> IntakeError:
    """The error that says why a file is not taken."""
    return IntakeError(problem, field="pdf", fix=fix)


def _table(pdf: bytes, stream: BytesIO, place: int) -> generic.DictionaryObject:
    """The dictionary of the table at a place: the trailer behind a plain one, or the stream's own."""
    stream.seek(place)
    skip_over_whitespace(stream)
    begin = stream.tell()
    if pdf.startswith(b"xref", begin):
        stream.seek(pdf.index(b"trailer", begin) + len(b"trailer"))
        skip_over_whitespace(stream)
        found = generic.DictionaryObject.read_from_stream(stream, generic.TrailerReference(PdfHandler()))
    else:
        number, generation = read_object_header(stream, strict=True)
        found = generic.StreamObject.read_from_stream(stream, generic.Reference(number, generation, PdfHandler()))
    if not isinstance(found, generic.DictionaryObject):
        raise ValueError("a table is none")
    return found


def _unpacked(reader: PdfFileReader, number: int) -> bytes:
    stream = reader.get_object(generic.Reference(number, 0, reader))
    if not isinstance(stream, generic.StreamObject):
        raise refused("a stream of objects is missing")
    return bytes(stream.read_data(DecodePurpose.OBJECT_STREAM))


def _inside(reader: PdfFileReader, number: int, data: bytes, wanted: Mapping[int, int]) -> Iterator[tuple[int, generic.PdfObject]]:
    """The objects of a stream by their numbers; each ends where the next begins, so that none is read twice."""
    stream = reader.get_object(generic.Reference(number, 0, reader))
    count, first = int(stream["/N"]), int(stream["/First"])
    told = [int(one) for one in data[:first].split()] if _PAIRS.fullmatch(data[:first]) else []
    numbers, begins = told[: 2 * count : 2], [*told[1 : 2 * count : 2], len(data) - first]
    named = {place: numbers[place] for place in wanted if place < len(numbers)}
    if len(numbers) != count or begins != sorted(begins) or named != wanted:
        raise refused("a stream of objects holds others than it says")
    for place, one in wanted.items():
        content = BytesIO(data[first + begins[place] : first + begins[place + 1]] + b" ")
        yield one, generic.read_object(content, generic.Reference(one, 0, reader))
