"""What sealing refuses, and what it waits for."""

from __future__ import annotations

from ledger.errors import InputError, SonangError, UnavailableError


class SealingError(SonangError):
    """A seal that would not hold, or would hold for less long than promised; nothing was stored."""


class ForeignError(SealingError):
    """A document that is built otherwise than this system builds them: its revisions need a PDF library."""


class AuthorityUnavailableError(UnavailableError):
    """A time-stamp authority, a revocation service or a remote signer did not answer: waiting helps."""


class IntakeError(InputError):
    """An uploaded PDF that may not be what it seems; nothing was stored."""
