"""Showing a document, declining it, letting it lapse; and what every way of signing asks first: is it what was shown, may it be signed?

Verbs take a session and never commit; the ways of signing, which must keep what they refuse, are in files of their own and take a desk.
"""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.commands import digest_to_sign, log_document_event, term_leaves_of
from ledger.agreements.drafts import DraftEnding, check_open, reason_kept
from ledger.agreements.kinds import kind_named
from ledger.agreements.model import AgreementAct, AgreementRow, Signatory
from ledger.agreements.refused import LATE, record_refused
from ledger.agreements.rules import terms_root
from ledger.agreements.sealed import read_sealed
from ledger.agreements.store import DocumentStore
from ledger.chain.clock import chain_clock
from ledger.chain.deployment import Deployment
from ledger.chain.model import OutboxIntent
from ledger.errors import ConflictError, NotFoundError, ProtocolError, RuleError
from ledger.parties.model import Party
from ledger.protocol.typed_data import hash_struct
from ledger.signing.desk import note, wall_clock
from ledger.signing.model import Approval, Presentation, Way

__all__ = [
    "CHANGED",
    "check_shown",
    "decline",
    "document_shown",
    "expire_due",
    "lock_draft",
    "present",
    "presentation_of",
    "ready_to_sign",
    "signed_by",
]

CHANGED = "the document was changed since it was shown"


def present(session: Session, store: DocumentStore, agreement: AgreementRow, party: Party, *, now_s: int | None = None) -> Presentation:
    """Pins what a party is shown: length, SHA-256 and look-up code of the bytes, and the struct it would sign. Again, the first one stays.

    Raises:
        RuleError: not a party to it, the draft has ended, or the stored document is not the one that was drafted.
    """
    row = lock_draft(session, agreement.id)
    place = _place_of(row, party)
    _check_bytes(store, row)
    shown_before = Presentation.agreement_id == row.id, Presentation.party_id == party.id
    known = session.scalars(select(Presentation).where(*shown_before)).one_or_none()
    if known is not None:
        _check_pinned(row, known)
        return known
    now = wall_clock() if now_s is None else now_s
    shown = Presentation(
        agreement=row,
        party=party,
        place=place.place,
        role=kind_named(row.kind).roles(len(row.signatories))[place.place],
        base_length=row.base_length,
        base_digest=row.base_digest,
        lookup_code=row.lookup_code,
        struct_hash=hash_struct(row.typed()),
        presented_s=now,
    )
    session.add(shown)
    note(session, "present", at_s=now, agreement=row.id, party=party.id)
    return shown


def document_shown(session: Session, store: DocumentStore, presentation: Presentation, *, now_s: int | None = None) -> bytes:
    """The exact bytes of a showing; the first time they are handed out is kept.

    Raises:
        RuleError: the stored document is not the one that was shown.
    """
    base = _base(store, presentation.agreement_id, presentation.base_length, presentation.base_digest)
    if presentation.fetched_s is None:
        presentation.fetched_s = wall_clock() if now_s is None else now_s
        session.flush()
    return base


def check_shown(store: DocumentStore, presentation: Presentation) -> None:
    """Passes where an open document is what was shown, its row and its stored bytes.

    Raises:
        RuleError: it is not.
    """
    _check_pinned(presentation.agreement, presentation)
    _check_bytes(store, presentation.agreement)


def presentation_of(session: Session, presentation_id: int) -> Presentation:
    """A showing by its number.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Presentation, presentation_id)
    if found is None:
        raise NotFoundError(f"nothing was shown under {presentation_id}", field="presentation", fix="show the document to the party first")
    return found


def lock_draft(session: Session, agreement_id: bytes) -> AgreementRow:
    """An agreement that is still open, its row locked and read anew: of two requests that sign at once, the second waits here.

    The lock leaves the key alone: who only names the agreement, such as a note of a refusal, does not wait, so nobody waits for the other.

    Raises:
        NotFoundError: there is none.
        RuleError: it was declined or has expired.
    """
    asked = select(AgreementRow).where(AgreementRow.id == agreement_id).with_for_update(key_share=True)
    row = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFoundError("no such agreement", field="agreement", fix="give the id of an agreement of this installation")
    session.expire(row, ["signatories"])
    check_open(session, agreement_id)
    return row


def ready_to_sign(
    session: Session, store: DocumentStore, deployment: Deployment, presentation: Presentation, *, now_s: int
) -> tuple[AgreementRow, bytes]:
    """The locked agreement and the EIP-712 digest a party signs, when everything is as it was shown and it is the party's turn.

    Raises:
        RuleError: the draft ended or its deadline passed, here or by the chain's clock; a byte or a term changed since it was shown; or it
            is another's turn.
        ConflictError: the party has signed.
    """
    row = lock_draft(session, presentation.agreement_id)
    if max(now_s, chain_clock(session)) > row.deadline:
        raise RuleError("its deadline has passed", field="deadline", fix="draft a new agreement")
    place = _place_of(row, presentation.party)
    if place.signature is not None:
        raise ConflictError(
            f"{presentation.party.label} has signed", field="party", fix="nothing is left to do; see how far the others are"
        )
    if any(one.signature is None for one in row.signatories[: place.place]):
        problem = f"it is not the turn of {presentation.party.label}"
        raise RuleError(problem, field="party", fix="let the parties named before it sign first")
    _check_pinned(row, presentation)
    _check_bytes(store, row)
    if terms_root(term_leaves_of(row)) != row.terms_root:
        raise RuleError("its terms were changed since it was drafted", field="terms", fix="restore the database, or draft a new agreement")
    return row, digest_to_sign(deployment, row)


def signed_by(session: Session, row: AgreementRow, party: Party, way: Way, *, now_s: int, **details: object) -> Approval:
    """Keeps how a party signed."""
    approval = Approval(agreement_id=row.id, party_id=party.id, way=way, signed_s=now_s, **details)
    session.add(approval)
    session.flush()
    return approval


def decline(session: Session, agreement: AgreementRow, party: Party, *, reason: str, now_s: int | None = None) -> DraftEnding:
    """A party does not want the document: the draft ends for everybody. What was signed on it so far stays as it is and counts for nothing.

    Raises:
        InputError: no reason, or a long one.
        RuleError: not a party to it, it has ended, or the party has signed.
    """
    reason = reason_kept(reason)
    row = lock_draft(session, agreement.id)
    if _place_of(row, party).signature is not None:
        raise RuleError(f"{party.label} has signed", field="party", fix="what is signed is ended by a termination, not by declining")
    now = wall_clock() if now_s is None else now_s
    ending = DraftEnding(agreement_id=row.id, how="declined", party_id=party.id, reason=reason, at_s=now)
    session.add(ending)
    note(session, "decline", at_s=now, agreement=row.id, party=party.id)
    return ending


def expire_due(session: Session, *, now_s: int | None = None, limit: int = 1_000) -> list[AgreementRow]:
    """Ends unsealed drafts whose deadline has passed, here or by the chain's clock, and sealed documents whose record the chain refused for
    that; returns them. Rows another process holds wait for the next time.

    Of a sealed one the log says that it was revoked: a file of it may be in somebody's hands.
    """
    now = wall_clock() if now_s is None else now_s
    seen = chain_clock(session)
    refused = record_refused().where(
        OutboxIntent.nonce.is_(None), or_(OutboxIntent.error.contains(f"{LATE}("), AgreementRow.deadline < seen)
    )
    unsealed = and_(AgreementRow.sealed_digest.is_(None), AgreementRow.deadline < max(now, seen))
    late = or_(unsealed, AgreementRow.id.in_(refused.where(AgreementAct.agreement_id == AgreementRow.id)))
    order = select(AgreementRow).where(late, AgreementRow.id.not_in(select(DraftEnding.agreement_id)))
    order = order.order_by(AgreementRow.deadline, AgreementRow.id).limit(limit)
    rows = list(session.scalars(order.with_for_update(skip_locked=True, key_share=True)))
    for row in rows:
        session.add(DraftEnding(agreement_id=row.id, how="expired", at_s=now))
        note(session, "expire", at_s=now, agreement=row.id)
        if row.sealed_digest is not None:
            log_document_event(session, row, "revoked")
    session.flush()
    return rows


def _place_of(row: AgreementRow, party: Party) -> Signatory:
    place = next((one for one in row.signatories if one.party_id == party.id), None)
    if place is None:
        raise RuleError(f"{party.label} is not a party to this agreement", field="party", fix="only its parties sign it")
    return place


def _check_pinned(row: AgreementRow, shown: Presentation) -> None:
    now = (row.base_length, row.base_digest, row.lookup_code, hash_struct(row.typed()))
    if now != (shown.base_length, shown.base_digest, shown.lookup_code, shown.struct_hash):
        raise _changed("agreement")


def _check_bytes(store: DocumentStore, row: AgreementRow) -> None:
    if row.sealed_digest is not None:
        raise ConflictError("it is signed by everybody and sealed", field="agreement", fix="nothing is left to sign")
    stored = store.read(row.id)
    if stored != _base(store, row.id, row.base_length, row.base_digest) and not _sealed_before(stored, row):
        raise _changed("document")


def _sealed_before(stored: bytes, row: AgreementRow) -> bool:
    """Whether a file is this very document sealed, by a program that was stopped before it could say so; it is sealed again then."""
    try:
        return read_sealed(stored).content.agreement == row.typed()
    except ProtocolError:
        return False


def _base(store: DocumentStore, agreement: bytes, length: int, wanted: bytes) -> bytes:
    base = store.read(agreement)[:length]
    if len(base) != length or sha256(base).digest() != wanted:
        raise _changed("document")
    return base


def _changed(field: str) -> RuleError:
    fix = "nothing was signed; restore the document from its backup, or draft a new agreement"
    return RuleError(CHANGED, field=field, fix=fix)
