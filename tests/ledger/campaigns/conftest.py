from __future__ import annotations

from tests.ledger.signing.conftest import hall

__all__ = ["hall"]
