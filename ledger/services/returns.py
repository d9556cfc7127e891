"""The verbs that do not bring a request on: handed or gone back, rejected, withdrawn, forgotten. None commits; see `commands`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ledger.agreements.drafts import reason_kept
from ledger.errors import InputError, RuleError
from ledger.messages.commands import forget_addresses
from ledger.parties.model import Party
from ledger.services import rules
from ledger.services.acting import OPEN, Actor, Turn, service_of, take_turn
from ledger.services.catalogue import Step
from ledger.services.holding import is_held
from ledger.services.model import RUNNING, Request, RequestAct, RequestAttachment, RequestInput
from ledger.services.signatures import drop_documents, sealed_documents

__all__ = ["empty", "forget_party", "go_back", "hand_back", "reject", "steps_behind", "withdraw"]


def hand_back(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, reason: str) -> Request:
    """Hands a request back to the customer, with the reason and the names of what is missing; the clock stands still until they answer.

    Raises:
        InputError: no reason.
        RuleError: it waits for the customer already, or for signatures.
    """
    turn = take_turn(session, request, actor, at, seen=seen, states=OPEN).by_staff()
    if turn.step.by == "customer" or turn.step.does not in ("check", "record", "draft"):
        raise RuleError(
            f"at {turn.step.code} there is nothing to hand back", field="step", fix="hand back while it is checked or worked on"
        )
    why, lacking = reason_kept(reason), ", ".join(one.name for one in rules.missing(turn.service.inputs, turn.values))
    turn.request.state = "returned"
    turn.pause("returned")
    turn.tell("hand-back", why + (f" (missing: {lacking})" if lacking else ""))
    return turn.done()


def go_back(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, step: str, reason: str) -> Request:
    """Goes back to an earlier step, for example to draft again what a customer declined; unsealed documents made since no longer count.

    Raises:
        InputError: no reason, or no step was chosen.
        NotFoundError, RuleError: no such step, none that it went through, or a document made since is sealed.
    """
    turn = take_turn(session, request, actor, at, seen=seen, states=OPEN).by_staff()
    behind = steps_behind(turn.request)
    fix = "choose one of: " + ", ".join(f"{one.vi} · {one.en} ({one.code})" for one in behind)
    if not behind:
        raise RuleError("there is no step to go back to yet", field="step", fix="hand the request back, or go on with it")
    if not step:
        raise InputError("no step to go back to was chosen", field="step", fix=fix)
    target = turn.service.step(step)
    if target not in behind:
        raise RuleError(f"{step} does not lie behind it", field="step", fix=fix)
    drop_documents(turn, step, reason_kept(reason))
    turn.tell("go-back", f"{step}: {reason_kept(reason)}")
    turn.leave("go-back")
    turn.enter(target)
    return turn.done()


def steps_behind(request: Request) -> list[Step]:
    """The steps a request may go back to, in their order: it went through them, and somebody does something at them."""
    if request.step is None:
        return []
    steps, passed = service_of(request).steps, {row.code for row in request.steps[:-1]}
    here = next(place for place, step in enumerate(steps) if step.code == request.step)
    return [step for step in steps[:here] if step.code in passed and step.does not in ("route", "sign")]


def reject(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, reason: str) -> Request:
    """Ends a request that cannot be met, with the reason.

    Raises:
        InputError: no reason.
        RuleError: a document of it is sealed.
    """
    turn = take_turn(session, request, actor, at, seen=seen).by_staff()
    return _ended(turn, "reject", "rejected", reason)


def withdraw(session: Session, request: bytes, actor: Actor, at: int, *, seen: int, reason: str) -> Request:
    """Ends a request because the customer no longer wants it; errors as `reject`."""
    return _ended(take_turn(session, request, actor, at, seen=seen), "withdraw", "withdrawn", reason)


def forget_party(session: Session, party: Party) -> int:
    """Wipes what the ended requests of a party hold about it; times and acts stay. Returns how many values went.

    Raises:
        RuleError: a request is still under way, or held.
    """
    running = session.scalars(select(Request.number).where(Request.party_id == party.id, Request.state.in_(RUNNING))).first()
    if running is not None:
        raise RuleError(f"request {running} is still under way", field="party", fix="close, reject or withdraw it first")
    rows = session.scalars(select(Request).where(Request.party_id == party.id)).all()
    held = session.scalars(select(Request.number).where(Request.party_id == party.id, is_held())).first()
    if held is not None:
        raise RuleError(f"a legal hold stands on request {held}", field="party", fix="have it lifted by who placed it")
    return empty(session, rows)


def empty(session: Session, rows: Sequence[Request]) -> int:
    """Wipes what requests hold of people: values, facts, files with their keys, notes, metering points, letters about them; how many values
    went.
    """
    theirs = [request.id for request in rows]
    gone = session.scalars(delete(RequestInput).where(RequestInput.request_id.in_(theirs)).returning(RequestInput.name)).all()
    session.execute(delete(RequestAttachment).where(RequestAttachment.request_id.in_(theirs)))  # and their keys
    session.execute(update(RequestAct).where(RequestAct.request_id.in_(theirs)).values(note=None))
    session.execute(update(Request).where(Request.id.in_(theirs)).values(metering_point=None))
    for request in rows:
        forget_addresses(session, request.id)
        session.expire(request)
    session.flush()
    return len(gone)


def _ended(turn: Turn, verb: str, state: str, reason: str) -> Request:
    if sealed_documents(turn.session, turn.request):
        raise RuleError("a document of it is sealed", field="request", fix="go on with it; a contract ends by a request of termination")
    turn.tell(verb, reason_kept(reason))
    drop_documents(turn, turn.service.steps[0].code, reason_kept(reason), ending=True)
    turn.end(verb, state)
    return turn.done()
