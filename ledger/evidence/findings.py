"""What a verification finds: one answer, the checks behind it, what has become of the thing, and what was not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from ledger.agreements.rules import OPEN_END
from ledger.protocol.errors import ProtocolError, SonangError
from ledger.protocol.quantities import hex0x


class Answer(StrEnum):
    """The one word; `EXIT_CODES` gives each its exit code."""

    AUTHENTIC = "authentic"
    UNANCHORED = "consistent, not anchored"
    ALTERED = "altered"
    UNRECOGNISED = "unrecognised"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"
    REVOKED = "revoked"
    RULE_BROKEN = "rule broken"


class Verdict(StrEnum):
    """What the file is, whatever became of what it says."""

    AUTHENTIC = "authentic"
    UNANCHORED = "consistent, not anchored"
    ALTERED = "altered"
    UNRECOGNISED = "unrecognised"


EXIT_CODES = {
    Answer.AUTHENTIC: 0,
    Answer.UNANCHORED: 3,
    Answer.ALTERED: 4,
    Answer.UNRECOGNISED: 5,
    Answer.SUPERSEDED: 6,
    Answer.TERMINATED: 7,
    Answer.REVOKED: 8,
    Answer.RULE_BROKEN: 9,
}
"""1 and 2 are kept for what was no answer: an error, a wrong command line."""


class Result(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Check:
    """One check by its code (worded in `ledger.evidence.words`); `detail` is a value, or what is wrong."""

    code: str
    result: Result
    detail: str = ""


@dataclass(frozen=True)
class Status:
    """What has become of the thing, at the time of the block.

    Attributes:
        code: such as `in-force` or `superseded` (worded in `ledger.evidence.words`).
        answer: what it makes of an otherwise authentic thing.
        at: the moment it concerns (since when, or until when), Unix seconds; None when there is none.
        by: what took its place, by id or number.
        then: what it becomes at `at`, for something that is still in force.
        remarks: what else to know of it, as codes (worded in `ledger.evidence.words`).
    """

    code: str
    answer: Answer = Answer.AUTHENTIC
    at: int | None = None
    by: str | None = None
    then: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def endless(self) -> bool:
        """Whether it is in force and has no end: `at` is the last moment calendars print, and nobody is told that one."""
        return self.code == "in-force" and self.at is not None and self.at >= OPEN_END

    def as_json(self) -> dict[str, object]:
        """The same as plain JSON values; the answer stands in the report."""
        return {"code": self.code, "at": self.at, "by": self.by, "then": self.then, "remarks": list(self.remarks)}


@dataclass(frozen=True)
class SeenBlock:
    """The block everything was proven at; its time in Unix seconds."""

    number: int
    hash: bytes
    timestamp: int


@dataclass(frozen=True)
class Moment:
    """A time, and whose word it is.

    Attributes:
        code: what happened: `recorded-by`, `signed`, `stamped`, `archived`, `logged` or `cosigned` (worded in `ledger.evidence.words`).
        at: Unix seconds.
        source: `chain`, `time-stamp authority`, `signer`, `log` or `witness`.
        by: which one, where it has a name.
    """

    code: str
    at: int
    source: str
    by: str = ""


@dataclass(frozen=True)
class Seal:
    """A signature of the PDF itself.

    Attributes:
        field, signer: its form field, and the name in the signer's certificate.
        level: such as `PAdES B-LTA`, read from the file.
        holds: whether it was proven from the roots the auditor trusts; None when no root was given.
        reason: what the signer says it is for.
    """

    field: str
    signer: str
    level: str
    holds: bool | None
    reason: str


@dataclass(frozen=True)
class Report:
    """The whole outcome.

    Attributes:
        kind: agreement, disclosure, reading, trade, position or log-entry; None when that could not be read.
        facts: what the evidence says, by name, ready to be shown.
        unchecked: codes of what this evidence cannot show.
        seals: signatures of an issued PDF, in their order.
        times: every time the evidence tells, with its source.
    """

    answer: Answer
    kind: str | None
    block: SeenBlock | None
    status: Status | None
    checks: tuple[Check, ...]
    facts: dict[str, object]
    unchecked: tuple[str, ...]
    seals: tuple[Seal, ...] = ()
    times: tuple[Moment, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What the file is; `status` says what became of what it says."""
        same = {one.value: one for one in Verdict}
        return same.get(self.answer.value, Verdict.AUTHENTIC)

    @property
    def exit_code(self) -> int:
        """What `sonang verify` exits with."""
        return EXIT_CODES[self.answer]

    @property
    def failed(self) -> Check | None:
        """The check that broke, None when none did."""
        return next((check for check in self.checks if check.result == Result.FAILED), None)

    def as_json(self) -> dict[str, object]:
        """The same as plain JSON values."""
        block, status = self.block, self.status
        return {
            "answer": self.answer.value,
            "verdict": self.verdict.value,
            "exit_code": self.exit_code,
            "kind": self.kind,
            "block": None if block is None else {"number": block.number, "hash": hex0x(block.hash), "timestamp": block.timestamp},
            "status": None if status is None else status.as_json(),
            "checks": [{"check": check.code, "result": check.result.value, "detail": check.detail} for check in self.checks],
            "facts": self.facts,
            "not_checked": list(self.unchecked),
            "seals": [asdict(one) for one in self.seals],
            "times": [asdict(one) for one in self.times],
        }


class UnknownError(ProtocolError):
    """Well-formed evidence of something the trusted chain does not hold."""


class StaleError(ProtocolError):
    """Genuine, and older than what is known already, or than the auditor accepts: what happened since is not in it."""


class BrokenRuleError(ProtocolError):
    """Genuine evidence that a rule was broken."""


class StoppedError(Exception):
    """A check failed; those after it stand on it and are not made."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass
class Trail:
    """Checks in the order they are made."""

    checks: list[Check] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)
    unchecked: list[str] = field(default_factory=list)

    @contextmanager
    def step(self, code: str, detail: str = "") -> Iterator[list[str]]:
        """One check: it passes when its body ends, fails when that raises an error of ours, and then nothing follows.

        Yields a list the body may put remarks into.
        """
        remarks = [detail] if detail else []
        try:
            yield remarks
        except SonangError as wrong:
            self.checks.append(Check(code, Result.FAILED, str(wrong)))
            raise StoppedError(_answer_of(wrong)) from None
        self.checks.append(Check(code, Result.PASSED, "; ".join(remarks)))

    def doubt(self, why: str) -> None:
        """Says that the last check could not be made of everything."""
        self.checks[-1] = replace(self.checks[-1], result=Result.NOT_CHECKED, detail=why)

    def skip(self, code: str, why: str) -> None:
        """Says that a check was not made."""
        self.checks.append(Check(code, Result.NOT_CHECKED, why))


def require(holds: bool, problem: str, field: str, error: type[ProtocolError] = ProtocolError) -> None:
    """Raises that error unless it holds."""
    if not holds:
        raise error(problem, field=field)


def _answer_of(wrong: SonangError) -> Answer:
    if isinstance(wrong, UnknownError):
        return Answer.UNRECOGNISED
    if isinstance(wrong, StaleError):
        return Answer.UNANCHORED
    return Answer.RULE_BROKEN if isinstance(wrong, BrokenRuleError) else Answer.ALTERED
