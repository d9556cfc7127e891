"""What was noted at an act on a request, in both languages: codes become names, people's own words stand."""

from __future__ import annotations

import re

from ledger.services.acting import service_of
from ledger.services.model import Request, RequestAct
from ledger.services.signatures import HOW

__all__ = ["told_note"]

_UNIT = re.compile(r"unit ([A-Z0-9]+)")
_HANDED_BACK = re.compile(r"(.*) \(missing: ([a-z0-9_, ]+)\)", re.DOTALL)
_GONE_BACK = re.compile(r"([a-z0-9-]+): (.*)", re.DOTALL)
_OVER = {**HOW, "refused": ("chuỗi không ghi nhận", "the chain refused it")}


def told_note(request: Request, act: RequestAct) -> str:
    """The note of an act as a page shows it."""
    note = act.note or ""
    if found := _UNIT.fullmatch(note):
        return f"đơn vị · unit {found[1]}"
    if act.verb == "give":
        return _fields(request, note)
    if act.verb == "hand-back" and (found := _HANDED_BACK.fullmatch(note)):
        return f"{found[1]} (thiếu · missing: {_fields(request, found[2])})"
    if act.verb == "go-back" and (found := _GONE_BACK.fullmatch(note)):
        step = next((one for one in service_of(request).steps if one.code == found[1]), None)
        return note if step is None else f"{step.vi} · {step.en}: {found[2]}"
    if act.verb == "declined":
        how, *why = note.split("; ")
        told = [_OVER.get(one, (one, one)) for one in how.split(", ")]
        return "; ".join([*(f"{vi} · {en}" for vi, en in told), *why])
    return note


def _fields(request: Request, names: str) -> str:
    known = {one.name: f"{one.vi} ({one.en})" for one in service_of(request).fields()}
    return ", ".join(known.get(name, name) for name in names.split(", "))
