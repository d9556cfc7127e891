"""The sealed document inside an issued file: what the chain's digest is about."""

from __future__ import annotations

from ledger.agreements.incremental import attach, split
from ledger.agreements.sealed import FILE_NAME
from ledger.errors import ProtocolError


def sealed_prefix(pdf: bytes) -> bytes:
    """The sealed document a file is or begins with, to be read by `read_sealed`; what follows it is the utility's to sign.

    Raises:
        ProtocolError: no sealed document of ours is at its beginning.
    """
    base, content = split(pdf)
    sealed = attach(base, FILE_NAME, content)
    if not pdf.startswith(sealed):
        raise ProtocolError("the sealed document in it was changed", field="seal", fix="obtain the file again from where it was issued")
    return sealed
