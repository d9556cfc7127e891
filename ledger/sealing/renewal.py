"""Renewing archive stamps: before the last one can no longer be checked, one more is put over everything, behind what is there.

A stamp grows weak on the day the first certificate of its authority's chain ends, or its algorithm is no longer thought strong. The renewed
file begins with the one before it, so the chain's digest and the log's `issued` stay true of its beginning, and nothing new is logged.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator.errors import PathError, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.store import DocumentStore
from ledger.errors import NotFoundError, SonangError
from ledger.sealing.errors import AuthorityUnavailableError, SealingError
from ledger.sealing.levels import check_issued
from ledger.sealing.model import IssueJob
from ledger.sealing.seal import Sealer, explained
from ledger.sealing.stamps import CheckedTimeStamper, stamp_info

STRONG: Final = frozenset({"sha256", "sha384", "sha512"})
RSA_2048_ENDS: Final = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC)
"""From then on keys of less than 3,072 bits are no longer acceptable (NIST SP 800-131A); smaller than 2,048 never were."""
_NEVER: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_STAMP: Final = "archive-stamp"


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
        return min(_ends(stamps[-1].signed_data))
    except (ValueError, LookupError, TypeError) as wrong:
        raise SealingError(f"cannot be read: {wrong}", field=_STAMP, fix="restore the file from its backup") from None


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

    Two renewers never take the same file; stopped at any moment, each file is as it was or has its new stamp. Files that were erased are
    passed over. An authority that does not answer ends the round.
    """
    report = RenewalReport()
    with sessions() as session:
        found = session.scalars(select(IssueJob.agreement_id).where(IssueJob.state == "issued").order_by(IssueJob.issued_s)).all()
    for agreement in found:
        if stop() or report.unavailable is not None:
            break
        with sessions.begin() as session:
            _renew_one(session, store, sealer, agreement, within=within, report=report)
        told(agreement)
    return report


def _renew_one(
    session: Session, store: DocumentStore, sealer: Sealer, agreement: bytes, *, within: datetime.timedelta, report: RenewalReport
) -> None:
    """The row is locked while its file is replaced."""
    held = select(IssueJob).where(IssueJob.agreement_id == agreement).with_for_update(skip_locked=True, of=IssueJob)
    if session.scalars(held).one_or_none() is None:
        return
    try:
        issued, sealed = store.read_issued(agreement), store.read(agreement)
        if good_until(issued) - datetime.datetime.now(datetime.UTC) > within:
            report.still_good += 1
            return
        store.write_issued(agreement, renew(sealer, issued, sealed))
        report.renewed.append(agreement)
    except NotFoundError:
        return
    except AuthorityUnavailableError as away:
        report.unavailable = str(away)
    except SonangError as refused:
        report.refused[agreement] = str(refused)


async def _stamped(sealer: Sealer, issued: bytes) -> bytes:
    out, context = BytesIO(), sealer.context()
    stamper = PdfTimeStamper(CheckedTimeStamper(sealer.tsa_url, sealer.tsa_login))
    try:
        reader = PdfFileReader(BytesIO(issued))
        await stamper.async_update_archival_timestamp_chain(reader, context, in_place=False, output=out)
    except (SigningError, PathError, ValidationError, SignatureValidationError, OSError) as wrong:
        raise explained(wrong, _STAMP) from wrong
    finally:
        await context.aclose()
    return out.getvalue()


def _ends(stamp: cms.SignedData) -> Iterator[datetime.datetime]:
    """Every day on which something the stamp relies on ends."""
    hashes = {str(stamp_info(stamp)["message_imprint"]["hash_algorithm"]["algorithm"].native)}
    hashes |= {str(one["digest_algorithm"]["algorithm"].native) for one in stamp["signer_infos"]}
    if not hashes <= STRONG:
        yield _NEVER
    for one in stamp["certificates"]:
        certificate: x509.Certificate = one.chosen
        yield certificate.not_valid_after
        key = certificate.public_key
        if key.algorithm.startswith("rsa") and key.bit_size < 3_072:
            yield RSA_2048_ENDS if key.bit_size >= 2_048 else _NEVER
