"""The law a document quotes, under the name this room's callers know; it stands in `ledger.law`."""

from ledger.law.entries import law_on

__all__ = ["law_on"]
