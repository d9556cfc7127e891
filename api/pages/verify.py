"""The form that takes a file in, and the answer to it."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.deps import PartsAsked
from api.pages.views import page
from api.routes.verification import count_a_check
from api.verifying import BundleUpload, FileUpload, TrustBlock, verdict_on
from ledger.evidence import words
from ledger.evidence.findings import Result
from ledger.evidence.shown import headline, lines, printable

router = APIRouter()
TOLD = {
    "kinds": words.KINDS,
    "statuses": words.STATUSES,
    "checks": words.CHECKS,
    "remarks": words.REMARKS,
    "unchecked": words.UNCHECKED,
    "moments": words.MOMENTS,
    "sources": words.SOURCES,
}


@router.get("/verify", response_class=HTMLResponse)
def verify_form() -> Response:
    """Asks for a file."""
    return page("verify.html")


@router.post("/verify", response_class=HTMLResponse)
def verified(request: Request, parts: PartsAsked, file: FileUpload, bundle: BundleUpload = None, trust_block: TrustBlock = "") -> Response:
    """What was found: the answer and what follows from it first, every check and all it says folded below."""
    count_a_check(parts, request)
    verdict = verdict_on(parts, file, bundle, trust_block)
    report = verdict.report
    counts = Counter(one.result for one in report.checks)
    shown = {
        "headline": headline(report),
        "good": report.exit_code == 0,
        "report": report,
        "failed": [one for one in report.checks if one.result == Result.FAILED],
        "passed": counts[Result.PASSED],
        "skipped": counts[Result.NOT_CHECKED],
        "lines": lines(report),
        "printable": printable,
    }
    return page("verdict.html", **shown, **TOLD, trusted=verdict.trusted, file=printable(file.filename or ""))
