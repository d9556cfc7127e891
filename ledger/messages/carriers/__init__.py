"""Carriers: whatever takes a message from here. Each gets the message's handle, the same at every try, so that it can tell a second one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from ledger.errors import SonangError

TIMEOUT_S = 20
"""How long a carrier may take for one answer, in seconds. A mail server gives ten or so for one message: when nearly all are that slow, the
try outlasts its lease (`rules.Patience.lease_s`), and another process may send the same message too."""


@dataclass(frozen=True)
class Parcel:
    """What a carrier is given; its text is never shown by printing it."""

    handle: str
    channel: str
    address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    queued_s: int


@dataclass(frozen=True)
class Accepted:
    """The carrier has it now.

    Attributes:
        reference: the carrier's own name for it.
        delivered: whether it is already where it was to go.
    """

    reference: str | None = None
    delivered: bool = False


class RefusedError(SonangError):
    """The carrier did not take a message. The words show staff why; they hold no text, no secret and nothing the carrier wrote freely.

    Attributes:
        final: whether trying again is pointless.
        after_s: seconds the carrier asked us to wait.
    """

    def __init__(self, problem: str, *, final: bool = False, after_s: int | None = None) -> None:
        super().__init__(problem, field="message")
        self.final = final
        self.after_s = after_s


class Carrier(Protocol):
    """Takes messages of one channel."""

    def send(self, parcel: Parcel) -> Accepted:
        """Hands one over.

        Raises:
            RefusedError: it was not taken, or nobody can say whether it was.
        """
        ...

    def close(self) -> None:
        """Gives connections back."""
        ...
