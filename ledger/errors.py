"""Errors of the ledger: what a command refuses, in the words a person needs."""

from __future__ import annotations

from ledger.protocol.errors import ProtocolError, SonangError

__all__ = [
    "ChainError",
    "ConflictError",
    "InputError",
    "NotFoundError",
    "ProtocolError",
    "RuleError",
    "SettingsError",
    "SonangError",
    "UnavailableError",
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


class UnavailableError(SonangError):
    """The database, the chain or a peer did not answer; trying again may help."""


class ChainError(SonangError):
    """The chain refused a call or a transaction."""
