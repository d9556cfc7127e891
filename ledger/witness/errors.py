"""What a witness refuses, each with its status of the C2SP tlog-witness protocol."""

from __future__ import annotations

from typing import ClassVar

from ledger.protocol.errors import SonangError


class WitnessError(SonangError):
    """A request the witness cannot answer with a cosignature."""

    status: ClassVar[int] = 400


class UnknownLogError(WitnessError):
    """A log nobody told this witness about."""

    status: ClassVar[int] = 404


class UnsignedError(WitnessError):
    """The log's key did not sign the checkpoint."""

    status: ClassVar[int] = 403


class StaleError(WitnessError):
    """The request starts elsewhere than at the last checkpoint this witness cosigned; `size` says where that is."""

    status: ClassVar[int] = 409

    def __init__(self, problem: str, size: int) -> None:
        super().__init__(problem, field="old", fix=f"prove that the log grew from {size}")
        self.size = size


class ForkError(WitnessError):
    """The log does not continue what this witness cosigned."""

    status: ClassVar[int] = 422


class StateError(WitnessError):
    """The witness's own files cannot be used: it must not sign without knowing what it signed before."""

    status: ClassVar[int] = 500
