"""Known attacks on signed PDFs, each as bytes: what an attacker without our keys can do to a file of ours.

By the names their finders gave them: universal signature forgery, incremental saving and wrapping (Mladenov et al., 2019); hide, replace,
hide and replace (shadow attacks, Mainka et al., 2021); evil annotations and sneaky signatures (Rohlmann et al., 2021).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner

Attack = Callable[[bytes], bytes]
_CONTENTS = re.compile(rb"/Contents <([0-9a-fA-F]+)>")
_RANGE = re.compile(rb"/ByteRange \[[0-9 ]+\]")


def _at(pattern: re.Pattern[bytes], pdf: bytes, which: int) -> re.Match[bytes]:
    return list(pattern.finditer(pdf))[which]


def _put(pdf: bytes, match: re.Match[bytes], into: bytes) -> bytes:
    """Other bytes in the place of some, padded to the same length: no offset moves."""
    assert len(into) <= match.end() - match.start()
    return pdf[: match.start()] + into.ljust(match.end() - match.start()) + pdf[match.end() :]


def forged_contents(into: bytes) -> Attack:
    """Universal signature forgery: the seal's signature value is nothing that could be checked."""
    return lambda pdf: _put(pdf, _at(_CONTENTS, pdf, 1), into)


def forged_range(into: bytes) -> Attack:
    """Universal signature forgery: what the seal covers is left out, empty, or cannot be."""
    return lambda pdf: _put(pdf, _at(_RANGE, pdf, 1), into)


def dirty_padding(which: int) -> Attack:
    """Something else in the room left after a signature's value, which that signature does not cover; 2 is the last time stamp."""

    def attack(pdf: bytes) -> bytes:
        match = _at(_CONTENTS, pdf, which)
        return pdf[: match.end() - 41] + b"de" * 20 + pdf[match.end() - 1 :]

    return attack


def wrapped(pdf: bytes) -> bytes:
    """Signature wrapping: the room after the signature's value tells another range; the signed rest follows what was slipped in."""
    match = _at(_CONTENTS, pdf, 1)
    _, before, after, rest = (int(number) for number in _at(_RANGE, pdf, 1)[0][12:-1].split())
    slipped = b"\n900 0 obj\n<</Type/Catalog>>\nendobj\n"
    moved = b"/ByteRange[0 %d %d %d]" % (before, after + len(slipped), rest)
    value = match[1].rstrip(b"0")
    value += b"0" * (len(value) % 2)
    room = match.end() - match.start() - len(b"/Contents <") - len(value) - 1
    return pdf[: match.start()] + b"/Contents <" + value + b">" + moved.ljust(room) + slipped + pdf[after:]


def saved_without_table(pdf: bytes) -> bytes:
    """Incremental saving: new objects after the end, and no table that says so; lenient viewers look for themselves."""
    return pdf + b"\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"


def saved_with_the_old_table(pdf: bytes) -> bytes:
    """The same, and an end that leads to the old table: whoever reads tables sees nothing new."""
    return saved_without_table(pdf) + pdf[pdf.rindex(b"startxref") :]


def saved_with_an_empty_table(pdf: bytes) -> bytes:
    """The same as a revision of its own, whose table names none of the new objects."""
    more = saved_without_table(pdf)[len(pdf) :]
    return _only_table(pdf, b"0 0\n", more)


def saved_without_trailer(pdf: bytes) -> bytes:
    """The same with a table and without a trailer."""
    return saved_without_table(pdf) + b"xref\n1 1\n%010d 00000 n\r\nstartxref\n%d\n%%%%EOF\n" % (len(pdf) + 1, len(pdf) + 48)


def copied_signature(pdf: bytes) -> bytes:
    """The same, with a copy of a true signature among the new objects."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = _page(writer)
    page[pdf_name("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"0 g"))
    writer.update_container(page)
    writer.add_object(generic.DictionaryObject(writer.prev.embedded_regular_signatures[1].sig_object))
    return _written(writer)


def freed(number: int) -> Attack:
    """Shadow, hide: an object is declared free, so that what lay over something is gone."""

    def attack(pdf: bytes) -> bytes:
        return _only_table(pdf, b"%d 1\n0000000000 00001 f\r\n" % number)

    return attack


def redirected(number: int, offset: int) -> Attack:
    """Shadow, hide and replace: the table now leads to an object that was in the signed bytes all along, out of sight."""
    return lambda pdf: _only_table(pdf, b"%d 1\n%010d 00000 n\r\n" % (number, offset))


def replaced_font(pdf: bytes) -> bytes:
    """Shadow, replace: a font is defined anew, so that the same codes show other figures."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    for ref in writer.prev.xrefs.explicit_refs_in_revision(0):
        found = writer.get_object(ref)
        if isinstance(found, generic.DictionaryObject) and found.get("/Type") == "/Font":
            found[pdf_name("/BaseFont")] = pdf_name("/Helvetica")
            writer.mark_update(ref)
            return _written(writer)
    raise AssertionError("no font")


def evil_annotation(subtype: str) -> Attack:
    """An annotation that looks like something else lies over the last page, where the seal is told of."""

    def attack(pdf: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        page = _page(writer)
        edge = generic.ArrayObject(map(generic.NumberObject, (0, 0, 600, 850)))
        look = generic.StreamObject({pdf_name("/Subtype"): pdf_name("/Form"), pdf_name("/BBox"): edge}, stream_data=b"1 g 0 0 600 850 re f")
        note = {"/Type": pdf_name("/Annot"), "/Subtype": pdf_name(subtype), "/Rect": edge}
        made = generic.DictionaryObject({pdf_name(key): value for key, value in note.items()})
        made[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})
        if subtype == "/Widget":
            made[pdf_name("/FT")], made[pdf_name("/T")] = pdf_name("/Sig"), generic.pdf_string("SoNangSeal2")
        held = page["/Annots"] if "/Annots" in page else ()  # noqa: SIM401 - its own get() does not follow references
        page[pdf_name("/Annots")] = generic.ArrayObject([*held, writer.add_object(made)])
        writer.update_container(page)
        return _written(writer)

    return attack


def signed_by_stranger(signer: SimpleSigner, *, shown: bool, field: str = "SoNangSeal2") -> Attack:
    """A true signature by somebody else's certificate; shown, it lies over the page like a note (a sneaky signature)."""

    def attack(pdf: bytes) -> bytes:
        box = (0, 0, 600, 850) if shown else None
        place = SigFieldSpec(field, box=box, on_page=0, invis_sig_settings=InvisSigSettings(set_hidden_flag=False))
        metadata = PdfSignatureMetadata(field_name=field, subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
        writer, out = IncrementalPdfFileWriter(BytesIO(pdf)), BytesIO()
        asyncio.run(PdfSigner(metadata, signer, new_field_spec=place).async_sign_pdf(writer, output=out))
        return out.getvalue()

    return attack


def shadowed() -> tuple[bytes, int, int]:
    """A document prepared for a shadow attack: a blue page and, inside a stream nobody looks at, the same object in red.

    Returns:
        The PDF, the number of the object that is shown, the offset of the one that is not.
    """
    number = 0
    while True:
        data = _prepared(b"%d 0 obj\n<</Length 27>>\nstream\n1 0 0 rg 20 20 100 100 re f\nendstream\nendobj\n" % number)
        found = re.search(rb"/Contents (\d+) 0 R", data)
        assert found is not None
        if int(found[1]) == number:
            return data, number, data.index(b"%d 0 obj\n<</Length 27>>" % number)
        number = int(found[1])


def _prepared(hidden: bytes) -> bytes:
    pdf = pikepdf.Pdf.new()
    pdf.add_blank_page(page_size=(200, 200))
    pdf.pages[0].Contents = pdf.make_indirect(pikepdf.Stream(pdf, b"0 0 1 rg 20 20 100 100 re f"))
    pdf.pages[0].Resources = Dictionary()
    pdf.Root.Later = Array([pdf.make_indirect(pikepdf.Stream(pdf, hidden, Type=Name.Later))])
    out = BytesIO()
    pdf.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    assert isinstance(page, generic.DictionaryObject)
    return page


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _only_table(pdf: bytes, entries: bytes, body: bytes = b"") -> bytes:
    """A revision whose table says only this much."""
    reader = PdfFileReader(BytesIO(pdf))
    root, size = reader.trailer.raw_get("/Root"), int(reader.trailer["/Size"])
    before = int(pdf[pdf.rindex(b"startxref") + 10 :].split()[0])
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (size, root.idnum, before)
    return pdf + body + b"xref\n" + entries + trailer + b"startxref\n%d\n%%%%EOF\n" % len(pdf + body)
