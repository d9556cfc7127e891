"""The one family of errors this project raises.

Every error names the field that is wrong and what to do next, so that a command line, a page and an API answer can show it unchanged.
"""

from __future__ import annotations


class SonangError(Exception):
    """Base of every error raised on purpose.

    Args:
        problem: one sentence, what is wrong, with the offending value.
        field: the input, setting or column the problem is in, or "" when there is none.
        fix: one sentence, what the reader does next.
    """

    def __init__(self, problem: str, *, field: str = "", fix: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.field = field
        self.fix = fix

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        then = f" – {self.fix}" if self.fix else ""
        return f"{where}{self.problem}{then}"


class ProtocolError(SonangError):
    """Bytes, quantities or proofs that do not follow the protocol."""
