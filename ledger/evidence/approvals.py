"""The objects behind approvals by one-time code: each must speak of the document that names it, of that party, and of a code in its time.

The chain holds an object's SHA-256 and the utility's word for it, which may be given for anything: a utility that attests by the object of
another document, or of a code that had expired, has no approval of this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from ledger.agreements.kinds import KINDS
from ledger.agreements.rules import kind_id
from ledger.agreements.sealed import SealedContent
from ledger.evidence.findings import Check, Result, require
from ledger.protocol.canonical import canonical_json, parse_canonical
from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import hex0x, unhex

FORMAT: Final = "sonang-approval/1"
CODE_TERM: Final = "document.lookup_code"
_TIMES: Final = ("presented_s", "requested_s", "confirmed_s", "code_expires_s")
_SHOWN: Final = 80


def check_approvals(objects: Sequence[bytes], content: SealedContent) -> Check | None:
    """The check of what stands behind the attested approvals of a document; None where every party signed itself.

    Args:
        objects: those that came with it; one that is not there is said to be missing, and one that nothing names is not looked at.
    """
    given = {sha256(one).digest(): one for one in objects}
    named = [(place, evidence) for place, evidence in enumerate(content.evidence) if evidence is not None]
    missing = [evidence.hex() for _, evidence in named if evidence not in given]
    try:
        for place, evidence in named:
            if evidence in given:
                _check(given[evidence], content, place)
    except ProtocolError as wrong:
        return Check("approvals", Result.FAILED, f"approvals/{evidence.hex()}.json: {wrong}")
    if missing:
        return Check("approvals", Result.NOT_CHECKED, f"not in here, ask the utility for it: {', '.join(missing)}")
    if not named:
        return None
    if role_of(content, 0) is None:
        return Check("approvals", Result.NOT_CHECKED, "as which of its parties they approved: this version does not know its kind")
    return Check("approvals", Result.PASSED, f"{len(named)}/{len(content.agreement.parties)}")


def role_of(content: SealedContent, place: int) -> str | None:
    """The role in which the party at a place signs; None for a kind of document this version does not know."""
    kind = next((one for one in KINDS.values() if kind_id(one.name) == content.agreement.kind), None)
    return None if kind is None else kind.roles(len(content.agreement.parties))[place]


def _check(evidence: bytes, content: SealedContent, place: int) -> None:
    said = parse_canonical(evidence)
    for path, value in _expected(content, place):
        found = _at(said, path)
        require(type(found) is type(value) and found == value, f"says {_shown(found)}, of this document it is {_shown(value)}", path)
    unhex(_at(said, "nonce"), "nonce", 32)
    _check_times({name: _at(said, f"times.{name}") for name in _TIMES}, content.agreement.deadline)


def _expected(content: SealedContent, place: int) -> Iterator[tuple[str, object]]:
    """Every member that follows from the document, and what it must be."""
    agreement, role = content.agreement, role_of(content, place)
    yield "format", FORMAT
    yield "agreement.id", hex0x(agreement.id)
    yield "agreement.digest", hex0x(content.digest())
    yield "agreement.base_digest", hex0x(agreement.base_digest)
    yield "agreement.base_length", agreement.base_length
    yield "agreement.kind", hex0x(agreement.kind)
    yield "agreement.chain_id", content.domain.chain_id
    yield "agreement.contract", hex0x(content.domain.verifying_contract)
    yield "agreement.lookup_code", next((_text(leaf.value) for leaf in content.terms if leaf.path == CODE_TERM), None)
    yield "party", hex0x(agreement.parties[place])
    if role is not None:
        yield "role", role


def _check_times(times: dict[str, object], deadline: int) -> None:
    """Confirmed after the document was shown and the code was asked for, before the code expired and the document's own deadline passed."""
    for name, at in times.items():
        require(isinstance(at, int) and not isinstance(at, bool), "no time", f"times.{name}")
    presented, requested, confirmed, expires = (int(str(times[name])) for name in _TIMES)
    early = f"confirmed at {confirmed}, before the document was shown, at {presented}, or the code was asked for, at {requested}"
    require(max(presented, requested) <= confirmed, early, "times.confirmed_s")
    require(confirmed < expires, f"confirmed at {confirmed}, when the code had expired, at {expires}", "times.confirmed_s")
    require(confirmed <= deadline, f"confirmed at {confirmed}, after the document's deadline, {deadline}", "times.confirmed_s")


def _at(said: object, path: str) -> object:
    for step in path.split("."):
        require(isinstance(said, dict) and step in said, "is missing", path)
        said = said[step] if isinstance(said, dict) else None
    return said


def _text(value: str) -> object:
    return parse_canonical(value.encode())


def _shown(value: object) -> str:
    return canonical_json(value).decode()[:_SHOWN]
