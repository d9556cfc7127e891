"""How pages are made: templates with every value escaped, and the pictures and styles of this server only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from ledger.invocation import as_called, command

__all__ = ["page"]

_TEMPLATES = Environment(loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_TEMPLATES.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
_TEMPLATES.globals["command"] = command
_TEMPLATES.filters["as_called"] = as_called


def page(template: str, **values: Any) -> HTMLResponse:
    """A page from a template."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(**values, now=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"))
