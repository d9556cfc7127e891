"""How long documents are kept, what forbids erasing them, and what is said of an erasure for ever: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from ledger.agreements.rules import local_date, years_later
from ledger.errors import InputError, ProtocolError, RuleError
from ledger.law.entries import entries
from ledger.protocol.canonical import canonical_json, parse_canonical
from ledger.protocol.quantities import check_bytes32, check_uint, hex0x, unhex

TIME_ZONE: Final = "Asia/Ho_Chi_Minh"
TOPIC: Final = "retention"
FORMAT: Final = "sonang-erasure/1"
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "retention-ended": ("hết thời hạn lưu trữ", "the retention period ended"),
    "data-subject-request": ("theo yêu cầu của chủ thể dữ liệu (Luật 91/2025/QH15)", "requested by the data subject (Law 91/2025/QH15)"),
}
"""Lawful reasons for an erasure, with their words."""
MINUTES: Final = "-minutes"
"""Ends the name of every kind that only says what happened."""


@dataclass(frozen=True)
class Kept:
    """One document, as far as keeping it is concerned.

    Attributes:
        kind: its kind's name.
        sealed: whether every party signed it.
        end: first second it is no longer in force, Unix; of an unsigned draft the moment it can no longer be recorded.
    """

    kind: str
    sealed: bool
    end: int


@dataclass(frozen=True)
class Blocker:
    """Why something is not erased yet.

    Attributes:
        code: `in-force`, `retention`, `hold`, or `law` where none is configured for the time.
        until: until when, Unix seconds; None when nobody can say.
        detail: in words.
    """

    code: str
    until: int | None
    detail: str


def has_term(kind: str) -> bool:
    """Whether a kind binds for a while; minutes say what happened once, and are kept as long as the contract they stand beside."""
    return not kind.endswith(MINUTES)


def end_of_family(documents: Sequence[Kept]) -> int:
    """The first second nothing of a family is in force any more. Drafts count only where nothing was ever signed.

    Raises:
        InputError: no document.
    """
    sealed = [one for one in documents if one.sealed]
    bound = [one for one in sealed if has_term(one.kind)] or sealed or documents
    if not bound:
        raise InputError("no document", field="family", fix="name a family that has one")
    return max(one.end for one in bound)


def years_kept(end: int, at: int) -> int:
    """How many years after its end a document is kept: the longest that any law asks for that held between its end and now.

    Raises:
        RuleError: no law about it is configured for that time.
    """
    first, last = local_date(end, TIME_ZONE), local_date(max(end, at), TIME_ZONE)
    spans = [one for one in entries() if one.topic == TOPIC and one.valid_from <= last and (one.valid_to is None or first < one.valid_to)]
    if not spans:
        raise RuleError(
            f"no law about {TOPIC} is configured for {first} to {last}", field="date", fix="add the entry to ledger/law/law.toml"
        )
    return max(one.number("years_after_end") for one in spans)


def kept_until(documents: Sequence[Kept], at: int) -> int:
    """The first second a family's documents need no longer be kept, as far as it is known; its end while that lies ahead, since many a
    contract has none. What nobody ever signed is no contract, and is not kept beyond its end.

    Raises:
        RuleError: as `years_kept`.
    """
    end = end_of_family(documents)
    if end > at or not any(one.sealed for one in documents):
        return end
    return years_later(end, years_kept(end, at), TIME_ZONE)


@dataclass(frozen=True)
class ErasureRecord:
    """What is said of an erased document for ever, without anything of a person; the log's entry of the erasure is its SHA-256.

    Attributes:
        agreement: the document's random id.
        sealed: SHA-256 of its sealed file, as the chain and the log have it.
        reason: one of `REASONS`.
        ended: first second nothing of its family was in force any more.
        kept_until: first second the law no longer asked to keep it.
        decided: when it was erased, Unix seconds.
        years: how many years after the end the law asked to keep it (`years_kept`).
    """

    agreement: bytes
    sealed: bytes
    reason: str
    ended: int
    kept_until: int
    decided: int
    years: int

    def to_bytes(self) -> bytes:
        """Its one form: canonical JSON.

        Raises:
            ProtocolError: a field is malformed.
            InputError: no such reason.
        """
        return canonical_json(
            {
                "agreement": hex0x(check_bytes32(self.agreement, "agreement")),
                "decided": check_uint(self.decided, 53, "decided"),
                "ended": check_uint(self.ended, 53, "ended"),
                "format": FORMAT,
                "kept_until": check_uint(self.kept_until, 53, "kept_until"),
                "reason": check_reason(self.reason),
                "sealed": hex0x(check_bytes32(self.sealed, "sealed")),
                "years": check_uint(self.years, 16, "years"),
            }
        )

    def digest(self) -> bytes:
        """What the log's entry holds."""
        return sha256(self.to_bytes()).digest()


def parse_erasure(data: bytes) -> ErasureRecord:
    """The record behind its bytes.

    Raises:
        ProtocolError: not such a record, or not in its one form.
    """
    value: Any = parse_canonical(data)
    try:
        record = ErasureRecord(
            agreement=unhex(value["agreement"], "agreement", 32),
            sealed=unhex(value["sealed"], "sealed", 32),
            **{name: value[name] for name in ("reason", "ended", "kept_until", "decided", "years")},
        )
        same = record.to_bytes() == data
    except (KeyError, TypeError, InputError):
        same = False
    if not same:
        raise ProtocolError("not a record of an erasure", field="erasure", fix="give the bytes as the ledger keeps them")
    return record


def lookup_digest(code: str) -> bytes:
    """The SHA-256 a look-up code is remembered by, whatever its hyphens and case."""
    return sha256(code.upper().replace("-", "").encode()).digest()


def check_reason(reason: str) -> str:
    """A lawful reason.

    Raises:
        InputError: no such code.
    """
    if reason not in REASONS:
        raise InputError(f"no such reason {str(reason)[:40]!r}", field="reason", fix=f"give one of {', '.join(REASONS)}")
    return reason
