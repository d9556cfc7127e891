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
    "no_end": words.NO_END,
    "remarks": words.REMARKS,
    "unchecked": words.UNCHECKED,
    "moments": words.MOMENTS,
    "sources": words.SOURCES,
}

ADVICE = {
    "unrecognised": (
        "Văn bản này không có ở đây: chọn thêm gói bằng chứng của nó, hoặc hỏi nơi đã phát hành.",
        "It is not known here: add its evidence bundle, or ask whoever issued it.",
    ),
    "altered": (
        "Đừng dựa vào tệp này: tải lại ở “Của tôi”, hoặc xin điện lực bản khác.",
        "Do not rely on this file: download it again under “Mine”, or ask the utility for another.",
    ),
    "consistent, not anchored": (
        "Tệp nhất quán, nhưng chưa dẫn tới điều bạn tin cậy: lấy mã khối hoặc chứng thư gốc từ nơi công bố rồi kiểm tra lại.",
        "It is consistent, but leads to nothing you trust yet: take the block hash or the root certificate from where they are published, "
        "then check again.",
    ),
    "superseded": ("Bản đang dùng có ở “Của tôi”, hoặc hỏi điện lực.", "The present version is under “Mine”, or ask the utility."),
    "rule broken": ("Hãy giữ tệp này: nó là bằng chứng để khiếu nại.", "Keep this file: it is evidence for a complaint."),
}
"""What to do after an answer that is not plain good news, by the answer."""


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
        "advice": ADVICE.get(report.answer.value),
        "report": report,
        "failed": [one for one in report.checks if one.result == Result.FAILED],
        "passed": counts[Result.PASSED],
        "skipped": counts[Result.NOT_CHECKED],
        "lines": lines(report),
        "printable": printable,
    }
    return page("verdict.html", **shown, **TOLD, trusted=verdict.trusted, file=printable(file.filename or ""))
