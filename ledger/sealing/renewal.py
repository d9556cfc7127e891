"""Renewing archive stamps: before the last one can no longer be checked, one more is put over everything, behind what is there.

A stamp grows weak on the day the first certificate of its authority's chain ends, or its algorithm is no longer thought strong. The renewed
file begins with the one before it, so the chain's digest and the log's `issued` stay true of its beginning, and nothing new is logged.
"""

from __future__ import annotations

import asyncio
import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Final

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator.errors import PathError, ValidationError
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.db import clock_s
from ledger.errors import SonangError
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.levels import check_issued
from ledger.sealing.model import IssueJob
from ledger.sealing.queries import issued_file
from ledger.sealing.seal import Sealer, explained
from ledger.sealing.stamps import CheckedTimeStamper, stamp_info
from ledger.sealing.writing import stamped

STRONG: Final = frozenset({"sha256", "sha384", "sha512"})
RSA_2048_ENDS: Final = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC)
"""From then on keys of less than 3,072 bits are no longer acceptable (NIST SP 800-131A); smaller than 2,048 never were."""
ROWS: Final = 5_000
"""Rows asked for, and changed, at a time."""
_NEVER: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_STAMP: Final = "archive-stamp"
_CONTENTS: Final = re.compile(rb"/Contents ?<(30[0-9a-fA-F]+)>")


@dataclass
class RenewalReport:
    """What one round did.

    Attributes:
        renewed: ids of the agreements whose files have one more stamp.
        refused: what kept the others, by id.
        still_good: how many needed nothing.
        unavailable: the authority that did not answer and ended the round, in words.
    """

    renewed: list[bytes] = field(default_factory=list)
    refused: dict[bytes, str] = field(default_factory=dict)
    still_good: int = 0
    unavailable: str | None = None


def good_until(pdf: bytes) -> datetime.datetime:
    """Until when the last document time stamp of a file can be checked by itself.

    Raises:
        SealingError: there is none, or it cannot be read.
    """
    try:
        stamps = PdfFileReader(BytesIO(pdf)).embedded_timestamp_signatures
        if not stamps:
            raise SealingError("has no document time stamp", field=_STAMP, fix="issue the document: `sonang seal`")
        return _ends(stamps[-1].signed_data)
    except (ValueError, LookupError, TypeError) as wrong:
        raise SealingError(f"cannot be read: {wrong}", field=_STAMP, fix="restore the file from its backup") from None


def good_until_s(made: bytes) -> int:
    """`good_until` of a file that was just made and read back, Unix seconds: much faster, since its end is as this program writes it.

    Raises:
        SealingError: as `good_until`.
    """
    last = _CONTENTS.match(made, made.rfind(b"/Contents"))
    try:
        signed = cms.ContentInfo.load(bytes.fromhex(last[1].decode()), strict=False)["content"] if last is not None else None
        return int((good_until(made) if signed is None else _ends(signed)).timestamp())
    except (ValueError, LookupError, TypeError):
        return int(good_until(made).timestamp())


def renew(sealer: Sealer, issued: bytes, sealed: bytes) -> bytes:
    """The issued file with one more archive stamp, read back at B-LTA; `issued` stays its beginning. Call it outside an event loop.

    Raises:
        AuthorityUnavailableError: an authority does not answer; nothing was made.
        SealingError: the file does not hold as it is, the last stamp cannot be proven any more, or the result would not hold.
    """
    before = check_issued(issued, sealed, sealer.trust_roots)
    renewed = asyncio.run(_stamped(sealer, issued))
    if not renewed.startswith(issued) or len(renewed) == len(issued):
        raise SealingError("the renewed file does not begin with the one before", field=_STAMP, fix="report this; nothing was stored")
    if check_issued(renewed, sealed, sealer.trust_roots) != before:
        raise SealingError("a signature reads differently under the new stamp", field=_STAMP, fix="report this; nothing was stored")
    return renewed


def notice_replaced(sessions: sessionmaker[Session], store: DocumentStore) -> int:
    """Makes every issued file due that is not as long as the one its row is about, and returns how many: a backup was put back, or it is
    gone. A renewal only makes a file longer, so no file is read for this; what is due will be.
    """
    with sessions.begin() as session:
        kept = IssueJob.state == "issued", IssueJob.good_until_s > 0
        asked = select(IssueJob.agreement_id, IssueJob.stored_length).where(*kept).execution_options(yield_per=ROWS)
        with session.execute(asked) as rows:
            replaced = [agreement for agreement, length in rows if store.issued_length(agreement) != length]
        for begin in range(0, len(replaced), ROWS):
            these = IssueJob.agreement_id.in_(replaced[begin : begin + ROWS])
            session.execute(update(IssueJob).where(*kept, these).values(good_until_s=0), execution_options={"synchronize_session": False})
    return len(replaced)


def count_due(session: Session, within: datetime.timedelta) -> int:
    """How many issued files `renew_due` would look at."""
    return session.scalar(select(func.count()).select_from(IssueJob).where(*_due_by(_cutoff_s(session, within)))) or 0


def renew_due(
    sessions: sessionmaker[Session],
    store: DocumentStore,
    sealer: Sealer,
    *,
    within: datetime.timedelta,
    told: Callable[[bytes], None] = lambda _agreement: None,
    stop: Callable[[], bool] = lambda: False,
) -> RenewalReport:
    """Renews every issued file whose last stamp can be checked for less than `within` from now, one transaction a file.

    What is due, one query says; no other file is read. Two renewers never take the same file; stopped at any moment, each file is as it
    was or has its new stamp. An authority that does not answer ends the round.

    Args:
        told: hears of each file once its transaction is over.
    """
    report = RenewalReport()
    with sessions() as session:
        cutoff_s = _cutoff_s(session, within)
        order = (IssueJob.good_until_s, IssueJob.agreement_id)
        found = session.scalars(select(IssueJob.agreement_id).where(*_due_by(cutoff_s)).order_by(*order)).all()
        later = select(func.count()).select_from(IssueJob).where(IssueJob.state == "issued", IssueJob.good_until_s > cutoff_s)
        report.still_good = session.scalar(later) or 0
    for agreement in found:
        if stop() or report.unavailable is not None:
            break
        with sessions.begin() as session:
            _renew_one(session, store, sealer, agreement, cutoff_s=cutoff_s, report=report)
        told(agreement)
    return report


def _cutoff_s(session: Session, within: datetime.timedelta) -> int:
    return clock_s(session) + int(within.total_seconds())


def _due_by(cutoff_s: int) -> tuple[ColumnElement[bool], ...]:
    """Erased documents have no moment, so they are never due."""
    return IssueJob.state == "issued", IssueJob.good_until_s <= cutoff_s


def _renew_one(session: Session, store: DocumentStore, sealer: Sealer, agreement: bytes, *, cutoff_s: int, report: RenewalReport) -> None:
    """The row is locked while its file is replaced; what was renewed, or erased, meanwhile is passed over."""
    held = select(IssueJob).where(IssueJob.agreement_id == agreement, *_due_by(cutoff_s))
    job = session.scalars(held.with_for_update(skip_locked=True, of=IssueJob)).one_or_none()
    if job is None:
        return
    try:
        issued, sealed = issued_file(session, store, agreement), store.read(agreement)
        job.good_until_s, job.stored_length = int(good_until(issued).timestamp()), len(issued)
        if job.good_until_s > cutoff_s:
            report.still_good += 1
            return
        renewed = renew(sealer, issued, sealed)
        store.write_issued(agreement, renewed)
        job.good_until_s, job.stored_length = good_until_s(renewed), len(renewed)
        report.renewed.append(agreement)
    except AuthorityUnavailableError as away:
        report.unavailable = str(away)
    except SonangError as refused:
        report.refused[agreement] = str(refused)


async def _stamped(sealer: Sealer, issued: bytes) -> bytes:
    context = sealer.context()
    try:
        return await stamped(issued, CheckedTimeStamper(sealer.tsa_url, sealer.tsa_login), context)
    except (SigningError, PathError, ValidationError, SignatureValidationError, OSError) as wrong:
        raise explained(wrong, _STAMP) from wrong
    finally:
        await context.aclose()


def _ends(stamp: cms.SignedData) -> datetime.datetime:
    """The first day on which something the stamp relies on ends."""
    hashes = {str(stamp_info(stamp)["message_imprint"]["hash_algorithm"]["algorithm"].native)}
    hashes |= {str(one["digest_algorithm"]["algorithm"].native) for one in stamp["signer_infos"]}
    return _first_end(stamp["certificates"].untag().dump()) if hashes <= STRONG else _NEVER


@lru_cache(maxsize=256)
def _first_end(certificates: bytes) -> datetime.datetime:
    """An authority sends the same certificates with each of its stamps."""
    return min(_ends_of(one.chosen) for one in cms.CertificateSet.load(certificates))


def _ends_of(certificate: x509.Certificate) -> datetime.datetime:
    ends: datetime.datetime = certificate.not_valid_after
    key = certificate.public_key
    if not key.algorithm.startswith("rsa") or key.bit_size >= 3_072:
        return ends
    return min(ends, RSA_2048_ENDS) if key.bit_size >= 2_048 else _NEVER
