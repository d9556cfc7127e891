"""Every verb by its name, for programs that are told which: the command line and the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, object_session

from ledger.agreements.model import AgreementRow
from ledger.errors import InputError
from ledger.parties.model import Unit
from ledger.services import commands, returns
from ledger.services.acting import Actor, drafted, service_of
from ledger.services.documents import Papers
from ledger.services.model import Request
from ledger.services.signatures import sealed_documents

__all__ = ["ACTS", "MOVES", "VERBS", "Told", "Verb", "customers_may", "customers_verbs_of", "perform", "verbs_for", "verbs_of"]


@dataclass(frozen=True)
class Told:
    """What an act may need beside who, when and what they saw: values, a reason, a step, a unit, a contract, what drafting needs."""

    given: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""
    step: str = ""
    unit: Unit | None = None
    contract: AgreementRow | None = None
    papers: Papers | None = None


@dataclass(frozen=True)
class Verb:
    """One verb: its function, its names, and what of `Told` it takes."""

    does: Callable[..., Request]
    vi: str
    en: str
    takes: Callable[[Told], Mapping[str, object]] = lambda told: {}


def _named(found: object, name: str) -> Mapping[str, object]:
    if found is None:
        raise InputError(f"no {name}", field=name, fix=f"name the {name}")
    return {name: found}


def _reason(told: Told) -> Mapping[str, object]:
    return {"reason": told.reason}


VERBS: Mapping[str, Verb] = {
    "assign": Verb(commands.assign, "giao cho đơn vị", "give it to a unit", lambda told: _named(told.unit, "unit")),
    "contract": Verb(commands.name_contract, "nêu hợp đồng", "name its contract", lambda told: _named(told.contract, "contract")),
    "give": Verb(commands.give, "bổ sung, sửa hồ sơ", "add to or correct what was given", lambda told: {"given": told.given}),
    "accept": Verb(commands.accept, "nhận hồ sơ", "accept what was given"),
    "record": Verb(commands.record, "ghi kết quả", "write down what was done", lambda told: {"given": told.given, "papers": told.papers}),
    "draft": Verb(commands.draft, "lập hồ sơ", "draft the documents", lambda told: _named(told.papers, "papers")),
    "hand-back": Verb(returns.hand_back, "trả khách hàng bổ sung", "hand it back to the customer", _reason),
    "go-back": Verb(returns.go_back, "quay lại bước trước", "go back to a step", lambda told: {"step": told.step, "reason": told.reason}),
    "reject": Verb(returns.reject, "từ chối", "reject it", _reason),
    "withdraw": Verb(returns.withdraw, "khách hàng rút yêu cầu", "withdraw it", _reason),
    "close": Verb(commands.close, "kết thúc", "close it"),
}
"""What can be done with a request, with its names, Vietnamese and English."""

ACTS: Mapping[str, tuple[str, str]] = {
    **{name: (verb.vi, verb.en) for name, verb in VERBS.items()},
    "submit": ("nhận yêu cầu", "taken in"),
    "route": ("chuyển về đơn vị", "routed"),
    "signed": ("hồ sơ đã ký xong", "documents signed"),
    "declined": (
        "hồ sơ không thành: bị từ chối ký, quá hạn, hoặc chuỗi không nhận",
        "a document was declined, lapsed, or the chain refused it",
    ),
}
"""Every act that may be written down, with its names."""

MOVES: Mapping[str, str] = {"route": "assign", "check": "accept", "record": "record", "draft": "draft", "close": "close"}
"""The verb that ends a step of a sort; nobody ends one that waits for signatures."""
ENDING = ("reject", "withdraw")
"""What ends a request before its time; refused once a document of it is sealed."""


def perform(session: Session, request: bytes, verb: str, actor: Actor, at: int, *, seen: int, told: Told | None = None) -> Request:
    """Does what a verb says; errors as the verb's own function.

    Raises:
        InputError: no such verb.
    """
    if verb not in VERBS:
        raise InputError(f"no act {verb[:40]!r}", field="verb", fix=f"give one of {', '.join(VERBS)}")
    chosen = VERBS[verb]
    return chosen.does(session, request, actor, at, seen=seen, **chosen.takes(told or Told()))


def customers_may(does: str, state: str, by: str) -> tuple[str, ...]:
    """What the customer may do with their own request: give, withdraw, and write down what a step of their own asks for."""
    return ("record", "give", "withdraw") if by == "customer" and does == "record" and state == "open" else ("give", "withdraw")


def verbs_of(request: Request) -> tuple[str, ...]:
    """What staff may do with a request now, the verb that moves it on first; nothing once it has ended."""
    if request.step is None:
        return ()
    service = service_of(request)
    step = service.step(request.step)
    found = tuple(verb for verb in verbs_for(step.does, request.state, step.by) if verb != "go-back" or returns.steps_behind(request))
    naming = ("contract",) if service.of_contract and not request.documents else ()
    return _allowed(request, (*found, *(verb for verb in (*naming, "assign") if verb not in found)))


def customers_verbs_of(request: Request) -> tuple[str, ...]:
    """What its customer may do with a request now; nothing once it has ended."""
    if request.step is None:
        return ()
    step = service_of(request).step(request.step)
    return _allowed(request, customers_may(step.does, request.state, step.by))


def _allowed(request: Request, verbs: tuple[str, ...]) -> tuple[str, ...]:
    """Without what ends a request, once a document of it is sealed; and without giving, once one was drafted, unless it was handed back."""
    session = object_session(request)
    if request.state == "open" and drafted(request):
        verbs = tuple(verb for verb in verbs if verb != "give")
    sealed = session is not None and sealed_documents(session, request)
    return tuple(verb for verb in verbs if verb not in ENDING) if sealed else verbs


def verbs_for(does: str, state: str, by: str) -> tuple[str, ...]:
    """What may be done with a request in a state at a step of a sort, the verb that moves it on first."""
    if state == "returned":
        return ("give", "reject", "withdraw")
    moving = (MOVES[does],) if does in MOVES else ()
    handing = ("hand-back",) if does in ("check", "record", "draft") and by == "utility" else ()
    return (*moving, *handing, "give", "go-back", "reject", "withdraw")
