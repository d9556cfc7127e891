"""Reading agreements: the documents from our rows, what became of them from the chain's events, what is under way from the outbox.

Events go when the indexer rewinds a block, so an answer here is never more certain than the chain; `Move.state` says how certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from ledger.agreements.model import AgreementAct, AgreementRow, Signatory
from ledger.agreements.rules import check_lookup_code
from ledger.agreements.states import Said, Standing, standing
from ledger.chain.model import ChainEvent, OutboxIntent
from ledger.errors import NotFoundError
from ledger.parties.model import Party
from ledger.protocol.quantities import hex0x, unhex

REGISTRY = "AgreementRegistry"


@dataclass(frozen=True)
class Move:
    """Something asked of the chain about an agreement, and how far it has come.

    Attributes:
        act: record, supersede (the record of the agreement that replaces it) or terminate.
        state: queued, sent, mined, final or failed; `error` says why it failed.
    """

    act: str
    intent: OutboxIntent

    @property
    def state(self) -> str:
        """How far it has come."""
        return self.intent.state


@dataclass(frozen=True)
class AgreementState:
    """An agreement as the chain was last seen to have it, and what is still under way."""

    standing: Standing
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Span:
    """When an agreement is in force: from its first second to before `end`."""

    agreement: bytes
    start: int
    end: int


def agreement_by_id(session: Session, agreement_id: bytes) -> AgreementRow:
    """The agreement with this id.

    Raises:
        NotFoundError: there is none.
    """
    return _one(session, AgreementRow.id == agreement_id, hex0x(agreement_id))


def agreement_by_lookup_code(session: Session, code: str) -> AgreementRow:
    """The agreement with this code on its pages, however it was typed (`rules.check_lookup_code`).

    Raises:
        InputError: no code at all, or one with a slip in it.
        NotFoundError: a code of no document here.
    """
    return _one(session, AgreementRow.lookup_code == check_lookup_code(code), "that code")


def agreements_of(session: Session, party: Party) -> Sequence[AgreementRow]:
    """Every agreement a party is named in, oldest first."""
    named = select(Signatory.agreement_id).where(Signatory.party_id == party.id)
    order = (AgreementRow.valid_from, AgreementRow.created_s, AgreementRow.id)
    return session.scalars(select(AgreementRow).where(AgreementRow.id.in_(named)).order_by(*order)).all()


def state_of(session: Session, agreement: AgreementRow) -> AgreementState:
    """What has become of an agreement, and what is under way."""
    later = select(AgreementRow.id).where(AgreementRow.supersedes == agreement.id)
    asked = select(AgreementAct, OutboxIntent).join(AgreementAct.intent).order_by(OutboxIntent.id)
    concerning = or_(AgreementAct.agreement_id == agreement.id, and_(AgreementAct.agreement_id.in_(later), AgreementAct.act == "record"))
    found = session.execute(asked.where(concerning).execution_options(populate_existing=True))
    moves = tuple(Move(act.act if act.agreement_id == agreement.id else "supersede", intent) for act, intent in found)
    return AgreementState(standings(session, [agreement.id])[agreement.id], moves)


def standings(session: Session, agreements: Collection[bytes]) -> Mapping[bytes, Standing]:
    """What the chain was seen to say about each agreement."""
    told: dict[bytes, list[Said]] = defaultdict(list)
    wanted = ChainEvent.args["id"].astext.in_([hex0x(one) for one in agreements])
    order = (ChainEvent.block_number, ChainEvent.log_index)
    for event in session.scalars(select(ChainEvent).where(ChainEvent.contract == REGISTRY, wanted).order_by(*order)):
        told[unhex(event.args["id"], "id", 32)].append(Said(event.event, event.args, event.block_number, event.tx_hash))
    return {one: standing(told[one]) for one in agreements}


def spans_in_force(session: Session, parties: Collection[bytes], kind: str = "rooftop-surplus-sale") -> Mapping[bytes, tuple[Span, ...]]:
    """For each party, by id, when its agreements of a kind are in force as the chain was seen to have it: one look for a whole zone."""
    named = (
        select(Signatory.party_id, Signatory.agreement_id)
        .join(Signatory.agreement)
        .where(Signatory.party_id.in_(parties), AgreementRow.kind == kind)
    )
    pairs = [(row.party_id, row.agreement_id) for row in session.execute(named)]
    known = standings(session, {agreement for _, agreement in pairs})
    spans: dict[bytes, list[Span]] = {party: [] for party in parties}
    for party, agreement in pairs:
        found = known[agreement]
        if found.valid_from < found.end:
            spans[party].append(Span(agreement, found.valid_from, found.end))
    return {party: tuple(sorted(held, key=lambda span: (span.start, span.agreement))) for party, held in spans.items()}


def in_force(session: Session, party: Party, at: int, kind: str = "rooftop-surplus-sale") -> AgreementRow | None:
    """The agreement of a kind by which a party may trade at a moment, Unix seconds, as the contract's `inForce` has it; None when none.

    Of several the one that began last.
    """
    held = [span for span in spans_in_force(session, [party.id], kind)[party.id] if span.start <= at < span.end]
    return agreement_by_id(session, held[-1].agreement) if held else None


def _one(session: Session, condition: ColumnElement[bool], name: str) -> AgreementRow:
    options = (selectinload(AgreementRow.signatories).selectinload(Signatory.party), selectinload(AgreementRow.acts))
    found = session.scalars(select(AgreementRow).where(condition).options(*options)).one_or_none()
    if found is None:
        raise NotFoundError(
            f"no agreement with {name}", field="agreement", fix="check the code or the file; another installation may hold it"
        )
    return found
