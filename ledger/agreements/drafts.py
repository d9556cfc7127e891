"""How a draft ends without the chain ever recording it: a party declined, or its deadline passed. Nobody signs it, nothing records it."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ledger.db import Base, Bytes32, UtcSeconds
from ledger.errors import InputError, RuleError

Ending = Literal["declined", "expired"]
ENDINGS: tuple[str, ...] = get_args(Ending)
REASON_LIMIT = 500
"""How many characters say why: why somebody declines a document, and why something was done about a request, which may end documents."""


class DraftEnding(Base):
    """The end of a draft, for everybody named in it; a sealed document has one when the chain refused its record and it was given up.

    Attributes:
        how: declined or expired.
        party_id, reason: who declined and why, in their words (personal data, None once erased); None when it expired.
        at_s: when, Unix seconds.
    """

    __tablename__ = "draft_ending"
    __table_args__ = (
        CheckConstraint(f"how IN ({', '.join(repr(how) for how in ENDINGS)})", "how_is_known"),
        CheckConstraint("(how = 'declined') = (party_id IS NOT NULL)", "somebody_declines"),
    )

    agreement_id: Mapped[Bytes32] = mapped_column(ForeignKey("agreement.id"), primary_key=True)
    how: Mapped[str] = mapped_column(Text)
    party_id: Mapped[bytes | None] = mapped_column(ForeignKey("party.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    at_s: Mapped[UtcSeconds]


def check_open(session: Session, agreement: bytes) -> None:
    """Passes while a draft, by its id, has not ended.

    Raises:
        RuleError: it was declined, or its deadline passed.
    """
    ending = session.get(DraftEnding, agreement)
    if ending is not None:
        problem = "a party declined it" if ending.how == "declined" else "its deadline has passed"
        raise RuleError(f"{problem}, so nobody signs it any more", field="agreement", fix="draft a new agreement")


def reason_kept(text: str | None, field: str = "reason") -> str:
    """A reason as it is kept: one line, every gap one blank.

    Raises:
        InputError: there is none, it is longer than `REASON_LIMIT`, or cannot be printed.
    """
    found = " ".join((text or "").split())
    if not 0 < len(found) <= REASON_LIMIT or not found.isprintable():
        raise InputError("no reason, or a very long one", field=field, fix=f"say why in 1 to {REASON_LIMIT} characters")
    return found
