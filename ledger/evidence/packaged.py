"""What else is in an evidence package: it follows from the document, the proofs and the keys in there, so it is made again and compared.

Otherwise somebody could swap an approval's evidence, a path of the log or a command of the README beside an authentic document. The roots,
keys and addresses in there follow from nothing: they are taken as they are, and the report says so. What the utility attested approvals by
is in there by its digest alone: whether it speaks of this document is looked at (`ledger.evidence.approvals`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ledger.agreements.sealed import read_sealed
from ledger.errors import SonangError
from ledger.evidence.approvals import check_approvals
from ledger.evidence.findings import Answer, Check, Report, Result
from ledger.evidence.package import README, RECORD, ROOTS, SUMS, Parts, build_package
from ledger.evidence.presented import GOOD, PACKAGED_BUNDLE, PACKAGED_DOCUMENT, package_members, present
from ledger.protocol.checkpoint import parse_note_key
from ledger.protocol.tlog_proof import parse_tlog_proof

_PROOF: Final = ".tlog-proof"
_SHOWN: Final = 5
_LISTED: Final = re.compile(rb"^[0-9a-f]{64} \*([\w./-]{1,100})$", re.MULTILINE)
"""A line of the sums, and the file's name in it."""


def with_package(report: Report, data: bytes) -> Report:
    """The report on a package's document, and what the rest of the package is."""
    if report.answer not in GOOD:
        return report
    members = package_members(data)
    checks = [_check(members)]
    if checks[-1].result != Result.FAILED:
        checks += _approvals(members)
    if checks[-1].result == Result.FAILED:
        return replace(report, answer=Answer.ALTERED, checks=(*report.checks, *checks))
    return replace(report, checks=(*report.checks, *checks), unchecked=(*report.unchecked, "packaged-trust"))


def _approvals(members: dict[str, bytes]) -> list[Check]:
    """Whether the objects behind one-time codes speak of the package's document; nothing where every party signed itself."""
    content = read_sealed(present(members[PACKAGED_DOCUMENT]).sealed).content
    found = check_approvals(_parts(members).evidence, content)
    return [] if found is None else [found]


def _check(members: dict[str, bytes]) -> Check:
    if gone := _missing(members):
        return _lacking(gone)
    try:
        again = package_members(build_package(_parts(members)))
    except SonangError as wrong:
        return Check("package", Result.FAILED, str(wrong))
    except (KeyError, UnicodeDecodeError) as wrong:
        return Check("package", Result.FAILED, f"a file of it is missing or no text: {wrong}")
    return _compared(members, again)


def _compared(members: dict[str, bytes], again: dict[str, bytes]) -> Check:
    if gone := sorted(again.keys() - members.keys()):
        return _lacking(gone)
    other = sorted(name for name in members if members.get(name) != again.get(name))
    if not other:
        return Check("package", Result.PASSED, f"{len(members)} files")
    if other == [README]:
        return Check("package", Result.NOT_CHECKED, f"{README} is not as this version writes it: read its commands before you run them")
    return Check("package", Result.FAILED, f"not what its document and proofs give: {', '.join(other[:_SHOWN])}")


def _lacking(gone: Sequence[str]) -> Check:
    return Check("package", Result.FAILED, f"missing: {', '.join(gone[:_SHOWN])}; obtain the package again from who made it")


def _missing(members: dict[str, bytes]) -> list[str]:
    """Files that its sums or its other files are about and that are not there: without one, others do not come out as they are in there."""
    named = {name.decode() for name in _LISTED.findall(members.get(SUMS, b""))} | {SUMS, README}
    entries = {name.rpartition(".")[0] for name in members if name.startswith("log/") and name.endswith((".entry", ".path"))}
    return sorted((named | {entry + _PROOF for entry in entries}) - members.keys())


def _parts(members: dict[str, bytes]) -> Parts:
    proofs = {name[len("log/") : -len(_PROOF)]: parse_tlog_proof(members[name]) for name in members if name.endswith(_PROOF)}
    return Parts(
        issued=members[PACKAGED_DOCUMENT],
        bundle=members[PACKAGED_BUNDLE],
        record=members[RECORD],
        roots=members[ROOTS],
        proofs=proofs,
        keys=[parse_note_key(line) for line in members["log/keys.txt"].decode().splitlines()],
        evidence=[members[name] for name in sorted(members) if name.startswith("approvals/")],
    )
