"""The page a signing link leads to, and its script. The token stays behind the `#`, so this server sees it in a header only."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.pages.views import page

router = APIRouter()

POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src blob:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""What this page may load: its own script, its own answers, and the document it has checked."""


@router.get("/sign", response_class=HTMLResponse)
def sign() -> Response:
    """Where a document is read and signed."""
    answer = page("sign.html")
    answer.headers["content-security-policy"] = POLICY
    return answer


@router.get("/static/signing.js")
def script() -> Response:
    """What the page does."""
    return Response(_script(), media_type="text/javascript; charset=utf-8")


@cache
def _script() -> bytes:
    return (files("api") / "static" / "signing.js").read_bytes()
