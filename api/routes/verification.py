"""Verification by upload."""

from __future__ import annotations

import contextlib
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy.exc import OperationalError

from api.access import client_of
from api.answers import Answer, Bytes32, Count, Time
from api.deps import Parts, PartsAsked
from api.verifying import BundleUpload, FileUpload, TrustBlock, Verdict, verdict_on
from ledger.access.limits import spend
from ledger.access.rules import CHECK_FILE
from ledger.errors import UnavailableError
from ledger.evidence.findings import Answer as Word
from ledger.evidence.findings import Result
from ledger.evidence.findings import Verdict as FileVerdict

__all__ = ["VerdictAnswer", "count_a_check", "router"]

router = APIRouter(prefix="/api/v1", tags=["verification"])


class SeenBlockAnswer(Answer):
    """The block everything was proven at."""

    number: Count
    hash: Bytes32
    timestamp: Time


class StatusAnswer(Answer):
    """What has become of the thing at the time of the block."""

    code: str = Field(examples=["in-force"])
    at: Time | None = Field(description="Since when, or until when.")
    by: str | None = Field(description="What took its place.", examples=[None])
    then: str | None = Field(description="What it becomes at `at`.", examples=["expired"])
    remarks: list[str] = Field(description="What else to know: `newer-readings`, `unsettled`, `erased`.", examples=[[]])


class CheckAnswer(Answer):
    """One check."""

    check: str = Field(examples=["header"])
    result: Result = Field(examples=["passed"])
    detail: str = Field(examples=[""])


class SealAnswer(Answer):
    """A signature of the PDF itself."""

    field: str = Field(examples=["SoNangSeal"])
    signer: str = Field(description="The name in the signer's certificate.", examples=["Công ty Điện lực"])
    level: str = Field(examples=["PAdES B-LTA"])
    holds: bool | None = Field(description="Proven from the roots this installation trusts; null where it has none.", examples=[True])
    reason: str = Field(examples=["Sealed by the utility once every party approved"])


class MomentAnswer(Answer):
    """A time, and whose word it is."""

    code: str = Field(description="recorded-by, signed, stamped, archived, logged or cosigned.", examples=["stamped"])
    at: Time
    source: str = Field(description="chain, time-stamp authority, signer, log or witness.", examples=["time-stamp authority"])
    by: str = Field(description="Which one, where it has a name.", examples=["TSA"])


class VerdictAnswer(Answer):
    """The answer, and every check behind it; as `sonang verify --json`."""

    answer: Word = Field(examples=["authentic"])
    verdict: FileVerdict = Field(description="What the file is; `status` says what became of what it says.", examples=["authentic"])
    exit_code: int = Field(description="What `sonang verify` exits with.", examples=[0])
    kind: str | None = Field(
        description="agreement, disclosure, reading, trade, position or log-entry; null when unreadable.",
        examples=["agreement"],
    )
    trusted: Literal["given", "node"] = Field(description="Whose word the block is: the caller's, or this node's.", examples=["given"])
    block: SeenBlockAnswer | None
    status: StatusAnswer | None
    checks: list[CheckAnswer]
    facts: dict[str, Any] = Field(description="What the evidence says, by name.", examples=[{"valid_from": 1_464_134_400}])
    not_checked: list[str] = Field(description="What this evidence cannot show.", examples=[["meaning"]])
    seals: list[SealAnswer] = Field(description="Signatures of an issued PDF.", examples=[[]])
    times: list[MomentAnswer] = Field(description="Every time the evidence tells, with its source.")

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictAnswer:
        """The answer for a report."""
        return cls.model_validate({**verdict.report.as_json(), "trusted": verdict.trusted})


def count_a_check(parts: Parts, request: Request) -> None:
    """Counts a file that is to be checked, which takes a while. Without the database it is checked uncounted: a bundle needs none.

    Raises:
        LimitError: asked too often, by this client or by all.
    """
    with contextlib.suppress(UnavailableError, OperationalError):
        spend(parts.writing(), CHECK_FILE, client_of(request))


@router.post("/verify")
def verify(
    request: Request, parts: PartsAsked, file: FileUpload, bundle: BundleUpload = None, trust_block: TrustBlock = ""
) -> VerdictAnswer:
    """Checks a sealed agreement or a bundle; with `trust_block` from the bundle alone, else against this installation's node.

    A file that is altered or unknown is an answer (200), not an error. The file is not kept.
    """
    count_a_check(parts, request)
    return VerdictAnswer.of(verdict_on(parts, file, bundle, trust_block))
