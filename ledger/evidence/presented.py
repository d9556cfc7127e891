"""A PDF as somebody brings it: the sealed document the chain records, alone, or with the revisions the utility signed after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING
from zipfile import ZipFile

from ledger.agreements.incremental import MARKER, attach, split
from ledger.agreements.sealed import FILE_NAME
from ledger.evidence.container import read_container
from ledger.evidence.findings import Answer, Check, Moment, Report, Result, Seal
from ledger.evidence.foreign import UNREADABLE, zip_names
from ledger.evidence.sealer import ExpectedSeal, check_sealer
from ledger.protocol.errors import ProtocolError, SonangError

if TYPE_CHECKING:
    from asn1crypto import x509

    from ledger.sealing.levels import SignatureLevel

PACKAGED_DOCUMENT, PACKAGED_BUNDLE = "agreement.pdf", "agreement.zip"
"""Names in an evidence package (`ledger.evidence.package`)."""
_BESIDE = frozenset({PACKAGED_BUNDLE, "README.md", "SHA256SUMS", "deployment.json", "roots.pem", "terms.json"})
"""What no bundle has and every package does."""
_ENOUGH = 4
"""How many names of a package's seven make a ZIP one: others' have a README.md, sums and a deployment.json as well."""
_END, _REVISIONS = b"%%EOF\n", 256
"""How a revision ends as we and pyHanko write it, and how many are tried."""
_MARKERS = 4
"""How many places that look like a seal are tried; a file of ours has one."""
GOOD = frozenset({Answer.AUTHENTIC, Answer.SUPERSEDED, Answer.TERMINATED, Answer.REVOKED, Answer.UNANCHORED})


@dataclass(frozen=True)
class Presented:
    """A document as it was brought.

    Attributes:
        whole: the file.
        sealed: its beginning that is a sealed document; the whole file where there is none.
    """

    whole: bytes
    sealed: bytes

    @property
    def issued(self) -> bool:
        """Whether something follows the sealed document."""
        return len(self.whole) > len(self.sealed)


def is_package(data: bytes) -> bool:
    """Whether a file looks like an evidence package, whole or not: one of the files beside its document and bundle may be damaged."""
    names = zip_names(data)
    if names is None:
        return not data.startswith(b"%PDF-") and sum(data.count(name.encode()) > 1 for name in _BESIDE) > 2
    return len((_BESIDE | {PACKAGED_DOCUMENT}) & names) >= _ENOUGH


def open_package(data: bytes) -> tuple[bytes, bytes] | None:
    """The document and its bundle inside an evidence package; None for any other file.

    Raises:
        ProtocolError: it is one whose form was changed; `field` is the member it was changed at, where that can be told.
    """
    if not is_package(data):
        return None
    members = package_members(data)
    for name in (PACKAGED_DOCUMENT, PACKAGED_BUNDLE):
        if name not in members:
            raise ProtocolError("the package lacks it", field=name, fix="obtain the package again from where it was issued")
    return members[PACKAGED_DOCUMENT], members[PACKAGED_BUNDLE]


def package_members(data: bytes) -> dict[str, bytes]:
    """Every file of a package by its name; errors as `open_package`."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = frozenset(archive.namelist())
    except UNREADABLE as wrong:
        problem = f"its directory of members cannot be read: {wrong}"
        raise ProtocolError(problem, field="container", fix="obtain the package again from where it was issued") from None
    return read_container(data, names)


def damaged_package(wrong: ProtocolError) -> Report:
    """What is said of a package that does not open: where it was changed; nothing in it is looked at."""
    check = Check("container", Result.FAILED, str(wrong))
    return Report(Answer.ALTERED, "agreement", None, None, (check,), {}, ())


def present(document: bytes) -> Presented:
    """Finds the sealed document in a file; its agreement, terms and signatures are for `read_sealed` to check."""
    for at, following in pairwise([*_places(document), len(document)]):
        try:
            base, content = split(document[:following])
            forms = [attach(base, FILE_NAME, content, dated=dated) for dated in (True, False)]
        except ProtocolError:
            continue
        sealed = next((form for form in forms if document.startswith(form)), None)
        if len(base) == at and sealed is not None:
            return Presented(document, sealed)
    return Presented(document, document)


def length_with(digest: bytes, presented: Presented) -> int:
    """How much of a file has this SHA-256, ending where one of its revisions after the seal ends; 0 for nothing."""
    hashed, at = sha256(), 0
    for end in _revision_ends(presented.whole, len(presented.sealed)):
        hashed.update(presented.whole[at:end])
        at = end
        if hashed.digest() == digest:
            return end
    return 0


def with_seals(
    report: Report, presented: Presented, trust_roots: Sequence[x509.Certificate] | None, *, sealed_by: ExpectedSeal | None = None
) -> Report:
    """The report on the sealed part, and what the rest of the file adds: the utility's signatures, their levels and times.

    Args:
        trust_roots: certificates the signatures must lead to; None when the auditor brought none.
        sealed_by: whose seal it must be: a root certifies many, and whoever has a certificate under it can sign the sealed document with
            our field names. None when the auditor named nobody.

    Returns:
        The sealed part's answer; `Answer.UNANCHORED` while it is not known whose seal it is, for any stranger's looks the same then.
    """
    if report.answer not in GOOD:
        return report
    if not presented.issued:
        bare = Check("sealer", Result.NOT_CHECKED, "carries no seal: it is the document the chain records, alone")
        return report if sealed_by is None else replace(report, checks=(*report.checks, bare))
    from ledger.evidence.issued import check_tail  # noqa: PLC0415 - a PDF library nobody waits for who brings no issued file

    checks = list(report.checks)
    try:
        check_tail(presented.whole, len(presented.sealed))
    except SonangError as wrong:
        checks.append(Check("revisions", Result.FAILED, str(wrong)))
        return replace(report, answer=Answer.ALTERED, status=None, checks=tuple(checks))
    checks.append(Check("revisions", Result.PASSED))
    found, problems = _levels(presented.whole, trust_roots)
    seals = tuple(_seal(one, trusted=trust_roots is not None) for one in found)
    times = (*report.times, *(moment for one in found for moment in _moments(one)))
    if problems:
        checks.append(Check("seals", Result.FAILED, "; ".join(problems)))
    elif trust_roots is None:
        checks.append(Check("seals", Result.NOT_CHECKED, "no trusted root certificate was given"))
        if sealed_by is not None:
            checks.append(check_sealer(found, sealed_by, proven=False))
    else:
        checks.append(Check("seals", Result.PASSED, _told(found)))
        checks.append(check_sealer(found, sealed_by, proven=True))
    return replace(report, answer=_answer(report.answer, checks), checks=tuple(checks), seals=seals, times=times)


def seal_unproven(checks: Sequence[Check]) -> bool:
    """Whether a file carries a seal of which it was not checked whose it is."""
    return any(one.code in ("seals", "sealer") and one.result == Result.NOT_CHECKED for one in checks)


def _answer(found: Answer, checks: Sequence[Check]) -> Answer:
    if any(one.result == Result.FAILED for one in checks):
        return Answer.ALTERED
    return Answer.UNANCHORED if seal_unproven(checks) else found


def _levels(pdf: bytes, trust_roots: Sequence[x509.Certificate] | None) -> tuple[list[SignatureLevel], list[str]]:
    """The signatures, and what is wrong with them; a signature that is broken, or by somebody else, is noticed without any root."""
    from ledger.sealing.levels import read_levels  # noqa: PLC0415
    from ledger.sealing.profile import APPROVALS_FIELD, SEAL_FIELD  # noqa: PLC0415

    try:
        found = read_levels(pdf, trust_roots or ())
    except SonangError as wrong:
        return [], [str(wrong)]
    problems = [f"{one.field}: {one.problem}" for one in found if one.problem is not None and (trust_roots is not None or not one.intact)]
    strangers = [one for one in found if one.field not in (APPROVALS_FIELD, SEAL_FIELD)]
    problems += [f"{one.field}: signed by {one.signer} after the utility had issued the file" for one in strangers]
    return found, problems


def _revision_ends(pdf: bytes, after: int) -> Iterator[int]:
    at = pdf.find(_END, after)
    for _ in range(_REVISIONS):
        if at < 0 or at + len(_END) >= len(pdf):
            break
        yield at + len(_END)
        at = pdf.find(_END, at + 1)
    yield len(pdf)


def _places(document: bytes) -> list[int]:
    places: list[int] = []
    at = document.find(MARKER)
    while at >= 0 and len(places) < _MARKERS:
        places.append(at)
        at = document.find(MARKER, at + 1)
    return places


def _seal(one: SignatureLevel, *, trusted: bool) -> Seal:
    return Seal(one.field, one.signer, one.level.value, one.problem is None if trusted else None, one.reason or "")


def _moments(one: SignatureLevel) -> list[Moment]:
    moments = []
    if one.claimed_at is not None:
        moments.append(Moment("signed", int(one.claimed_at.timestamp()), "signer", one.signer))
    if one.stamped_at is not None:
        moments.append(Moment("stamped", int(one.stamped_at.timestamp()), "time-stamp authority", one.stamped_by or ""))
    if one.archived_at is not None:
        moments.append(Moment("archived", int(one.archived_at.timestamp()), "time-stamp authority", one.stamped_by or ""))
    return moments


def _told(found: Sequence[SignatureLevel]) -> str:
    return "; ".join(f"{one.field}: {one.level.value}, {one.signer}" for one in found)
