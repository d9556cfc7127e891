"""Statements of oracles, when they make a quorum, and how a lying oracle gives itself away."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from ledger.protocol.errors import ProtocolError
from ledger.protocol.quantities import check_time, check_uint, hex0x, unhex
from ledger.protocol.signers import Verifiers, verify
from ledger.protocol.typed_data import Domain, Readings, digest
from oracle.errors import StatementError

READINGS_FIELDS = frozenset({"zone", "period_start", "period_end", "version", "root", "count"})


@dataclass(frozen=True)
class SignedStatement:
    """One oracle's signature over one version of a zone's readings."""

    readings: Readings
    signer: bytes
    signature: bytes

    def to_json(self) -> dict[str, object]:
        """The form it travels and is kept in."""
        return {
            "readings": {
                "zone": hex0x(self.readings.zone),
                "period_start": self.readings.period_start,
                "period_end": self.readings.period_end,
                "version": self.readings.version,
                "root": hex0x(self.readings.root),
                "count": self.readings.count,
            },
            "signer": hex0x(self.signer),
            "signature": hex0x(self.signature),
        }


@dataclass(frozen=True)
class Quorum:
    """What `ReadingAnchor.anchor` takes: the readings and f+1 signatures, in rising order of signer."""

    readings: Readings
    signers: tuple[bytes, ...]
    signatures: tuple[bytes, ...]


@dataclass(frozen=True)
class Equivocation:
    """Proof that an oracle signed two different statements for one zone, period and version: what `reportEquivocation` takes."""

    oracle: bytes
    a: SignedStatement
    b: SignedStatement


@dataclass(frozen=True)
class Collected:
    """What a set of statements amounts to."""

    quorum: Quorum | None
    equivocations: tuple[Equivocation, ...] = ()
    rejected: tuple[tuple[SignedStatement, str], ...] = ()
    unanswered: tuple[tuple[str, str], ...] = ()
    """Address and problem of every node that gave no statement."""


def parse_statement(value: object) -> SignedStatement:
    """Reads a statement from parsed JSON.

    Raises:
        StatementError: a field is absent or malformed.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("readings"), Mapping):
        raise StatementError("not a statement", fix="a statement has readings, signer and signature")
    inner = value["readings"]
    if set(inner) != READINGS_FIELDS:
        raise StatementError("not the fields of Readings", field="readings", fix=f"give exactly {', '.join(sorted(READINGS_FIELDS))}")
    try:
        readings = Readings(
            zone=_bytes(inner["zone"], "zone", 32),
            period_start=check_time(inner["period_start"], "period_start"),
            period_end=check_time(inner["period_end"], "period_end"),
            version=check_uint(inner["version"], 32, "version"),
            root=_bytes(inner["root"], "root", 32),
            count=check_uint(inner["count"], 32, "count"),
        )
        return SignedStatement(readings, _bytes(value.get("signer"), "signer"), _bytes(value.get("signature"), "signature"))
    except ProtocolError as wrong:
        raise StatementError(wrong.problem, field=wrong.field, fix=wrong.fix) from None


def collect(
    statements: Iterable[SignedStatement], *, domain: Domain, oracles: Collection[bytes], max_faulty: int, verifiers: Verifiers
) -> Collected:
    """Sorts statements of one zone, period and version into a quorum, proofs of equivocation and rejects.

    A statement counts when its signer is an oracle and its signature is valid in the low-s form the chain demands. An oracle that signed
    two different statements counts for neither. A quorum is f+1 distinct oracles over the same readings.

    Args:
        domain: the ReadingAnchor's EIP-712 domain.
        oracles: signers the ReadingAnchor accepts.
        max_faulty: f.
    """
    valid: list[SignedStatement] = []
    rejected: list[tuple[SignedStatement, str]] = []
    for statement in statements:
        problem = _problem(statement, domain, oracles, verifiers)
        if problem is None:
            valid.append(statement)
        else:
            rejected.append((statement, problem))
    lies = find_equivocations(valid, domain)
    liars = {lie.oracle for lie in lies}
    return Collected(_quorum([one for one in valid if one.signer not in liars], domain, max_faulty), lies, tuple(rejected))


def find_equivocations(statements: Iterable[SignedStatement], domain: Domain) -> tuple[Equivocation, ...]:
    """One proof for every oracle, zone, period and version with two different statements; signatures must have been checked before."""

    def place(one: SignedStatement) -> tuple[bytes, bytes, int, int]:
        return one.signer, one.readings.zone, one.readings.period_start, one.readings.version

    proofs: list[Equivocation] = []
    for _, group in groupby(sorted(statements, key=lambda one: (place(one), digest(domain, one.readings))), key=place):
        first, *others = group
        other = next((one for one in others if one.readings != first.readings), None)
        if other is not None:
            proofs.append(Equivocation(first.signer, first, other))
    return tuple(proofs)


def _problem(statement: SignedStatement, domain: Domain, oracles: Collection[bytes], verifiers: Verifiers) -> str | None:
    if statement.signer not in oracles:
        return "not signed by an oracle of this ReadingAnchor"
    try:
        verify(statement.signer, digest(domain, statement.readings), statement.signature, verifiers)
    except ProtocolError as wrong:
        return str(wrong)
    return None


def _quorum(statements: list[SignedStatement], domain: Domain, max_faulty: int) -> Quorum | None:
    by_digest: dict[bytes, dict[bytes, SignedStatement]] = {}
    for one in statements:
        by_digest.setdefault(digest(domain, one.readings), {}).setdefault(one.signer, one)
    if not by_digest:
        return None
    best = min(by_digest, key=lambda key: (-len(by_digest[key]), key))
    agreed = sorted(by_digest[best].values(), key=lambda one: one.signer)[: max_faulty + 1]
    if len(agreed) <= max_faulty:
        return None
    return Quorum(agreed[0].readings, tuple(one.signer for one in agreed), tuple(one.signature for one in agreed))


def _bytes(value: object, field: str, length: int | None = None) -> bytes:
    if not isinstance(value, str):
        raise StatementError("must be 0x and hex digits", field=field)
    return unhex(value, field, length)
