"""What errors say, English → Vietnamese, by what they are about; `{}` stands where something is filled in.

A word for a new error goes into the file of its subject; a test finds phrases that nothing says any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from api.phrases import codes, contacts, everywhere, facts, files, keys, requests, signing, typed

__all__ = ["PHRASES", "SUBJECTS"]

SUBJECTS = (codes, contacts, signing, keys, requests, facts, files, typed, everywhere)
PHRASES: Mapping[str, str] = MappingProxyType({en: vi for subject in SUBJECTS for en, vi in subject.PHRASES.items()})
"""All of them."""
