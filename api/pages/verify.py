"""The form that takes a file in, and the answer to it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.deps import PartsAsked
from api.pages.views import page
from api.routes.verification import count_a_check
from api.verifying import BundleUpload, FileUpload, TrustBlock, verdict_on
from ledger.evidence.shown import headline, lines

router = APIRouter()


@router.get("/verify", response_class=HTMLResponse)
def verify_form() -> Response:
    """Asks for a file."""
    return page("verify.html")


@router.post("/verify", response_class=HTMLResponse)
def verified(request: Request, parts: PartsAsked, file: FileUpload, bundle: BundleUpload = None, trust_block: TrustBlock = "") -> Response:
    """What was found, in words."""
    count_a_check(parts, request)
    verdict = verdict_on(parts, file, bundle, trust_block)
    shown = {"headline": headline(verdict.report), "lines": lines(verdict.report), "good": verdict.report.exit_code == 0}
    return page("verdict.html", **shown, trusted=verdict.trusted, file=file.filename)
