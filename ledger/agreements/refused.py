"""What the chain refused of documents, in words, with what can be done; and which documents it has not recorded yet.

The chain's answer is the outbox's: the intent of an act on a document says how far it is. A document whose record was refused binds nobody
on chain, whatever was signed: it is put again (`ledger.signing.again`), or its end is written down and another one is drafted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from ledger.agreements.drafts import DraftEnding
from ledger.agreements.model import AgreementAct, AgreementRow
from ledger.chain.clock import chain_clock
from ledger.chain.model import ChainEvent, OutboxIntent
from ledger.errors import RuleError
from ledger.protocol.quantities import hex0x

__all__ = ["DRAFT_ANEW", "LATE", "Refused", "check_in_time", "off_chain", "record_refused", "refused", "refused_of"]

OFF_CHAIN: Final = ("queued", "sent", "failed")
LATE: Final = "DeadlinePassed"
"""The contracts' word for a signature that came after its deadline."""
SHOWN_S: Final = 30 * 86_400
"""How long a document that lapsed because the chain refused it is still listed."""
WHY: Final[Mapping[str, tuple[str, str]]] = {
    LATE: ("đến chuỗi sau hạn ghi", "it reached the chain after its deadline"),
    "AgreementNotOpen": ("văn bản mà nó thay thế hoặc chấm dứt không còn mở trên chuỗi", "what it replaces or ends is not open on chain"),
    "SuccessorTooEarly": ("bắt đầu sớm hơn mức chuỗi cho phép", "it begins earlier than the chain lets a document be replaced"),
    "OtherParties": ("các bên khác với văn bản mà nó thay thế", "its parties are not those of what it replaces"),
    "PartySignsItself": ("bên ký bằng mã nay có khoá riêng", "a party that approved by code has a key of its own"),
    "InvalidSignature": ("trên chuỗi, khoá ký không đại diện cho bên ký", "on chain a signing key does not stand for its party"),
}
"""Refusals in words, by the contract's name for them."""
OTHERWISE: Final = ("chuỗi không nhận", "the chain did not take it")
AGAIN: Final = ("sửa nguyên nhân rồi gửi lại: sonang signing again", "put right what is wrong, then: sonang signing again")
DRAFT_ANEW: Final = ("lập văn bản mới", "draft a new document")
WAIT: Final = ("chờ giao dịch hỏng đủ số khối xác nhận", "wait until the failed transaction is final")


@dataclass(frozen=True)
class Refused:
    """One act on a document that the chain refused.

    Attributes:
        act: record or terminate.
        ended: whether the document's end is written down: it lapsed, and another one has to be drafted.
        late: whether its deadline is over, so that the chain will never take it.
    """

    agreement: AgreementRow
    act: str
    intent: OutboxIntent
    ended: bool
    late: bool

    @property
    def may_go_again(self) -> bool:
        """Whether it can be put again: nothing of the failed try may still be mined, and the chain may take it."""
        return self.intent.nonce is None and not self.ended and not (self.late and self.act == "record")

    @property
    def error(self) -> str:
        """The chain's own words."""
        return self.intent.error or ""

    @property
    def why(self) -> tuple[str, str]:
        """Why, in Vietnamese and English."""
        return next((words for name, words in WHY.items() if f"{name}(" in self.error), OTHERWISE)

    @property
    def fix(self) -> tuple[str, str]:
        """What to do, in Vietnamese and English."""
        if self.may_go_again:
            return AGAIN[0] + f" {self.agreement.lookup_code}", AGAIN[1] + f" {self.agreement.lookup_code}"
        return DRAFT_ANEW if self.ended or self.late else WAIT

    @property
    def words(self) -> str:
        """That the chain refused it and why, in both languages; nothing only staff can do."""
        return f"chuỗi không ghi nhận, {self.why[0]} · the chain refused it, {self.why[1]}"

    @property
    def line(self) -> str:
        """Everything in one line for logs and errors, in English."""
        return f"{self.agreement.lookup_code} ({self.act}): {self.why[1]} – {self.fix[1]}"


def refused(session: Session, agreements: Collection[bytes] | None = None) -> Sequence[Refused]:
    """What the chain refused and nobody has dropped, the oldest first; of some documents, by their ids, or of all.

    Left out is the end of what ended on chain otherwise, and what lapsed long ago.
    """
    clock, over = chain_clock(session), ChainEvent.event.in_(("AgreementTerminated", "AgreementRevoked"))
    ended_on_chain = select(ChainEvent.args["id"].astext).where(ChainEvent.contract == "AgreementRegistry", over)
    asked = (
        select(AgreementAct, OutboxIntent, AgreementRow, DraftEnding)
        .join(AgreementAct.intent)
        .join(AgreementAct.agreement)
        .outerjoin(DraftEnding, DraftEnding.agreement_id == AgreementRow.id)
        .where(OutboxIntent.state == "failed")
        .order_by(OutboxIntent.id)
        .execution_options(populate_existing=True)
    )
    if agreements is not None:
        asked = asked.where(AgreementRow.id.in_(agreements))
    else:
        asked = asked.where(or_(DraftEnding.how.is_(None), and_(DraftEnding.how == "expired", DraftEnding.at_s > clock - SHOWN_S)))
    found = [(act, intent, row, ending) for act, intent, row, ending in session.execute(asked)]
    gone = {hex0x(row.id) for act, _, row, _ in found if act.act == "terminate"}
    gone &= set(session.scalars(ended_on_chain.where(ChainEvent.args["id"].astext.in_(gone)))) if gone else set()
    return [
        Refused(row, act.act, intent, ending is not None, _late(act, row, intent, clock))
        for act, intent, row, ending in found
        if act.act == "record" or hex0x(row.id) not in gone
    ]


def refused_of(session: Session, agreement: bytes) -> Refused | None:
    """What the chain refused of a document, by its id: its record before its end; None when nothing."""
    return next(iter(sorted(refused(session, [agreement]), key=lambda one: one.act)), None)


def record_refused() -> Select[bytes]:
    """Ids of documents whose record the chain refused: they take nobody's place, and nothing follows them."""
    return select(AgreementAct.agreement_id).join(AgreementAct.intent).where(AgreementAct.act == "record", OutboxIntent.state == "failed")


def off_chain() -> Select[bytes]:
    """Ids of documents whose record was asked for and is not in a block: under way, or refused."""
    recorded = AgreementAct.act == "record", OutboxIntent.state.in_(OFF_CHAIN)
    return select(AgreementAct.agreement_id).join(AgreementAct.intent).where(*recorded)


def check_in_time(session: Session, deadline: int) -> None:
    """Passes while the chain, by its own clock as far as it was heard, would take what must reach it by a deadline.

    Raises:
        RuleError: it would not.
    """
    clock = chain_clock(session)
    if clock > deadline:
        problem = f"its deadline, {deadline}, has passed by the chain's clock, {clock}"
        raise RuleError(problem, field="deadline", fix="draft a new agreement with a later deadline")


def _late(act: AgreementAct, row: AgreementRow, intent: OutboxIntent, clock: int) -> bool:
    deadline = row.deadline if act.deadline is None else act.deadline
    return clock > deadline or f"{LATE}(" in (intent.error or "")
