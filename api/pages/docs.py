"""The API described for people, from the same OpenAPI description, without a script or another server."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.errors import KINDS, PLAIN
from api.pages.views import page

router = APIRouter()


@router.get("/docs", response_class=HTMLResponse)
def docs(request: Request) -> Response:
    """Every route by room, and every kind of problem."""
    described: dict[str, Any] = request.app.openapi()
    routes = [
        {"method": method.upper(), "path": path, **operation, "parameters": _parameters(operation, described["components"]["schemas"])}
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    rooms = [(tag, list(each)) for tag, each in groupby(routes, lambda route: route["tags"][0])]
    kinds = sorted({*KINDS.values(), *PLAIN}, key=lambda kind: (kind.status, kind.name, kind.meaning))
    return page("docs.html", about=described["info"]["description"], rooms=rooms, kinds=kinds)


def _parameters(operation: dict[str, Any], schemas: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the path and the question, and the fields of a form."""
    form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if form is None:
        return list(operation.get("parameters", []))
    schema = schemas[form["schema"]["$ref"].rsplit("/", 1)[-1]]
    return [
        {"name": name, "in": "form", "schema": field, "required": name in schema.get("required", [])}
        for name, field in schema["properties"].items()
    ]
