"""Drafting a document of any kind: who may sign it, what it may follow, its row and its unsigned PDF. Nothing commits the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from ledger.agreements import rules
from ledger.agreements.kinds import Frame, Kind, Named, kind_named
from ledger.agreements.model import AgreementAct, AgreementRow, AgreementTerm, Signatory
from ledger.agreements.refused import check_in_time, record_refused
from ledger.agreements.render import render
from ledger.agreements.store import DocumentStore
from ledger.errors import RuleError
from ledger.parties.model import Party, Unit
from ledger.protocol.canonical import parse_canonical
from ledger.protocol.quantities import check_time, new_id

TIME_ZONE = "Asia/Ho_Chi_Minh"
Renderer = Callable[[str, Mapping[str, object]], bytes]
"""Makes the unsigned PDF of a kind's terms: `render`, or `casting.render_fast`."""


def draft_agreement(
    session: Session,
    store: DocumentStore,
    *,
    parties: Sequence[Party],
    kind: str,
    facts: object,
    valid_from: int,
    deadline: int,
    dated_s: int | None = None,
    supersedes: AgreementRow | None = None,
    predecessor: AgreementRow | None = None,
    unit: Unit | None = None,
    time_zone: str = TIME_ZONE,
    renderer: Renderer = render,
) -> AgreementRow:
    """Renders a document and stores it unsigned; `commands.digest_to_sign` is what every party signs.

    Args:
        parties: in the order of signing, of the roles the kind asks for; the first one's key salts the terms.
        kind, facts: a name of `kinds.KINDS` and its facts (`kinds.facts_from`).
        valid_from, deadline: first second in force (the kind says until when); last second at which the chain accepts it; Unix.
        dated_s: the date it bears, whose law applies; `valid_from` when not given. `time_zone`: whose clock it prints.
        supersedes, predecessor: what it replaces from `valid_from` on (`deadline` ≤ that then); what it follows without replacing it.
        unit, renderer: whose document it is, the utility's own when not given; `casting.render_fast` in a campaign.

    Raises:
        InputError, RuleError: a fact is malformed; the law forbids it, a key was destroyed, it follows what it cannot, or comes too late.
    """
    follows = (supersedes, predecessor)
    _check_chain(session, deadline, supersedes=supersedes, predecessor=predecessor)
    _check_succession(supersedes, parties, kind, valid_from, deadline)
    _check_predecessor(predecessor, parties, kind, valid_from)
    frame = _beside(session, new_frame(parties, kind, follows, valid_from=valid_from, dated_s=dated_s, time_zone=time_zone), predecessor)
    row, base = drafted(kind_named(kind), frame, facts, parties, deadline=check_time(deadline, "deadline"), renderer=renderer)
    row.unit, row.family = unit, next((one.family for one in follows if one), row.id)
    session.add(row)
    session.flush()
    store.write(row.id, base)
    return row


def new_frame(
    parties: Sequence[Party],
    kind: str,
    follows: tuple[AgreementRow | None, AgreementRow | None] = (None, None),
    *,
    valid_from: int,
    dated_s: int | None = None,
    time_zone: str = TIME_ZONE,
) -> Frame:
    """The frame of a new document under a random id, its look-up code derived from the first party's key.

    Args:
        follows: the document it supersedes and its predecessor, if any.

    Raises:
        InputError: no such kind, or parties it is not signed by.
        RuleError: a name was erased or a key destroyed.
    """
    kind_named(kind).check_roles([party.role for party in parties])
    agreement_id, (supersedes, predecessor) = new_id(), follows
    return Frame(
        id=agreement_id,
        lookup_code=rules.lookup_code(parties[0].key(), agreement_id),
        parties=tuple(_named(party) for party in parties),
        valid_from=check_time(valid_from, "valid_from"),
        dated_s=valid_from if dated_s is None else dated_s,
        supersedes=supersedes.id if supersedes else None,
        time_zone=time_zone,
        predecessor=predecessor.id if predecessor else None,
    )


def drafted(
    kind: Kind[Any], frame: Frame, facts: object, parties: Sequence[Party], *, deadline: int, renderer: Renderer = render
) -> tuple[AgreementRow, bytes]:
    """The row of a new document and its unsigned PDF; the first party's key salts the terms."""
    terms = kind.terms(frame, facts)
    base, values = renderer(kind.name, terms), rules.canonical_values(terms)
    row = AgreementRow(
        id=frame.id,
        kind=kind.name,
        kind_version=kind.version,
        template_digest=kind.template_digest(),
        base_length=len(base),
        base_digest=sha256(base).digest(),
        terms_root=rules.terms_root(rules.term_leaves(parties[0].key(), frame.id, values)),
        valid_from=frame.valid_from,
        valid_to=kind.valid_to(frame, facts),
        supersedes=frame.supersedes,
        predecessor=frame.predecessor,
        family=frame.id,
        deadline=deadline,
        lookup_code=frame.lookup_code,
        signatories=[Signatory(place=place, party=party, party_id=party.id) for place, party in enumerate(parties)],
        terms=[AgreementTerm(path=path, value=values[path]) for path in sorted(values)],
        acts=[],
    )
    return row, base


def _check_chain(session: Session, deadline: int, **follows: AgreementRow | None) -> None:
    """The chain can still record it, and has what it follows."""
    check_in_time(session, deadline)
    for field, earlier in follows.items():
        if earlier is not None and session.scalar(record_refused().where(AgreementAct.agreement_id == earlier.id).limit(1)) is not None:
            fix = "name the version that the chain has; `sonang signing refused` says what to do about this one"
            raise RuleError("the chain refused its record", field=field, fix=fix)


def _check_succession(earlier: AgreementRow | None, parties: Sequence[Party], kind: str, valid_from: int, deadline: int) -> None:
    if earlier is None:
        return
    same = [one.party_id for one in earlier.signatories] == [party.id for party in parties]
    if earlier.kind not in (kind, *kind_named(kind).replaces) or not same:
        raise RuleError(
            "it is another kind's or another pair's", field="supersedes", fix="supersede an agreement of the same parties and kind"
        )
    if earlier.sealed_digest is None:
        raise RuleError("it was never sealed", field="supersedes", fix="let the draft lapse, or seal it first")
    if valid_from < earlier.valid_from:
        raise RuleError("what it supersedes begins later", field="valid_from", fix=f"begin at {earlier.valid_from} or after")
    if deadline > valid_from:
        raise RuleError(
            "it could be recorded after it should have begun",
            field="deadline",
            fix=f"{valid_from} at the latest: the chain lets nothing be replaced in the past",
        )


def _check_predecessor(earlier: AgreementRow | None, parties: Sequence[Party], kind: str, valid_from: int) -> None:
    if earlier is None:
        return
    kinds = kind_named(kind).follows
    if kinds and earlier.kind not in kinds:
        raise RuleError(f"it follows no {earlier.kind}", field="predecessor", fix=f"name one of {', '.join(kinds)}")
    if earlier.sealed_digest is None:
        raise RuleError("it was never sealed", field="predecessor", fix="let the draft lapse, or seal it first")
    if not {one.party_id for one in earlier.signatories} & {party.id for party in parties[:-1]}:
        raise RuleError("it is other people's", field="predecessor", fix="name a document one of the same customers signed")
    if valid_from < earlier.valid_from:
        fix = f"begin at {earlier.valid_from} or after, or name the version of the contract that was in force then"
        raise RuleError("what it follows begins later", field="valid_from", fix=fix)


def _beside(session: Session, frame: Frame, earlier: AgreementRow | None) -> Frame:
    """The frame with the span of the contract it stands beside; it names what it follows, so it cannot be dated before that."""
    if earlier is None:
        return frame
    date = next((parse_canonical(term.value.encode()) for term in earlier.terms if term.path == "document.date"), None)
    if isinstance(date, str) and frame.date().isoformat() < date:
        raise RuleError("dated before the document it follows", field="dated_s", fix=f"date it {date} or later")
    contract = session.get_one(AgreementRow, earlier.family)
    return replace(frame, contract_from=contract.valid_from, contract_until=earlier.valid_to)


def _named(party: Party) -> Named:
    if party.name is None:
        raise RuleError(f"the name of {party.label} was erased", field="party", fix="draft a new party")
    return Named(party.id, party.name)
