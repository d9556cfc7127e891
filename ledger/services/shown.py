"""Requests and services as plain data for programs: what `--json` and the API answer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow
from ledger.protocol.quantities import hex0x
from ledger.services.acting import facts_given, service_of, values_of
from ledger.services.catalogue import Asked, Field, Service, When
from ledger.services.documents import facts_lacking, request_code
from ledger.services.model import Request, RequestDocument
from ledger.services.queries import Lane, Timing, lacking, lanes_of, signing, step_late, timing
from ledger.services.signatures import Paper, over_words
from ledger.services.twice import alike
from ledger.services.verbs import verbs_of

__all__ = ["brief", "briefs", "code_shown", "described", "full"]


ACT = ("version", "verb", "step", "who", "actor", "channel", "at_s", "note")
"""What is told of an act."""


def brief(request: Request, now: int) -> dict[str, object]:
    """A request in a list: where it stands and how its time is. Nothing of its customer."""
    service = service_of(request)
    step = service.step(request.step) if request.step else None
    return {
        "number": request.number,
        "code": request_code(request),
        "id": hex0x(request.id),
        "service": request.service,
        "group": service.group,
        "service_names": [service.vi, service.en],
        "state": request.state,
        "step": request.step,
        "step_names": [step.vi, step.en] if step else None,
        "unit": request.unit.code if request.unit else None,
        "channel": request.channel,
        "received_s": request.received_s,
        "deadline_days": request.deadline_days,
        "version": request.version,
        "step_late": step_late(request, now),
        "time": _time(timing(request, now)),
    }


def full(session: Session, request: Request, now: int) -> dict[str, object]:
    """A request with what was given, its timeline and its documents: personal data."""
    service = service_of(request)
    step = service.step(request.step) if request.step else None
    signed = signing(session, request)
    return brief(request, now) | {
        "metering_point": request.metering_point,
        "party": hex0x(request.party_id) if request.party_id else None,
        "contract": hex0x(request.contract_id) if request.contract_id else None,
        "contract_code": request.contract.code if request.contract else None,
        "contract_erased": request.contract is not None and request.contract.code is None,
        "given": values_of(request),
        "facts": facts_given(request),
        "missing": [_field(one) for one in lacking(request)] if step else [],
        "may": list(verbs_of(request)),
        "asks": [_asked(one) for one in step.records] if step else [],
        "facts_missing": facts_lacking(request, step, now) if step else {},
        "waits_for": signed.waits_for if signed.open else None,
        "declined": [hex0x(one.agreement_id) for one in signed.ended],
        "steps": [_lane(lane) for lane in lanes_of(request, now)],
        "pauses": [{"why": one.why, "began_s": one.began_s, "ended_s": one.ended_s} for one in request.pauses],
        "stuck": over_words(signed),
        "alike": [one.number for one in alike(request)],
        "documents": [_document(one, signed.paper(one)) for one in request.documents],
        "acts": [{name: getattr(one, name) for name in ACT} for one in request.acts],
    }


def described(service: Service) -> dict[str, object]:
    """A service: its deadline, what it asks for, its steps and their documents."""
    return {
        "code": service.code,
        "group": service.group,
        "names": [service.vi, service.en],
        "valid_from": service.valid_from.isoformat(),
        "verify_by": service.verify_by.isoformat(),
        "reference": [service.reference_vi, service.reference_en],
        "place": service.place,
        "pauses": sorted(service.pauses),
        "deadlines": [{"days": one.days, "when": _when(one.when), "names": [one.vi, one.en]} for one in service.deadlines],
        "inputs": [_asked(one) for one in service.inputs],
        "steps": [
            {
                "step": step.code,
                "names": [step.vi, step.en],
                "does": step.does,
                "by": step.by,
                "share": step.share,
                "when": _when(step.when),
                "records": [_asked(one) for one in step.records],
                "documents": [{"kind": one.kind, "relation": one.relation, "when": _when(one.when)} for one in step.documents],
            }
            for step in service.steps
        ],
    }


def code_shown(row: AgreementRow) -> str:
    """A document's look-up code for people, or that it was erased."""
    return row.code or "đã xoá · erased"


def briefs(requests: Sequence[Request], now: int) -> list[dict[str, object]]:
    """Requests in a list."""
    return [brief(one, now) for one in requests]


def _lane(lane: Lane) -> dict[str, object]:
    own: dict[str, object] = {"step": lane.step.code, "names": [lane.step.vi, lane.step.en]}
    own |= {"began_s": lane.began_s, "ended_s": lane.ended_s, "ended_as": lane.ended_as}
    return own | {"time": _time(lane.timing) if lane.timing else None}


def _document(one: RequestDocument, state: Paper) -> dict[str, object]:
    row = one.agreement
    own: dict[str, object] = {"agreement": hex0x(row.id), "lookup_code": row.code, "kind": row.kind, "step": one.step}
    return own | {"erased": row.code is None, "sealed": row.sealed_digest is not None, "dropped": one.dropped, "state": state}


def _time(found: Timing) -> dict[str, object]:
    own: dict[str, object] = {"used_s": found.used_s, "allowed_s": found.allowed_s, "due_s": found.due_s, "percent": found.percent}
    return own | {"paused": found.paused, "late": found.late}


def _field(field: Field) -> dict[str, object]:
    return {
        "name": field.name,
        "sort": field.sort,
        "names": [field.vi, field.en],
        "choices": {str(word): list(names) for word, names in (field.choices or field.among).items()},
        "unit": field.unit or None,
        "among": list(field.among),
    }


def _asked(asked: Asked) -> dict[str, object]:
    return _field(asked.field) | {"required": asked.required, "when": _when(asked.when)}


def _when(when: When | None) -> str | None:
    if when is None:
        return None
    words = [("yes" if one else "no") if isinstance(one, bool) else str(one) for one in when.values]
    return f"{when.field}={'|'.join(words)}"
