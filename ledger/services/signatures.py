"""How far the documents of a request are: whose signature is next, what was declined, what the chain has; and dropping them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from ledger.agreements.commands import log_document_event
from ledger.agreements.drafts import DraftEnding
from ledger.agreements.kinds import termination_minutes
from ledger.agreements.kinds.purposes import SUPPLIES
from ledger.agreements.model import AgreementAct, AgreementRow, Signatory
from ledger.agreements.refused import Refused, off_chain, record_refused, refused, refused_of
from ledger.errors import RuleError
from ledger.parties.model import Party
from ledger.services.acting import Turn
from ledger.services.annexes import terms_of
from ledger.services.catalogue import catalogue
from ledger.services.following import is_over
from ledger.services.model import Request, RequestDocument
from ledger.signing.changed import changed
from ledger.signing.commands import decline
from ledger.signing.model import Approval
from ledger.signing.reaching import Unreached, unreached

__all__ = [
    "HOW",
    "Signing",
    "customer_signed_s",
    "customers_words",
    "drop_documents",
    "held_back",
    "over_words",
    "reasons_of",
    "restless",
    "sealed_documents",
    "signing_of",
]

Paper = Literal["unsigned", "ended", "sealed", "refused", "recorded", "dropped"]
GIVEN_BACK = ("chuỗi không ghi nhận", "the chain refused it")
HOW = {"declined": ("bị từ chối ký", "it was declined"), "expired": ("quá hạn ký", "its time to sign is over")}
SWAPPED = ("tệp đã khác lúc trình ký: khôi phục từ bản sao lưu", "its file changed since it was shown: restore it from the backup")
NO_LINK = ("chưa gửi được đường dẫn ký", "no link to sign could be sent")
GO_BACK = (
    "quay lại bước lập hồ sơ (chọn việc “quay lại bước trước”, hoặc lệnh `sonang service act … go-back`)",
    "go back to the step that drafted it (choose “go back to a step”, or the command `sonang service act … go-back`)",
)
"""What the desk is to do, by the names the act has on the request's page and on the command line."""


@dataclass(frozen=True)
class Signing:
    """How far the documents of a request that count are.

    Attributes:
        open: those that are not sealed yet, or sealed and not on chain yet.
        ended: those of them that a party declined or whose deadline passed: the step that drafted them has to be done again.
        waits_for: whose signature is next on any other: a customer's while one is missing, then the utility's, which signs all of them
            together (`held_back`); None when only sealing and recording are left.
        refused: those of them whose record the chain refused, with the reason and what to do.
        unreached: of those a customer has to sign next, whom no link reaches. `changed`: those whose bytes are not what was shown.
    """

    open: tuple[AgreementRow, ...]
    ended: tuple[DraftEnding, ...]
    waits_for: str | None
    refused: tuple[Refused, ...] = ()
    unreached: tuple[Unreached, ...] = ()
    changed: tuple[AgreementRow, ...] = ()

    @property
    def over(self) -> tuple[str, ...]:
        """How what needs the desk's hand came to that: declined, expired, refused; empty where nothing does."""
        return tuple(sorted({*(one.how for one in self.ended), *("refused" for _ in self.refused)}))

    def paper(self, document: RequestDocument) -> Paper:
        """How one of the documents stands."""
        row = document.agreement
        if document.dropped or row not in self.open:
            return "dropped" if document.dropped else "recorded"
        if any(one.agreement.id == row.id for one in self.refused):
            return "refused"
        if any(one.agreement_id == row.id for one in self.ended):
            return "ended"
        return "unsigned" if row.sealed_digest is None else "sealed"


def signing_of(session: Session, request: Request) -> Signing:
    """How far they are."""
    counted = [one.agreement for one in request.documents if not one.dropped]
    waiting = set(session.scalars(off_chain().where(AgreementAct.agreement_id.in_([row.id for row in counted]))))
    left = tuple(row for row in counted if row.sealed_digest is None or row.id in waiting)
    ended = tuple(session.scalars(select(DraftEnding).where(DraftEnding.agreement_id.in_([row.id for row in left]))))
    stuck = tuple(one for one in refused(session, list(waiting)) if one.act == "record") if waiting else ()
    over = {one.agreement_id for one in ended}
    unsigned = {place.party.role for row in left if row.id not in over for place in row.signatories if place.signature is None}
    turn = "utility" if ended or stuck or unsigned == {"utility"} else "customer" if unsigned else None
    nobody = tuple(found for row in left if row.id not in over and (found := _unreached(session, row)) is not None)
    odd = set(session.scalars(changed().where(AgreementRow.id.in_([row.id for row in left])))) if left else set()
    return Signing(left, ended, turn, stuck, nobody, tuple(row for row in left if row.id in odd))


def _unreached(session: Session, row: AgreementRow) -> Unreached | None:
    party = next((place.party for place in row.signatories if place.signature is None), None)
    return None if party is None or party.role == "utility" else unreached(session, row, party)


def over_words(signing: Signing) -> list[str]:
    """What needs the desk's hand, a line each: which document, why, and what to do."""
    codes = {row.id: row.code or row.kind for row in signing.open}
    known = {one.agreement.id for one in signing.refused}
    lines = [
        f"{codes[one.agreement.id]}: {GIVEN_BACK[0]}, {one.why[0]}; {_fix(one)[0]} · {GIVEN_BACK[1]}, {one.why[1]}; {_fix(one)[1]}"
        for one in signing.refused
    ]
    for ended in signing.ended:
        if ended.agreement_id not in known:
            vi, en = HOW[ended.how]
            lines.append(f"{codes[ended.agreement_id]}: {vi}; {GO_BACK[0]} · {en}; {GO_BACK[1]}")
    lines += [f"{codes[row.id]}: {SWAPPED[0]} · {SWAPPED[1]}" for row in signing.changed]
    return lines + [_unreached_words(one) for one in signing.unreached]


def customers_words(signing: Signing) -> list[str]:
    """The same for the customer: which document and why, without what staff are to do."""
    refused = {one.agreement.id for one in signing.refused}
    codes = {row.id: row.code or row.kind for row in signing.open}
    told = [f"{codes[one]}: {GIVEN_BACK[0]} · {GIVEN_BACK[1]}" for one in refused]
    return told + [f"{codes[one.agreement_id]}: {' · '.join(HOW[one.how])}" for one in signing.ended if one.agreement_id not in refused]


def reasons_of(signing: Signing) -> list[str]:
    """Why documents were declined, in the words of who did, which every party sees: personal data, for pages and not for reminders."""
    codes = {row.id: row.code or row.kind for row in signing.open}
    return [f"{codes[one.agreement_id]}: {one.reason}" for one in signing.ended if one.how == "declined" and one.reason]


def _unreached_words(one: Unreached) -> str:
    code, command = one.agreement.lookup_code, "sonang signing"
    lost = f" ({one.channel}: {(one.reason or '').removeprefix(f'{one.channel}: ')})" if one.channel else ""
    vi, en = (f"đường dẫn ký không đến được{lost}", f"the link to sign did not arrive{lost}") if lost else NO_LINK
    if one.next is None:
        what = f"{command} contact … --staff …"
        return f"{code}: {vi}; ghi liên hệ khác của khách hàng ({what}) · {en}; record another contact of the customer ({what})"
    if one.cools_off:
        what = f"{command} vouch … {one.next.id} --staff …"
        vi, en = f"{vi}; liên hệ mới đang chờ đủ thời gian", f"{en}; the changed contact cools off"
        return f"{code}: {vi}, hoặc xác nhận tại quầy ({what}) · {en}, or vouch for it at the counter ({what})"
    what = f"{command} link {code} … {one.next.channel}"
    return f"{code}: {vi}; gửi lại qua liên hệ khác ({what}) · {en}; it goes to another contact ({what})"


def _fix(one: Refused) -> tuple[str, str]:
    if not one.may_go_again:
        return GO_BACK if one.ended or one.late else one.fix
    return f"{one.fix[0]}, hoặc {GO_BACK[0]}", f"{one.fix[1]}, or {GO_BACK[1]}"


def held_back() -> Select[bytes]:
    """Ids of documents of requests that the utility does not sign yet: what is signed at one step stands or falls together.

    Until every customer has signed all of it, and while a part of it has come to nothing, nothing of it is sealed, so the request can still
    go back, be rejected or be withdrawn; the former holder's minutes wait for the new holder so.
    """
    theirs, other, made = aliased(RequestDocument), aliased(RequestDocument), aliased(AgreementRow)
    unsigned = select(Signatory.place).join(Party, Party.id == Signatory.party_id)
    unsigned = unsigned.where(Signatory.agreement_id == made.id, Signatory.signature.is_(None), Party.role != "utility")
    lacks = and_(made.sealed_digest.is_(None), or_(unsigned.exists(), made.id.in_(select(DraftEnding.agreement_id))))
    part = select(other.agreement_id).join(made, made.id == other.agreement_id)
    part = part.where(other.request_id == Request.id, ~other.dropped, or_(lacks, made.id.in_(record_refused())))
    waits = Request.step.is_not(None), or_(Request.step.not_in(_signing_steps()), part.exists())
    return select(theirs.agreement_id).join(Request, Request.id == theirs.request_id).where(~theirs.dropped, *waits)


def _signing_steps() -> set[str]:
    """Codes of steps that wait for signatures."""
    return {step.code for service in catalogue() for step in service.steps if step.does == "sign"}


def restless(session: Session) -> list[bytes]:
    """Requests whose documents are further than they are: on chain, declined, refused, or in the other side's hands; asked once for all."""
    unsigned = select(Signatory.agreement_id, func.min(Signatory.place).label("place")).where(Signatory.signature.is_(None))
    turn = unsigned.group_by(Signatory.agreement_id).subquery()
    next_role = (
        select(turn.c.agreement_id, Party.role)
        .join(Signatory, and_(Signatory.agreement_id == turn.c.agreement_id, Signatory.place == turn.c.place))
        .join(Party, Party.id == Signatory.party_id)
        .subquery()
    )
    left = and_(RequestDocument.request_id == Request.id, ~RequestDocument.dropped)
    on_its_way = or_(AgreementRow.sealed_digest.is_(None), AgreementRow.id.in_(off_chain()))
    given_back = AgreementRow.id.in_(record_refused())
    asked = (
        select(Request.id, Request.paused_s, AgreementRow.id, next_role.c.role, or_(DraftEnding.how.is_not(None), given_back))
        .outerjoin(RequestDocument, left)
        .outerjoin(AgreementRow, and_(AgreementRow.id == RequestDocument.agreement_id, on_its_way))
        .outerjoin(next_role, next_role.c.agreement_id == AgreementRow.id)
        .outerjoin(DraftEnding, DraftEnding.agreement_id == AgreementRow.id)
        .where(Request.state == "open", Request.step.in_(_signing_steps()))
        .order_by(Request.number)
    )
    found: dict[bytes, tuple[bool, set[str | None]]] = {}
    for request, paused_s, agreement, role, over in session.execute(asked):
        held = found.setdefault(request, (paused_s is not None, set()))
        if agreement is not None:
            held[1].add("ended" if over else role if role in ("utility", None) else "customer")
    return [request for request, (paused, hands) in found.items() if _moves(paused, hands)]


def _moves(paused: bool, hands: set[str | None]) -> bool:
    """Whether anything follows from whose hands the open documents are in: nobody's any more, declined, or not whose the clock says."""
    return not hands or "ended" in hands or paused != ("customer" in hands)


def customer_signed_s(session: Session, request: Request) -> int | None:
    """When a customer last signed one of the documents that count, as far as it was signed here; Unix seconds."""
    rows = [one.agreement for one in request.documents if not one.dropped]
    parties = {place.party_id for row in rows for place in row.signatories if place.party.role != "utility"}
    signed = select(func.max(Approval.signed_s))
    return session.scalar(signed.where(Approval.agreement_id.in_([row.id for row in rows]), Approval.party_id.in_(parties)))


def drop_documents(turn: Turn, since: str, reason: str, *, ending: bool = False) -> None:
    """Ends the open documents of a step and of those after it: nobody signs them any more, and they no longer count.

    Of one whose record the chain refused the log says that it was revoked: a file of it may be in somebody's hands. What was to be signed
    with it and is on chain stays, and is not drafted again.

    Args:
        ending: the request ends: minutes of a change of holder that does not come about are called off (`ledger.signing.winding_up`).

    Raises:
        RuleError: one of them is signed by both sides, and on chain or on its way there: only an agreement ends it.
    """
    order = [step.code for step in turn.service.steps]
    stays = _beside_what_came_to_nothing(turn, order.index(since))
    for document in turn.request.documents:
        if document.dropped or order.index(document.step) < order.index(since):
            continue
        row = document.agreement
        if row.sealed_digest is not None:
            found = refused_of(turn.session, row.id)
            if found is not None and found.act == "record" and found.intent.nonce is None:
                _give_up(turn, row, reason)
                document.dropped = True
                continue
            if ending and (_of_a_change_of_holder(row) or _ended_contract(turn.session, row)):
                document.dropped = True
                continue
            if stays:
                continue
            raise RuleError(
                f"a document of {document.step} is sealed",
                field="step",
                fix="go on with it, or end it by a termination: what both sides signed is not dropped",
            )
        if turn.session.get(DraftEnding, row.id) is None:
            decline(turn.session, row, row.signatories[-1].party, reason=reason, now_s=turn.at)
        document.dropped = True


def _beside_what_came_to_nothing(turn: Turn, since: int) -> bool:
    """Whether a document drafted from a step on, for the signatures the request stands at, was declined, lapsed or was refused."""
    order = [step.code for step in turn.service.steps]
    earlier = turn.service.steps[since : order.index(turn.step.code)]
    here = turn.step.does == "sign" and all(step.does != "sign" for step in earlier)
    return here and bool(signing_of(turn.session, turn.request).over)


def _give_up(turn: Turn, row: AgreementRow, reason: str) -> None:
    """Writes down the end of a document the chain refused, in the utility's name, unless it lapsed: it is never recorded any more."""
    if turn.session.get(DraftEnding, row.id) is None:
        utility = row.signatories[-1].party_id
        turn.session.add(DraftEnding(agreement_id=row.id, how="declined", party_id=utility, reason=reason, at_s=turn.at))
        turn.session.flush()
        log_document_event(turn.session, row, "revoked")


def sealed_documents(session: Session, request: Request) -> bool:
    """Whether anything both sides signed came of it that binds: the chain did not refuse it, and it is more than a contract that was ended
    since, or the minutes of a change of holder whose new contract nobody sealed.
    """
    sealed = {one.agreement_id: one.agreement for one in request.documents if not one.dropped and one.agreement.sealed_digest is not None}
    given_back = set(session.scalars(record_refused().where(AgreementAct.agreement_id.in_(sealed))))
    binding = (row for one, row in sealed.items() if one not in given_back and not _of_a_change_of_holder(row))
    return any(not _ended_contract(session, row) for row in binding)


def _ended_contract(session: Session, row: AgreementRow) -> bool:
    return row.kind in SUPPLIES and is_over(session, row)


def _of_a_change_of_holder(row: AgreementRow) -> bool:
    return row.kind == termination_minutes.NAME and terms_of(row).get("termination.reason") == "holder-change"
