"""Reads a fast file back from its bytes, by other code than made it: ranges, digests, signatures, time stamps, validation data.

What needs a certificate validator – chains and revocation – is the pattern's, which pyHanko validated; the rest is checked for every file.
The certificates inside the last time stamp are covered by nothing, in any such file.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from hashlib import sha256
from typing import Final

from ledger.sealing.der import SEQUENCE, items, only
from ledger.sealing.errors import SealingError
from ledger.sealing.levels import Level, SignatureLevel
from ledger.sealing.tokens import StampedBy, check_signer, signed_data

_SIGNATURE: Final = re.compile(rb"/ByteRange\[0 (\d{1,10}) +(\d{1,10}) +(\d{1,10}) *\]/Contents(<[0-9a-f]+>)")
_REASON: Final = re.compile(rb"/Reason<([0-9a-f]+)>")
_STAMP_ATTRIBUTE: Final = bytes.fromhex("060b2a864886f70d010910020e")
_AGAIN: Final = "nothing was stored; issue it singly: `sonang seal`"


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
    if not pdf.startswith(sealed):
        raise _wrong("does not begin with the sealed document")
    found = list(_SIGNATURE.finditer(pdf, len(sealed)))
    if len(found) != 3 or len(pattern) != 2:
        raise _wrong(f"{len(found)} signatures instead of three")
    if b"/Type/DSS" not in pdf[found[1].end() : found[2].start()] and b"/Type/DSS" not in pdf[found[2].end() :]:
        raise _wrong("no validation data under the archive time stamp")
    archived_at = by.time_of(*_covered(pdf, found[2], last=True))
    told = [replace(one, archived_at=archived_at) for one in pattern]
    return [_read(pdf, at, signer, by, one) for at, signer, one in zip(found[:2], signers, told, strict=True)]


def _read(pdf: bytes, at: re.Match[bytes], signer: bytes, by: StampedBy, told: SignatureLevel) -> SignatureLevel:
    cms, digest = _covered(pdf, at, last=False)
    signed = signed_data(cms)
    signature = check_signer(signed, signer, digest)
    unsigned = list(items(only(signed[-1].content, SEQUENCE).content))[6]
    stamps = [one.content for one in items(unsigned.content) if one.content.startswith(_STAMP_ATTRIBUTE)]
    if len(stamps) != 1:
        raise _wrong("no time stamp over a signature")
    token = only(stamps[0][len(_STAMP_ATTRIBUTE) :], 0x31).content
    stamped_at = by.time_of(token, sha256(signature).digest())
    reason = _REASON.search(pdf, pdf.rfind(b" 0 obj\n", 0, at.start()), at.start())
    if told.archived_at is None or told.archived_at < stamped_at - datetime.timedelta(seconds=1) or reason is None:
        raise _wrong("the archive time stamp is older than the signature, or the signature gives no reason")
    words = bytes.fromhex(reason[1].decode()).decode("utf-16")
    return replace(told, level=Level.B_LTA, problem=None, reason=words, claimed_at=stamped_at, stamped_at=stamped_at)


def _covered(pdf: bytes, at: re.Match[bytes], *, last: bool) -> tuple[bytes, bytes]:
    """The CMS of a signature, and SHA-256 of what its range covers: a whole revision but for the CMS itself."""
    first, second, rest = int(at[1]), int(at[2]), int(at[3])
    end = second + rest
    if (first, second) != at.span(4) or not pdf[:end].endswith(b"%%EOF\n") or (last and end != len(pdf)):
        raise _wrong("a signature does not cover its whole revision")
    hashed = sha256(pdf[:first])
    hashed.update(pdf[second:end])
    padded = bytes.fromhex(at[4][1:-1].decode())
    return next(items(padded)).whole, hashed.digest()


def _wrong(why: str) -> SealingError:
    return SealingError(why, field="pdf", fix=_AGAIN)
