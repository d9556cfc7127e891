"""How pages are made: templates with every value escaped, and the pictures and styles of this server only."""

from __future__ import annotations

import time
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.rules import local_moment
from ledger.day.figures import written
from ledger.invocation import as_called, command

__all__ = ["day", "moment", "page"]


def day(at_s: int) -> str:
    """A moment's day as Vietnamese writes it: `27/02/2026`."""
    return f"{local_moment(at_s, TIME_ZONE):%d/%m/%Y}"


def moment(at_s: int) -> str:
    """A moment as Vietnamese writes it: `27/02/2026 17:00`."""
    return f"{local_moment(at_s, TIME_ZONE):%d/%m/%Y %H:%M}"


_TEMPLATES = Environment(loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_TEMPLATES.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
_TEMPLATES.globals |= {"command": command, "day": day, "moment": moment}
_TEMPLATES.filters |= {"as_called": as_called, "written": written}


def page(template: str, **values: Any) -> HTMLResponse:
    """A page from a template."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(**values, now=moment(int(time.time()))))
