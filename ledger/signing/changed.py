"""Documents whose bytes are not those drafted or shown: kept when it is found, so that the utility is told; nobody signs one.

Found when a party opens it or signs; it counts until the document is read whole again, or its draft ends.
"""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementRow
from ledger.errors import RuleError
from ledger.parties.model import Party
from ledger.signing.commands import CHANGED, check_shown, document_shown, present, presentation_of
from ledger.signing.desk import SigningDesk, note
from ledger.signing.model import Presentation, SigningEvent

__all__ = ["changed", "fetch", "is_held", "show"]

WHOLE = ("present", "fetch", "request-code", "confirm-code", "sign")
"""What is done only where the bytes are those that were shown."""


def changed() -> Select[bytes]:
    """Ids of open documents that were found changed since they were drafted or shown, and not whole since."""
    found, since = aliased(SigningEvent), aliased(SigningEvent)
    whole = select(since.id).where(since.agreement_id == found.agreement_id, since.outcome == "done", since.act.in_(WHOLE))
    asked = select(AgreementRow.id).join(found, found.agreement_id == AgreementRow.id)
    asked = asked.where(found.outcome == "refused", found.reason == CHANGED, AgreementRow.sealed_digest.is_(None))
    return asked.where(~whole.where(since.id > found.id).exists(), AgreementRow.id.not_in(select(DraftEnding.agreement_id)))


def show(desk: SigningDesk, agreement: bytes, party: bytes) -> int:
    """Shows a document to a party, by their ids, as `commands.present`; the showing's number. A refusal stands among what was tried.

    Raises:
        RuleError: as `commands.present`.
    """
    with desk.checking("present", agreement=agreement, party=party) as session:
        found = session.get_one(AgreementRow, agreement), session.get_one(Party, party)
        return present(session, desk.store, *found, now_s=desk.clock()).id


def fetch(desk: SigningDesk, showing: int) -> bytes:
    """The exact bytes of a showing, by its number; a refusal stands among what was tried.

    Raises:
        NotFoundError: there is no such showing.
        RuleError: the stored document is not the one that was shown.
    """
    with desk.sessions() as session:
        shown = presentation_of(session, showing)
        agreement, party, known = shown.agreement_id, shown.party_id, _known(session, shown)
    with desk.checking("fetch", agreement=agreement, party=party) as session:
        content = document_shown(session, desk.store, presentation_of(session, showing), now_s=desk.clock())
        if known:
            note(session, "fetch", at_s=desk.clock(), agreement=agreement, party=party)
    return content


def is_held(session: Session, desk: SigningDesk, shown: Presentation) -> bool:
    """Whether an open document is not the one that was shown; that it is so, and that it is whole again, is written down once."""
    known = _known(session, shown)
    wrong: RuleError | None = None
    try:
        check_shown(desk.store, shown)
    except RuleError as refused:
        wrong = refused
    if known != (wrong is not None):
        with desk.sessions.begin() as own:
            note(own, "fetch", at_s=desk.clock(), agreement=shown.agreement_id, party=shown.party_id, refused=wrong)
    return wrong is not None


def _known(session: Session, shown: Presentation) -> bool:
    return session.scalar(changed().where(AgreementRow.id == shown.agreement_id).limit(1)) is not None
