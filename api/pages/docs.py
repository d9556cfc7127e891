"""The API described for people, from the same OpenAPI description, without a script or another server."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.errors import KINDS
from api.pages.views import page

router = APIRouter()


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> Response:
    """Every route by room, and every kind of problem."""
    described: dict[str, Any] = request.app.openapi()
    routes = [
        {"method": method.upper(), "path": path, **operation}
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    rooms = [(tag, list(each)) for tag, each in groupby(routes, lambda route: route["tags"][0])]
    kinds = {kind.name: kind for kind in KINDS.values()}
    return page("docs.html", about=described["info"]["description"], rooms=rooms, kinds=list(kinds.values()))
