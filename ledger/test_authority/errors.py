"""What the test authority refuses."""

from __future__ import annotations

from ledger.protocol.errors import SonangError


class AuthorityError(SonangError):
    """Its folder or its port cannot be used, or it was asked to serve where real documents are."""
