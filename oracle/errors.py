"""Errors of the meter head-end: a source that cannot be read, a profile that is refused, a peer that does not answer."""

from __future__ import annotations

from enum import StrEnum

from ledger.protocol.errors import SonangError


class Reason(StrEnum):
    """Why a node refuses a load profile; the code is kept with the refusal and never changes its meaning."""

    MALFORMED = "malformed"
    """Not a load profile at all: a field is absent, of another type or out of range."""
    UNKNOWN_METER = "unknown-meter"
    """The MeterRegistry knows no such meter."""
    NOT_IN_SERVICE = "not-in-service"
    """The meter is not valid for the whole period."""
    FORGED = "forged"
    """The signature is not the meter's over exactly these bytes."""
    DUPLICATE = "duplicate"
    """The very same profile is already held; harmless, a repeated delivery looks like this."""
    REPLAYED = "replayed"
    """An old version is brought again after a newer one, or after its period was stated."""
    VERSION_AHEAD = "version-ahead"
    """A correction came before the readings it corrects were anchored."""
    CONFLICTING = "conflicting"
    """The meter signed two different contents for one period and version."""
    FUTURE_DATED = "future-dated"
    """The period has not ended by the time of the chain's latest block."""
    WRONG_PERIOD = "wrong-period"
    """The period is not a local day of the zone."""
    WRONG_INTERVAL = "wrong-interval"
    """The interval length is not the zone's."""
    MISSING_INTERVALS = "missing-intervals"
    """Fewer or more intervals than the period holds."""
    NEGATIVE = "negative"
    """An energy is below zero."""
    ABOVE_CAPACITY = "above-capacity"
    """The meter exported more than its plant can make."""
    ABOVE_CONNECTION = "above-connection"
    """The meter imported more than its connection can carry."""
    SALT_CHANGED = "salt-changed"
    """A profile that is already held came with another salt: its leaves would change."""


class OracleError(SonangError):
    """Base of the head-end's errors."""


class SourceError(OracleError):
    """A file cannot be read as interval data; the place is part of the sentence.

    Args:
        line: 1-based line in the file, 0 when the whole file is meant.
        column: 1-based column (field) in that line, 0 when the whole line is meant.
    """

    def __init__(self, problem: str, *, line: int = 0, column: int = 0, name: str = "", fix: str = "") -> None:
        place = f"line {line}" if line else "file"
        if column:
            place += f", column {column}"
        if name:
            place += f" ({name})"
        super().__init__(problem, field=place, fix=fix)
        self.line = line
        self.column = column


class RefusedError(OracleError):
    """A load profile is refused; `code` is the reason that is kept."""

    def __init__(self, code: Reason, problem: str, *, field: str = "", fix: str = "") -> None:
        super().__init__(problem, field=field, fix=fix)
        self.code = code


class NodeError(OracleError):
    """A node cannot be started or its journal cannot be trusted."""


class ChainUnavailableError(OracleError):
    """The node's own RPC endpoint did not answer or answered nonsense; trying again may help."""


class StatementError(OracleError):
    """A statement cannot be made (yet), or a quorum of statements does not exist."""


class OtherRootError(StatementError):
    """The node's own readings have another root than the one asked for or anchored; nothing was signed."""


class NodeUnreachableError(OracleError):
    """A node did not answer, or answered with a problem.

    Args:
        code: the node's own word for the problem, "" when it did not answer.
        worth_repeating: whether the same request may succeed a moment later.
    """

    def __init__(self, problem: str, *, field: str = "", fix: str = "", code: str = "", worth_repeating: bool = False) -> None:
        super().__init__(problem, field=field, fix=fix)
        self.code = code
        self.worth_repeating = worth_repeating
