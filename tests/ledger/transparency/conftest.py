from __future__ import annotations

from tests.ledger.agreements.conftest import town

__all__ = ["town"]
