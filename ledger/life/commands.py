"""Holding and erasing. An erasure empties rows first; its files go, and the log says so, once that is committed.

place_hold / lift_hold     who forbids erasing what, and why
erase / erase_party        refused while in force, held, or inside the law's years; then rows are emptied
forget_waiting             whoever was kept for a request or a meter when their last document went
finish_erasures            files destroyed, `erased` logged; repeated until done, whatever died meanwhile
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.agreements.model import AgreementRow, Signatory
from ledger.agreements.rules import local_date
from ledger.agreements.store import DocumentStore
from ledger.db import clock_s
from ledger.errors import ConflictError, InputError, RuleError
from ledger.life.forgetting import ForgetParty, forget_document, forget_party
from ledger.life.model import ErasedParty, Erasure, LegalHold
from ledger.life.queries import families_of_party, family_parties, rows_of_family
from ledger.life.retention import OnRequest, Retention, holds_on, retention_of
from ledger.life.rules import TIME_ZONE, Blocker, ErasureRecord, check_reason
from ledger.life.shredding import shred_documents
from ledger.metering.model import MeterRow
from ledger.parties.model import Party
from ledger.transparency.commands import log_event

ERASABLE = ("owner", "customer")
"""Roles of people and companies whose parties can be erased; a utility and an oracle are the ledger's own."""


def place_hold(
    session: Session,
    *,
    agreement: AgreementRow | None = None,
    party: Party | None = None,
    request: bytes | None = None,
    reason: str,
    by: str,
    at: int,
) -> LegalHold:
    """Forbids erasing a document's whole family, everything of a party, or a service request, until it is lifted.

    The same once more – on the same, for the same reason, by the same – is the hold that stands already, so that lifting it lifts it.

    Args:
        request: id of the request, which the caller has locked.
        reason: which case or order; without personal data, since it is kept.
        at: when, Unix seconds.

    Raises:
        InputError: none or several are named, or a word is missing.
        RuleError: it was erased already.
    """
    if sum(one is not None for one in (agreement, party, request)) != 1:
        raise InputError("name one thing to hold", field="hold", fix="give an agreement, whose whole family is held, a party, or a request")
    family = None if agreement is None else agreement.family
    lock_to_hold(session, [] if family is None else [family], [] if party is None else [party.id])
    erased = select(Erasure.agreement_id).join(Erasure.agreement).where(AgreementRow.family == family)
    gone = session.scalar(erased.limit(1)) if party is None else session.get(ErasedParty, party.id)
    if gone is not None:
        raise RuleError("it was erased", field="hold", fix="nothing is left to hold; the log says when it was erased")
    on: dict[str, object] = {"family": family, "party_id": None if party is None else party.id, "request": request}
    said = on | {"reason": _said(reason, "reason"), "placed_by": _said(by, "by")}
    stands = select(LegalHold).filter_by(lifted_s=None, **said).order_by(LegalHold.id).limit(1)
    if (known := session.scalars(stands).one_or_none()) is not None:
        return known
    hold = LegalHold(**said, placed_s=at)
    session.add(hold)
    session.flush()
    return hold


def lift_hold(session: Session, hold: LegalHold, *, reason: str, by: str, at: int) -> None:
    """Ends a hold; others on the same thing still stand.

    Raises:
        ConflictError: it was lifted before.
        InputError: a word is missing.
    """
    if hold.lifted_s is not None:
        raise ConflictError(f"hold {hold.id} was lifted by {hold.lifted_by}", field="hold", fix="nothing is left to do")
    hold.lifted_by, hold.lift_reason, hold.lifted_s = _said(by, "by"), _said(reason, "reason"), at
    session.flush()


def erase(
    session: Session,
    agreement: AgreementRow,
    *,
    reason: str,
    by: str,
    at: int,
    on_request: OnRequest,
    others: Sequence[ForgetParty] = (),
) -> list[Erasure]:
    """Erases a document's whole family: its rows now, its files with `finish_erasures`. Of what is erased already nothing changes.

    A party whose last documents these were is erased too – key, name, label – unless a meter of it is still installed.

    Args:
        reason: one of `rules.REASONS`.
        by: who decides it.
        at: the present moment, Unix seconds, by the chain's clock.
        on_request: which holds on requests are on a family as well; nobody erases without saying so.
        others: empties what rooms above this one keep about a party.

    Raises:
        RuleError: in force, held, or inside the law's years; it says which, and until when.
        InputError: no such reason.
    """
    check_reason(reason)
    people = family_parties(session, agreement.family)
    lock_to_hold(session, [agreement.family], people)
    found = retention_of(session, agreement.family, at, on_request)
    _refuse(found.blockers)
    decision = _Decision(reason, _said(by, "by"), at, others)
    erased = [_erased(session, row, found, decision) for row in _unerased(session, agreement.family)]
    for party in (session.get_one(Party, one) for one in people):
        if party.role in ERASABLE and session.get(ErasedParty, party.id) is None and not _still_needed(session, party, at):
            with contextlib.suppress(RuleError), session.begin_nested():  # a request of it is under way: it is kept, its documents are not
                _forget(session, party, decision)
    return erased


def erase_party(
    session: Session, party: Party, *, by: str, at: int, on_request: OnRequest, others: Sequence[ForgetParty] = ()
) -> list[Erasure]:
    """Erases everything of a person on that person's request: all families, or nothing while one of them may not be erased.

    Args:
        by, at, on_request, others: as for `erase`.

    Raises:
        RuleError: something of it is in force, held, or inside the law's years, or it is no customer's party.
    """
    if party.role not in ERASABLE:
        raise RuleError(f"{party.label} is the ledger's own", field="party", fix="only customers and owners are erased")
    families = families_of_party(session, party.id)
    lock_to_hold(session, families, [party.id])
    kept = [blocker for family in families for blocker in retention_of(session, family, at, on_request).blockers]
    _refuse(kept + _installed(session, party, at) + ([] if families else holds_on(session, party)))
    erased = []
    for family in families:
        first = session.get_one(AgreementRow, family)
        erased += erase(session, first, reason="data-subject-request", by=by, at=at, on_request=on_request, others=others)
    if session.get(ErasedParty, party.id) is None:
        _forget(session, party, _Decision("data-subject-request", by, at, others))
    return erased


def forget_waiting(session: Session, *, at: int, others: Sequence[ForgetParty] = ()) -> list[Party]:
    """Erases those whose documents are all erased and who were kept for a request under way or an installed meter, once that has ended.

    Again, it changes nothing. In the name of who decided to erase the last of their documents.

    Args:
        at, others: as for `erase`.
    """
    gone = select(ErasedParty.party_id)
    held = select(LegalHold.party_id).where(LegalHold.lifted_s.is_(None), LegalHold.party_id.is_not(None))
    theirs = select(Signatory.party_id).join(Erasure, Erasure.agreement_id == Signatory.agreement_id)
    kept = select(Party).where(Party.role.in_(ERASABLE), Party.id.in_(theirs), Party.id.not_in(gone), Party.id.not_in(held))
    done = []
    for party in session.scalars(kept.order_by(Party.id).with_for_update(skip_locked=True, key_share=True)).all():
        if _still_needed(session, party, at):
            continue
        last = select(Erasure).join(Signatory, Signatory.agreement_id == Erasure.agreement_id).where(Signatory.party_id == party.id)
        decided = session.scalars(last.order_by(Erasure.decided_s.desc(), Erasure.agreement_id).limit(1)).one()
        with contextlib.suppress(RuleError), session.begin_nested():
            _forget(session, party, _Decision(decided.reason, decided.by, at, others))
            done.append(party)
    return done


def finish_erasures(session: Session, store: DocumentStore, exports: Iterable[Path] = ()) -> list[Erasure]:
    """Destroys the files of every erased document that still has some, then logs its erasure. Again, it changes nothing.

    Call it in a transaction after the erasure's own: files are not brought back when a transaction is.

    Args:
        exports: folders with files made of documents, such as evidence bundles.
    """
    folders = list(exports)
    waiting = select(Erasure).where(Erasure.destroyed_s.is_(None)).order_by(Erasure.decided_s, Erasure.agreement_id)
    done = list(session.scalars(waiting.with_for_update(skip_locked=True)))
    for erasure in done:
        shred_documents(store, erasure.agreement_id, folders)
        erasure.destroyed_s = clock_s(session)
        agreement = erasure.agreement
        if agreement.sealed_digest is not None:
            unit = agreement.unit_id or next(one.party_id for one in agreement.signatories if one.party.role == "utility")
            log_event(session, unit=unit, event="erased", document=agreement.id, digest=sha256(erasure.record).digest())
    session.flush()
    return done


def lock_to_hold(session: Session, families: Sequence[bytes], parties: Sequence[bytes]) -> None:
    """Holds and erasures of the same thing come one after the other."""
    session.execute(select(AgreementRow.id).where(AgreementRow.id.in_(families)).order_by(AgreementRow.id).with_for_update(key_share=True))
    session.execute(select(Party.id).where(Party.id.in_(parties)).order_by(Party.id).with_for_update(key_share=True))


@dataclass(frozen=True)
class _Decision:
    """Why, by whom and when something is erased, and who else is to empty what they keep."""

    reason: str
    by: str
    at: int
    others: Sequence[ForgetParty]


def _erased(session: Session, row: AgreementRow, found: Retention, decision: _Decision) -> Erasure:
    reason, at = decision.reason, decision.at
    record = ErasureRecord(row.id, row.sealed_digest or bytes(32), reason, found.end, found.until, at, found.years)
    lookup = forget_document(session, row)
    erasure = Erasure(agreement_id=row.id, reason=reason, record=record.to_bytes(), by=decision.by, decided_s=at, lookup_digest=lookup)
    session.add(erasure)
    session.flush()
    return erasure


def _unerased(session: Session, family: bytes) -> list[AgreementRow]:
    return [row for row in rows_of_family(session, family) if session.get(Erasure, row.id) is None]


def _still_needed(session: Session, party: Party, at: int) -> bool:
    """Whether a document that is not erased, or an installed meter, still needs the party's key."""
    if _installed(session, party, at):
        return True
    return any(_unerased(session, family) for family in families_of_party(session, party.id))


def _installed(session: Session, party: Party, at: int) -> list[Blocker]:
    until = session.scalars(select(MeterRow.valid_to).where(MeterRow.party_id == party.id, MeterRow.valid_to > at)).all()
    return [Blocker("in-force", max(until), "a meter is installed")] if until else []


def _forget(session: Session, party: Party, decision: _Decision) -> None:
    for forget in decision.others:
        forget(session, party)
    forget_party(session, party)
    session.add(ErasedParty(party_id=party.id, reason=decision.reason, by=decision.by, erased_s=decision.at))
    session.flush()


def _refuse(blockers: Sequence[Blocker]) -> None:
    if not blockers:
        return
    said = "; ".join(f"{one.detail}{'' if one.until is None else f' until {local_date(one.until, TIME_ZONE)}'}" for one in blockers)
    held = [one for one in blockers if one.code == "hold"]
    unruled = "add the law to ledger/law/law.toml" if any(one.code == "law" for one in blockers) else ""
    endless = any(one.code == "in-force" and one.until is None for one in blockers)  # then no other day is the first on which it may go
    latest = max((one.until for one in blockers if one.until is not None), default=None)
    wait = "" if latest is None else f"wait until {local_date(latest, TIME_ZONE)}"
    wait = "end the contract by a termination: the law's years count from then" if endless else wait
    lift = "have the hold lifted by who placed it" if held else ""
    raise RuleError(said, field="erasure", fix=" and ".join(one for one in (wait, lift, unruled) if one))


def _said(value: str, field: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > 200:
        raise InputError("empty, too long, or not printable", field=field, fix="give 1 to 200 printable characters")
    return value.strip()
