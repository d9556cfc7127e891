"""Reads a fast file back from its bytes, by other code than made it: ranges, digests, signatures, time stamps, validation data.

What needs a certificate validator – chains and revocation – is the pattern's, which pyHanko validated; the rest is checked for every file.
The reader hashes the file itself, once: each signature covers the file up to its own value, and what follows that in its revision.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from hashlib import sha256
from typing import Final, NamedTuple

from ledger.sealing.der import SEQUENCE, items, only
from ledger.sealing.errors import SealingError
from ledger.sealing.levels import Level, SignatureLevel
from ledger.sealing.tokens import StampedBy, check_signer, signed_data

_SIGNATURE: Final = re.compile(rb"/ByteRange\[0 (\d{1,10}) +(\d{1,10}) +(\d{1,10}) *\]/Contents(<[0-9a-f]+>)")
_REASON: Final = re.compile(rb"/Reason<([0-9a-f]+)>")
_STAMP_ATTRIBUTE: Final = bytes.fromhex("060b2a864886f70d010910020e")
_END: Final = b"%%EOF\n"
_FINER: Final = datetime.timedelta(seconds=1)
_AGAIN: Final = "nothing was stored; it is made again, by pyHanko"


def read_fast(
    pdf: bytes, sealed: bytes, signers: tuple[bytes, bytes], by: StampedBy, pattern: list[SignatureLevel]
) -> list[SignatureLevel]:
    """The levels of a fast file: both signatures, stamped, with validation data and an archive time stamp over all.

    Args:
        signers: certificates of the approvals and the seal, DER; `by`: the authority's.
        pattern: the levels of the file the batch was learnt from.

    Raises:
        SealingError: anything is not as it must be.
    """
    try:
        return _levels(pdf, sealed, signers, by, pattern)
    except (ValueError, LookupError, StopIteration) as wrong:
        raise _wrong(f"is not built as it must be: {wrong or type(wrong).__name__}") from None


def _levels(pdf: bytes, sealed: bytes, signers: tuple[bytes, bytes], by: StampedBy, pattern: list[SignatureLevel]) -> list[SignatureLevel]:
    if not pdf.startswith(sealed):
        raise _wrong("does not begin with the sealed document")
    found = list(_SIGNATURE.finditer(pdf, len(sealed)))
    if len(found) != 3 or len(pattern) != 2:
        raise _wrong(f"{len(found)} signatures instead of three")
    if pdf.find(b"/Type/DSS", found[1].end(), found[2].start()) < 0 and pdf.find(b"/Type/DSS", found[2].end()) < 0:
        raise _wrong("no validation data under the archive time stamp")
    hashed = _Hashed(pdf)
    approvals, seal, archive = (_covered(pdf, at, hashed) for at in found)
    if hashed.end != len(pdf):
        raise _wrong("the archive time stamp does not cover the whole file")
    archived_at = by.time_of(archive.cms, archive.digest)
    told = [replace(one, archived_at=archived_at) for one in pattern]
    return [_read(pdf, one, signer, by, of_it) for one, signer, of_it in zip((approvals, seal), signers, told, strict=True)]


def _read(pdf: bytes, one: _Covered, signer: bytes, by: StampedBy, told: SignatureLevel) -> SignatureLevel:
    signed = signed_data(one.cms)
    signature = check_signer(signed, signer, one.digest)
    unsigned = list(items(only(signed[-1].content, SEQUENCE).content))[6]
    stamps = [its.content for its in items(unsigned.content) if its.content.startswith(_STAMP_ATTRIBUTE)]
    if len(stamps) != 1:
        raise _wrong("no time stamp over a signature")
    token = only(stamps[0][len(_STAMP_ATTRIBUTE) :], 0x31).content
    stamped_at = by.time_of(token, sha256(signature).digest())
    reason = _REASON.search(pdf, pdf.rfind(b" 0 obj\n", 0, one.begins), one.begins)
    if told.archived_at is None or told.archived_at < stamped_at - _FINER or reason is None:
        raise _wrong("the archive time stamp is older than the signature, or the signature gives no reason")
    words = bytes.fromhex(reason[1].decode()).decode("utf-16")
    return replace(told, level=Level.B_LTA, problem=None, reason=words, claimed_at=stamped_at, stamped_at=stamped_at)


class _Covered(NamedTuple):
    """A signature's CMS, SHA-256 of what it covers, and where its byte range is written."""

    cms: bytes
    digest: bytes
    begins: int


class _Hashed:
    """The digests of a file's signed ranges, which grow along the file: what two of them share is hashed once."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = memoryview(pdf)
        self._begun = sha256()
        self._at = 0
        self.end = 0
        """Where the last range that was asked about ends."""

    def over(self, first: int, second: int, end: int) -> bytes:
        """SHA-256 of the file's first bytes and of those from `second` to `end`; each time of more than the time before."""
        if not self._at <= first <= second <= end:
            raise _wrong("its signatures do not follow each other")
        self._begun.update(self._pdf[self._at : first])
        self._at, self.end = first, end
        hashed = self._begun.copy()
        hashed.update(self._pdf[second:end])
        return hashed.digest()


def _covered(pdf: bytes, at: re.Match[bytes], hashed: _Hashed) -> _Covered:
    """A signature that covers its whole revision but for itself, with nothing but zeros behind its CMS."""
    first, second = int(at[1]), int(at[2])
    end = second + int(at[3])
    if (first, second) != at.span(4) or end > len(pdf) or not pdf.endswith(_END, second, end):
        raise _wrong("a signature does not cover its whole revision")
    padded = bytes.fromhex(at[4][1:-1].decode())
    cms = next(items(padded)).whole
    if padded.count(0, len(cms)) != len(padded) - len(cms):
        raise _wrong("bytes stand behind a signature's value, which nothing covers")
    return _Covered(cms, hashed.over(first, second, end), at.start())


def _wrong(why: str) -> SealingError:
    return SealingError(why, field="pdf", fix=_AGAIN)
