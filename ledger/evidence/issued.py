"""The revisions after a sealed document: they may sign it, stamp it and bring what validates that, and nothing else.

What the chain records is the sealed beginning of an issued file. A viewer shows the end of it, so the end must show the same pages: no
object of the sealed document is replaced but to hang an invisible signature on it, and after the first signature pyHanko's own rules hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, PdfObject, Reference
from pyhanko.pdf_utils.metadata.info import view_from_info_dict
from pyhanko.pdf_utils.metadata.model import DocumentMetadata
from pyhanko.pdf_utils.metadata.xmp_xml import meta_from_xmp, parse_xmp
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.diff_analysis.commons import compare_dicts
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields

from ledger.protocol.errors import ProtocolError
from ledger.sealing.edges import check_built_on, check_covered, check_edges, check_tables
from ledger.sealing.errors import SealingError

SEALED = 1
"""Revision of `signatures.json`; 0 is the unsigned document."""
CATALOG_MAY_GAIN = frozenset({"/AcroForm", "/Perms", "/DSS", "/Extensions", "/Metadata", "/Version"})
FORM_HAS = frozenset({"/Fields", "/SigFlags"})
"""What a form of signatures has; a viewer that finds more may draw another form instead of the pages (XFA)."""
FIELD_HAS = frozenset({"/F", "/FT", "/P", "/Rect", "/Subtype", "/T", "/TU", "/Type", "/V"})
"""What our signature fields have; more may be an action that begins when the page is opened, or a look."""
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
"""What a field is called; an evidence package has files of these names."""
_AGAIN = "obtain the file again from where it was issued"
_UNREADABLE = (
    *(PdfError, ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError),
    NotImplementedError,
)


def check_tail(pdf: bytes, sealed: int) -> int:
    """Passes when the revisions after the sealed document only sign it; returns how many there are.

    Args:
        sealed: how long the sealed document is that the file begins with.

    Raises:
        ProtocolError: one of them changes a page, an attachment or anything else, shows something, or cannot be read.
    """
    try:
        check_tables(pdf, sealed)
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        revisions: int = reader.xrefs.total_revisions
        if revisions <= SEALED + 1:
            raise _changed("holds bytes that are no revision")
        check_edges(pdf, reader)
        if check_built_on(pdf, reader, sealed) != SEALED:
            raise _changed("has other revisions than a sealed document")
        for problem in _problems(reader):
            raise _changed(problem)
        check_covered(pdf, reader)
    except SealingError as wrong:
        raise _changed(wrong.problem) from None
    except _UNREADABLE as wrong:
        raise _changed(str(wrong) or type(wrong).__name__) from None
    return revisions - SEALED - 1


def _problems(reader: PdfFileReader) -> Iterator[str]:
    old, new = (reader.get_historical_resolver(revision) for revision in (SEALED, SEALED + 1))
    yield from _problems_of_first(old, new)
    yield from _problems_of_form(reader, _widgets(old))
    if _about(reader, reader.xrefs.total_revisions - 1) != _about(reader, SEALED):
        yield "says another title or author"
    reviewed = DEFAULT_DIFF_POLICY.review_file(reader, SEALED + 1, doc_mdp=MDPPerm.FILL_FORMS)
    if not isinstance(reviewed, DiffResult):
        yield str(reviewed)
    elif reviewed.modification_level > ModificationLevel.FORM_FILLING:
        yield f"changes of level {reviewed.modification_level.name}"


def _problems_of_first(old: HistoricalResolver, new: HistoricalResolver) -> Iterator[str]:
    """What the first signature's revision replaces of the sealed document, beyond what hanging up an invisible field takes."""
    if new.refs_freed_in_revision():
        yield "removes objects"
    info = old.trailer_view.get_value_as_reference("/Info", optional=True)
    metadata = old.root.get_value_as_reference("/Metadata", optional=True)
    for ref in sorted(new.explicit_refs_in_revision(), key=lambda one: (one.idnum, one.generation)):
        if old.is_ref_unassignable(ref) or ref in (info, metadata):
            continue
        before, after = old.get_object(ref), new.get_object(ref)
        may_gain = CATALOG_MAY_GAIN if ref == old.root_ref else frozenset({"/Annots"}) if _is_page(before) else None
        if may_gain is None:
            yield f"replaces object {ref.idnum}"
        elif not compare_dicts(before, after, may_gain, raise_exc=False):
            yield f"changes {'the catalog' if ref == old.root_ref else 'a page'}"


def _problems_of_form(reader: PdfFileReader, before: frozenset[Reference]) -> Iterator[str]:
    """Fields and annotations of the file as it is now that are no invisible signatures, beside annotations the sealed document had."""
    named = [(name, reference) for name, _, reference in enumerate_sig_fields(reader)]
    fields = {_plain(reference.reference): reference.get_object() for _, reference in named}
    if not all(_NAME.fullmatch(name) for name, _ in named):
        yield "has a signature field of a name that no issued file has"
    form = _of(reader.root, "/AcroForm", DictionaryObject())
    if set(form) - FORM_HAS:
        yield f"has a form with {', '.join(sorted(set(form) - FORM_HAS))}"
    if len(_of(form, "/Fields", ArrayObject())) != len(fields):
        yield "has form fields that are no signatures"
    for field in fields.values():
        if _of(field, "/Subtype", None) != "/Widget" or any(float(edge) != 0 for edge in _of(field, "/Rect", (1,))):
            yield f"shows the signature field {_of(field, '/T', '?')}"
        if set(field) - FIELD_HAS:
            yield f"has a signature field with {', '.join(sorted(set(field) - FIELD_HAS))}"
    if not _widgets(reader) <= before | set(fields):
        yield "adds annotations that are no signatures"
    if set(_of(reader.root, "/Perms", DictionaryObject())) - {"/DocMDP"}:
        yield "grants permissions that no certification grants"


def _widgets(handler: PdfFileReader | HistoricalResolver) -> frozenset[Reference]:
    """Every annotation of every page; a direct one, which nothing can refer to, stands for a stranger."""
    found = set()
    for page in _pages(handler.root["/Pages"]):
        annotations = _of(page, "/Annots", ArrayObject())
        found |= {_plain(getattr(annotations.raw_get(at), "reference", Reference(0, at))) for at in range(len(annotations))}
    return frozenset(found)


def _about(reader: PdfFileReader, revision: int) -> list[DocumentMetadata]:
    """What a revision says of itself, which viewers show above the pages; when it was last written left out."""
    seen = reader.get_historical_resolver(revision)
    info, metadata = (
        holder.get_value_as_reference(key, optional=True) for holder, key in ((seen.trailer_view, "/Info"), (seen.root, "/Metadata"))
    )
    told = [] if info is None else [view_from_info_dict(reader.get_object(info, revision=revision), strict=False)]
    told += [] if metadata is None else [meta_from_xmp(parse_xmp(BytesIO(reader.get_object(metadata, revision=revision).data)))]
    return [replace(one, last_modified=None) for one in told]


def _of(holder: DictionaryObject, key: str, default: Any) -> Any:
    """The object under a key, wherever it is written."""
    return holder[key] if key in holder else default  # noqa: SIM401 - its own get() does not follow references


def _plain(reference: Reference) -> Reference:
    return Reference(reference.idnum, reference.generation)


def _pages(node: DictionaryObject) -> Iterator[DictionaryObject]:
    waiting, named = [node], set[Reference]()
    while waiting:
        one = waiting.pop()
        kids = _of(one, "/Kids", None)
        if kids is None:
            yield one
            continue
        for at in range(len(kids)):
            reference = getattr(kids.raw_get(at), "reference", None)
            if reference is not None and _plain(reference) in named:
                raise _changed("has a tree of pages that names one of them twice")
            named |= set() if reference is None else {_plain(reference)}
            waiting.append(kids[at])


def _is_page(found: PdfObject) -> bool:
    return isinstance(found, DictionaryObject) and _of(found, "/Type", None) == "/Page"


def _changed(how: str) -> ProtocolError:
    return ProtocolError(f"changed after it was sealed: {' '.join(how.split())[:300]}", field="revisions", fix=_AGAIN)
