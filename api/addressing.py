"""Refusals told to the party they name: by "you", whatever label the party is kept under."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import Request

__all__ = ["asked_by", "to_the_asker"]

YOURS: Mapping[str, str] = {
    "{} has signed": "you have signed",
    "it is not the turn of {}": "it is not your turn",
    "{} signs with a key of its own, not by code": "you sign with a key of your own, not by code",
    "{} has a key of its own": "you have a key of your own",
    "{} has no email contact": "you have no e-mail contact",
    "{} has no sms contact": "you have no SMS contact",
    "{} has no zalo contact": "you have no Zalo contact",
    "{} is not a party to this agreement": "you are no party to this agreement",
}
"""What the rooms say of a party, and the same to the party itself."""


def asked_by(request: Request, label: str) -> None:
    """Keeps which party asks, for what it may be refused with."""
    request.state.asker = label


def to_the_asker(request: Request, problem: str) -> str:
    """A problem as the party who asks reads it; to anybody else it stays as it is."""
    label = getattr(request.state, "asker", None)
    if not label or label not in problem:
        return problem
    return YOURS.get(problem.replace(label, "{}", 1)) or re.sub(rf"(?<!\w){re.escape(label)}(?!\w)", "you", problem)
