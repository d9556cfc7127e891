"""The level of each signature, read back from the finished file and proven with nothing but the trusted roots.

| level | is there |
| --- | --- |
| B-B | a signature with its certificate |
| B-T | a time stamp over the signature |
| B-LT | chain and revocation answers of signer and time stamp, in the file |
| B-LTA | a later document time stamp over all of that |

What is there is read from the file's structure; whether it holds is pyHanko's long-term validation without network, as of the last
document time stamp: the answer is the same in ten years. Whether that stamp's authority lost its key since, no file can say.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import total_ordering
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

from asn1crypto import cms, x509
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import EmbeddedPdfSignature
from pyhanko.sign.validation.ades import AdESLTAValidationResult, ades_lta_validation
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter, validate_sig_integrity
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager

from ledger.errors import SettingsError
from ledger.sealing.edges import check_built_on, check_covered, check_edges, check_tables
from ledger.sealing.errors import SealingError
from ledger.sealing.profile import APPROVALS_FIELD, SEAL_FIELD
from ledger.sealing.stamps import TOLERANCE_S, stamp_info, stamping_certificate
from ledger.sealing.validation_data import validation_data

for loud in ("pyhanko", "pyhanko_certvalidator"):  # what they warn of with traces, such as a root nobody named, is in our answers
    logging.getLogger(loud).setLevel(logging.CRITICAL)
FINER_S: Final = 1
"""Authorities may cut their times to whole seconds."""
_UNREADABLE = (
    *(PdfError, ValueError, LookupError, TypeError, AttributeError, AssertionError, ArithmeticError, RecursionError),
    *(NotImplementedError, UnsupportedAlgorithm),
)
"""What the libraries below raise over a file that somebody spoiled."""
_AGAIN = "obtain the file again from where it was issued"


@total_ordering
class Level(Enum):
    """How long a signature can be checked, lowest first."""

    B_B = "PAdES B-B"
    B_T = "PAdES B-T"
    B_LT = "PAdES B-LT"
    B_LTA = "PAdES B-LTA"

    def __lt__(self, other: Level) -> bool:
        order = list(Level)
        return order.index(self) < order.index(other)


@dataclass(frozen=True)
class SignatureLevel:
    """One signature of a PDF.

    Attributes:
        field: name of its form field.
        signer: common name in the signer's certificate.
        certificate, issuer: SHA-256 of that certificate, hexadecimal; the name of who issued it.
        level: what the file holds for it.
        problem: why it does not hold, None when it does; a signature with a problem proves nothing, whatever its level.
        reason: what the signer says it is for.
        claimed_at: when the signer says it signed, by its own clock.
        stamped_at, stamped_by: what the time-stamp authority says; None without a stamp.
        archived_at: the first document time stamp over it.
        intact: whether its bytes are those its certificate signed; this much is known without any root.
    """

    field: str
    signer: str
    certificate: str
    issuer: str
    level: Level
    problem: str | None
    reason: str | None
    claimed_at: datetime.datetime | None
    stamped_at: datetime.datetime | None
    stamped_by: str | None
    archived_at: datetime.datetime | None
    intact: bool = True


def load_trust_roots(path: Path, setting: str = "SONANG_SEAL_TRUST_ROOTS") -> tuple[x509.Certificate, ...]:
    """The certificates of a PEM file.

    Raises:
        SettingsError: it cannot be read or holds none.
    """
    try:
        found = tuple(load_certs_from_pemder([str(path)]))
    except (OSError, ValueError):
        found = ()
    if not found:
        raise SettingsError(f"{path} holds no certificate", field=setting, fix="name a PEM file with the root certificates to trust")
    return found


def read_levels(pdf: bytes, trust_roots: Sequence[x509.Certificate]) -> list[SignatureLevel]:
    """Every signature of a PDF in the order of signing, checked offline with only the roots; call it outside an event loop.

    Raises:
        SealingError: not a PDF that can be read, no signature in it, or bytes where none may be.
    """
    return _opened(pdf, trust_roots)[1]


def _opened(pdf: bytes, trust_roots: Sequence[x509.Certificate]) -> tuple[PdfFileReader, list[SignatureLevel]]:
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        check_edges(pdf, reader)
        signatures = reader.embedded_regular_signatures
        if not signatures:
            raise SealingError("carries no signature", field="pdf", fix="ask the utility for the issued file")
        return reader, [_read(reader, one, trust_roots) for one in signatures]
    except _UNREADABLE as wrong:
        raise SealingError(f"cannot be read: {wrong or type(wrong).__name__}", field="pdf", fix=_AGAIN) from None


def check_issued(pdf: bytes, sealed: bytes, trust_roots: Sequence[x509.Certificate]) -> list[SignatureLevel]:
    """The signatures of an issued file, every one of them at B-LTA.

    Args:
        sealed: the sealed document it must begin with.

    Raises:
        SealingError: anything less: another beginning, a signature missing or more, a lower level, a time that cannot be.
    """
    if not pdf.startswith(sealed) or len(pdf) == len(sealed):
        raise SealingError("does not begin with the sealed document", field="pdf", fix=_AGAIN)
    check_tables(pdf, len(sealed))
    reader, found = _opened(pdf, trust_roots)
    check_built_on(pdf, reader, len(sealed))
    if [one.field for one in found] != [APPROVALS_FIELD, SEAL_FIELD]:
        names = ", ".join(one.field for one in found)
        raise SealingError(f"signed as {names}, not as {APPROVALS_FIELD} and {SEAL_FIELD}", field="signatures", fix=_AGAIN)
    for one in found:
        if one.level != Level.B_LTA:
            fix = "check the time-stamp authority and the revocation services; nothing lower is ever issued"
            raise SealingError(f"came out as {one.level.value}, not {Level.B_LTA.value}", field=one.field, fix=fix)
        if one.problem is not None:
            raise SealingError(one.problem, field=one.field, fix=_AGAIN)
    first, second = (one.stamped_at for one in found)
    if first is not None and second is not None and _seconds(second, first) < -FINER_S:
        raise SealingError("stamped before the approvals it follows", field=SEAL_FIELD, fix="ask the time-stamp authority about its clock")
    check_covered(pdf, reader)
    return found


def _read(reader: PdfFileReader, signature: EmbeddedPdfSignature, trust_roots: Sequence[x509.Certificate]) -> SignatureLevel:
    stamp = next(iter(extract_tst_data_iter(signature.signer_info, signed=False)), None)
    told = stamp_info(stamp) if stamp is not None else None
    archives = [one for one in reader.embedded_timestamp_signatures if one.signed_revision > signature.signed_revision]
    archive = archives[0] if archives else None
    found = SignatureLevel(
        field=signature.field_name,
        signer=_common_name(signature.signer_cert.subject),
        certificate=sha256(signature.signer_cert.dump()).hexdigest(),
        issuer=_common_name(signature.signer_cert.issuer),
        level=_level(reader, signature, stamp, archive, trust_roots),
        problem=None,
        reason=str(signature.sig_object["/Reason"]) if "/Reason" in signature.sig_object else None,
        claimed_at=signature.self_reported_timestamp,
        stamped_at=told["gen_time"].native if told is not None else None,
        stamped_by=_stamped_by(stamp) if stamp is not None else None,
        archived_at=stamp_info(archive.signed_data)["gen_time"].native if archive is not None else None,
        intact=all(validate_sig_integrity(signature.signer_info, signature.signer_cert, "data", signature.compute_digest())),
    )
    as_of = stamp_info(archives[-1].signed_data)["gen_time"].native if archives else found.stamped_at
    changed = None if found.intact else "the signed bytes were changed"
    return replace(found, problem=changed or _problem_of_times(found) or asyncio.run(_problem(signature, found.level, trust_roots, as_of)))


def _level(
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    stamp: cms.SignedData | None,
    archive: EmbeddedPdfSignature | None,
    trust_roots: Sequence[x509.Certificate],
) -> Level:
    if stamp is None:
        return Level.B_B
    leaves = [signature.signer_cert, stamping_certificate(stamp)]

    def covered(revision: int) -> bool:
        held = validation_data(reader, revision)
        return all(held.covers(one, trust_roots) for one in leaves)

    if not covered(reader.xrefs.total_revisions - 1):
        return Level.B_T
    return Level.B_LTA if archive is not None and covered(archive.signed_revision) else Level.B_LT


async def _problem(
    signature: EmbeddedPdfSignature, level: Level, trust_roots: Sequence[x509.Certificate], as_of: datetime.datetime | None
) -> str | None:
    moment = (as_of or datetime.datetime.now(datetime.UTC)) + datetime.timedelta(seconds=FINER_S)
    timing = ValidationTimingInfo(moment, moment, point_in_time_validation=True)
    if signature.sig_object.get("/SubFilter") != "/ETSI.CAdES.detached":
        return f"not a PAdES signature but {signature.sig_object.get('/SubFilter')}"
    try:
        signature.compute_integrity_info()
        result = await ades_lta_validation(signature, _specification(trust_roots), timing_info=timing)
    except SignatureValidationError as wrong:
        return f"does not hold: {wrong}"
    return next(_problems(result, level), None)


def _problems(result: AdESLTAValidationResult, level: Level) -> Iterator[str]:
    status = result.api_status
    if status is None:
        yield f"does not hold: {result.failure_msg or result.ades_subindic}"
        return
    if not status.intact or not status.valid:
        yield "the signed bytes were changed"
    if not status.docmdp_ok or (status.modification_level is not None and status.modification_level.name == "OTHER"):
        level_name = getattr(status.modification_level, "name", "unknown").lower().replace("_", " ")
        yield f"the document was changed after signing ({level_name})"
    if result.ades_subindic != AdESPassed.OK:
        yield f"not proven by the trusted roots: {result.failure_msg or result.ades_subindic}"
    stamp = result.signature_timestamp_status
    if level > Level.B_B and (stamp is None or stamp.ades_subindic != AdESPassed.OK):
        yield f"its time stamp is not proven by the trusted roots: {stamp.failure_msg if stamp is not None else 'unknown'}"
    if level == Level.B_LTA and result.oldest_evidence_record_timestamp is None:
        yield "its document time stamp is not proven by the trusted roots"
    if not status.bottom_line:
        yield f"does not hold: {status.summary()}"


def _problem_of_times(found: SignatureLevel) -> str | None:
    """A time stamp says that something existed; it cannot be older than what it stamps, nor younger than what stamps it."""
    if found.stamped_at is None:
        return None
    if found.claimed_at is not None and _seconds(found.stamped_at, found.claimed_at) < -TOLERANCE_S:
        return f"stamped {found.stamped_at:%Y-%m-%d %H:%M:%S}, before it was signed ({found.claimed_at:%Y-%m-%d %H:%M:%S})"
    if found.archived_at is not None and _seconds(found.archived_at, found.stamped_at) < -FINER_S:
        return (
            f"stamped {found.stamped_at:%Y-%m-%d %H:%M:%S}, after the document time stamp over it ({found.archived_at:%Y-%m-%d %H:%M:%S})"
        )
    return None


def _specification(trust_roots: Sequence[x509.Certificate]) -> PdfSignatureValidationSpec:
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=list(trust_roots)),
        revinfo_policy=CertRevTrustPolicy(
            REQUIRE_REVINFO, freshness=None, freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION
        ),
    )
    offline = RevocationInfoGatheringSpec(
        online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY, certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH
    )
    return PdfSignatureValidationSpec(SignatureValidationSpec(cert_validation_policy=policy, revinfo_gathering_policy=offline))


def _common_name(name: x509.Name) -> str:
    return str(name.native.get("common_name") or name.human_friendly)


def _stamped_by(stamp: cms.SignedData) -> str | None:
    """The name of the authority, which a time stamp says itself; believed once its certificate is proven."""
    named = stamp_info(stamp)["tsa"]
    if named.native is None or named.name != "directory_name":
        return None
    return _common_name(named.chosen)


def _seconds(later: datetime.datetime, earlier: datetime.datetime) -> float:
    return (later - earlier).total_seconds()
