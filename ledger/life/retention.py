"""What may be erased and what may not yet, with the reason and the date: holds, the term of a family, the law's years after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import REGISTRY, standings
from ledger.agreements.rules import local_date, years_later
from ledger.agreements.states import ENDINGS, Standing
from ledger.chain.model import ChainEvent
from ledger.errors import InputError, RuleError
from ledger.life.model import Erasure, LegalHold
from ledger.life.queries import family_parties, rows_of_family
from ledger.life.rules import MINUTES, TIME_ZONE, Blocker, Kept, end_of_family, kept_until, years_kept
from ledger.parties.model import Party

OnRequest = Callable[[bytes], ColumnElement[bool]]
"""Of a `LegalHold` on a request, a thing of a room above this one: whether what it holds is of this family."""


@dataclass(frozen=True)
class Retention:
    """How a family stands with the clock.

    Attributes:
        documents: how many of it are not erased yet, drafts included.
        end: first second nothing of it is in force, Unix.
        until: the first second it need no longer be kept; the same as `end` while that lies ahead.
        years: the law's years between them; 0 where nothing was ever signed, or it has not ended.
        blockers: what forbids erasing it now; none when it is due.
    """

    family: bytes
    documents: int
    end: int
    until: int
    years: int
    blockers: tuple[Blocker, ...]

    @property
    def due(self) -> bool:
        """Whether it may be erased now."""
        return not self.blockers


def retention_of(session: Session, family: bytes, at: int, on_request: OnRequest) -> Retention:
    """How a family stands at a moment, Unix seconds.

    Args:
        on_request: which holds on requests are on it as well.

    Raises:
        InputError: no such family.
    """
    rows = rows_of_family(session, family)
    said = standings(session, [row.id for row in rows])
    ended = {one.agreement_id: one.at_s for one in session.scalars(select(DraftEnding).where(DraftEnding.agreement_id.in_(list(said))))}
    documents = [kept(row, said[row.id], at, ended.get(row.id)) for row in rows]
    end, signed = end_of_family(documents), any(one.sealed for one in documents)
    until, years, unruled = end, 0, list[Blocker]()
    try:
        until = kept_until(documents, at)
        years = years_kept(end, at) if signed and end <= at else 0
    except RuleError as unknown:
        unruled = [Blocker("law", None, unknown.problem)]
    erased = select(Erasure.agreement_id).where(Erasure.agreement_id.in_([row.id for row in rows]))
    open_documents = len(rows) - len(session.scalars(erased).all())
    blockers = [*_clock(end, until, at, signed), *unruled, *(_held(one) for one in standing_holds(session, family, on_request))]
    return Retention(family, open_documents, end, until, years, tuple(blockers))


def kept(row: AgreementRow, standing: Standing, at: int, declined_at: int | None = None) -> Kept:
    """A document as far as keeping it is concerned. Where the chain records it no more, it ended with its deadline or when declined."""
    if declined_at is not None:
        return Kept(row.kind, False, declined_at)
    if standing.status != "unrecorded":
        return Kept(row.kind, True, standing.end)
    lost = row.sealed_digest is None or row.deadline < at
    return Kept(row.kind, row.sealed_digest is not None, row.deadline if lost else max(row.deadline, row.valid_to))


def standing_holds(session: Session, family: bytes, on_request: OnRequest) -> Sequence[LegalHold]:
    """Every hold that stands on a family, its own, those on its parties and those on requests it came of or is about."""
    concerned = or_(LegalHold.family == family, LegalHold.party_id.in_(family_parties(session, family)), on_request(family))
    return session.scalars(select(LegalHold).where(LegalHold.lifted_s.is_(None), concerned).order_by(LegalHold.id)).all()


def holds_on(session: Session, party: Party) -> list[Blocker]:
    """What holds on a party forbid; those that stand on its documents are said there as well."""
    stand = select(LegalHold).where(LegalHold.lifted_s.is_(None), LegalHold.party_id == party.id)
    return [_held(one) for one in session.scalars(stand.order_by(LegalHold.id))]


def holds(session: Session) -> Sequence[LegalHold]:
    """Every hold that stands, oldest first."""
    return session.scalars(select(LegalHold).where(LegalHold.lifted_s.is_(None)).order_by(LegalHold.id)).all()


def due_for_erasure(session: Session, at: int, on_request: OnRequest) -> list[Retention]:
    """Every family whose time is over and that nothing holds, the longest overdue first; `on_request` as for `retention_of`."""
    found = [retention_of(session, family, at, on_request) for family in _ended_families(session, at)]
    return sorted((one for one in found if one.due), key=lambda one: (one.until, one.family))


def _ended_families(session: Session, at: int) -> Sequence[bytes]:
    """Families with a document that is not erased, and none that by its dates and the chain's events is in force: a few of millions."""
    binding = aliased(AgreementRow)
    events = select(ChainEvent.block_number).where(
        ChainEvent.contract == REGISTRY, ChainEvent.args["id"].astext == func.concat("0x", func.encode(binding.id, "hex"))
    )
    in_force = select(binding.id).where(
        binding.family == AgreementRow.family,
        binding.sealed_digest.is_not(None),
        binding.valid_to > at,
        binding.kind.not_like(f"%{MINUTES}"),
        or_(binding.deadline >= at, events.where(ChainEvent.event == "AgreementRecorded").exists()),
        ~events.where(ChainEvent.event.in_(ENDINGS)).exists(),
    )
    unerased = AgreementRow.id.not_in(select(Erasure.agreement_id))
    wanted = select(AgreementRow.family).where(unerased, ~in_force.exists()).distinct()
    return session.scalars(wanted.order_by(AgreementRow.family)).all()


def _clock(end: int, until: int, at: int, signed: bool) -> list[Blocker]:
    if at < end:
        return [_in_force(end, at) if signed else Blocker("in-force", end, "still open for signatures")]
    return [Blocker("retention", until, "inside the time the law asks to keep it")] if at < until else []


def _in_force(end: int, at: int) -> Blocker:
    """That something is in force, and until when it has to be kept as things and the law stand now; without a day where nobody can say."""
    try:
        years = years_kept(end, at)
        until = years_later(end, years, TIME_ZONE)
    except (InputError, RuleError):  # no law for that time yet, or no end before the end of calendars
        return Blocker("in-force", None, "kept for the law's years after it was in force, which it is, or is about to be")
    return Blocker("in-force", until, f"in force, or about to be, to {local_date(end, TIME_ZONE)}, and kept {years} years after it,")


def _held(hold: LegalHold) -> Blocker:
    return Blocker("hold", None, f"legal hold {hold.id} by {hold.placed_by}: {hold.reason}")
