"""Whether a file is the agreement a bundle proves; and when it is not, whether it was changed or is simply another one."""

from __future__ import annotations

from ledger.agreements.sealed import read_sealed
from ledger.evidence.bundle import DOCUMENT, Bundle
from ledger.evidence.findings import UnknownError, require
from ledger.protocol.errors import ProtocolError

_BEGINNING = 1024


def check_same_document(document: bytes, bundle: Bundle) -> None:
    """Passes when the file is the bundle's document, byte for byte.

    Raises:
        UnknownError: the bundle proves no document, or quite another one.
        ProtocolError: the file was changed; the message names the part.
    """
    require(bundle.kind == "agreement", f"a bundle of a {bundle.kind} proves no document", "document", UnknownError)
    if document == bundle.document:
        return
    whole = _agreement_of(document)
    if whole is None:
        akin = len(document) == len(bundle.document) or document[:_BEGINNING] == bundle.document[:_BEGINNING]
        require(akin, f"the file is not the bundle's {DOCUMENT} at all", "document", UnknownError)
        read_sealed(document)  # raises: the file is not whole
    require(whole == _agreement_of(bundle.document), "the file is another agreement than the bundle's", "document", UnknownError)
    raise ProtocolError(f"the file is another sealing of the bundle's {DOCUMENT}", field="seal", fix="obtain the recorded file")


def _agreement_of(document: bytes) -> bytes | None:
    """The id of a sealed agreement that is whole; None for any other bytes."""
    try:
        return read_sealed(document).content.agreement.id
    except ProtocolError:
        return None
