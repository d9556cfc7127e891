"""Errors of the ledger: what a command refuses, in the words a person needs."""

from __future__ import annotations

from ledger.protocol.errors import ProtocolError, SonangError

__all__ = [
    "AccessError",
    "ChainError",
    "ConflictError",
    "ForbiddenError",
    "InputError",
    "LimitError",
    "LinkError",
    "NotFoundError",
    "ProtocolError",
    "RuleError",
    "SettingsError",
    "SignatureError",
    "SonangError",
    "UnavailableError",
    "WrongCodeError",
]


class InputError(SonangError):
    """A file or a request is malformed; nothing was stored."""


class RuleError(SonangError):
    """Well-formed, but a rule of the market, a contract or the law forbids it."""


class NotFoundError(SonangError):
    """Nothing is known under that name."""


class ConflictError(SonangError):
    """It contradicts what is already recorded."""


class SettingsError(SonangError):
    """The configuration is incomplete or unsafe."""


class AccessError(SonangError):
    """Who asks did not show that they may: not signed in, not theirs, or signed wrongly."""


class ForbiddenError(AccessError):
    """Who asks is known, and may not do this."""


class WrongCodeError(AccessError):
    """A one-time code that is not the one sent."""


class LinkError(AccessError):
    """A link that is not good, or not any more."""


class SignatureError(AccessError):
    """What came is not signed by who it says, or too long ago."""


class LimitError(SonangError):
    """Asked too often; `retry_after_s` says when asking again makes sense."""

    def __init__(self, problem: str, *, field: str = "", fix: str = "", retry_after_s: int = 60) -> None:
        super().__init__(problem, field=field, fix=fix)
        self.retry_after_s = retry_after_s


class UnavailableError(SonangError):
    """The database, the chain or a peer did not answer; trying again may help."""


class ChainError(SonangError):
    """The chain refused a call or a transaction."""
