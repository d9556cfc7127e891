"""How pages are made: templates with every value escaped, and the pictures and styles of this server only."""

from __future__ import annotations

import time
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.field_units import unit_of
from api.posts import POSTS
from api.vietnamese import in_vietnamese
from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.drafts import REASON_LIMIT
from ledger.agreements.kinds.days import OPEN_END
from ledger.agreements.rules import local_moment
from ledger.day.figures import written
from ledger.invocation import as_called, command

__all__ = ["day", "moment", "page"]

FILLS = {"customer_name": "name", "supply_address": "street-address"}
"""Fields a browser can fill in by itself."""


def day(at_s: int) -> str:
    """A moment's day as Vietnamese writes it: `27/02/2026`."""
    return f"{local_moment(at_s, TIME_ZONE):%d/%m/%Y}"


def moment(at_s: int) -> str:
    """A moment as Vietnamese writes it: `27/02/2026 17:00`."""
    return f"{local_moment(at_s, TIME_ZONE):%d/%m/%Y %H:%M}"


def term(start_s: int, end_s: int) -> str:
    """From which day to which; what has no end, such as minutes, says so."""
    return f"{day(start_s)} – {'không thời hạn · no end' if end_s >= OPEN_END else day(end_s)}"


def size(count: int) -> str:
    """Bytes for people, never rounded down: `1 KB`, `2,4 MB`, as Vietnamese writes it."""
    if count < 1_000_000:
        return f"{-(-count // 1_000)} KB"
    tenths = -(-count // 100_000)
    return f"{tenths // 10},{tenths % 10} MB"


def first_upper(text: str) -> str:
    """A sentence with a capital at its beginning; the rest stays."""
    return text[:1].upper() + text[1:]


_TEMPLATES = Environment(loader=PackageLoader("api"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_TEMPLATES.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
_TEMPLATES.globals |= {"command": command, "day": day, "fills": FILLS, "moment": moment, "posts": POSTS, "size": size, "term": term}
_TEMPLATES.globals |= {"reason_limit": REASON_LIMIT, "unit_of": unit_of}
_TEMPLATES.filters |= {"as_called": as_called, "first_upper": first_upper, "vi": in_vietnamese, "written": written}


def page(template: str, **values: Any) -> HTMLResponse:
    """A page from a template."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(**values, now=moment(int(time.time()))))
