"""Approval by one-time code: the party types a code that is good for this document only, and the utility attests that it did.

The law takes a code alone as another confirmation than a signature; it counts when it is bound to the message, identifies who confirms and
shows the approval. So the code is bound to the digest everybody signs, the evidence object says how it came about, and its SHA-256 is
attested on chain by the utility's key, never as the customer's own.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

from sqlalchemy.orm import Session

from ledger.agreements.commands import REGISTRY, attest_approval, digest_to_attest
from ledger.agreements.drafting import TIME_ZONE
from ledger.agreements.model import AgreementRow
from ledger.agreements.rules import local_date, local_moment
from ledger.errors import RuleError
from ledger.law.entries import law_on
from ledger.messages.rules import masked
from ledger.messages.wording import Wording
from ledger.parties.contacts import is_settled, standing_contact
from ledger.parties.model import Contact, Party
from ledger.protocol.canonical import canonical_json
from ledger.signing.codes import CodeSent, Telling, claim_code, send_code, use_code
from ledger.signing.commands import presentation_of, ready_to_sign, signed_by
from ledger.signing.desk import SigningDesk
from ledger.signing.model import Approval, OneTimeCode, Presentation
from ledger.signing.rules import SHOWN_DIGITS, Binding, evidence_object

__all__ = ["confirm_code", "request_code"]

LAW = "electronic-signature"


def request_code(desk: SigningDesk, presentation_id: int, channel: str) -> CodeSent:
    """Sends the party of a showing a code to sign with.

    Raises:
        RuleError: the party has a key of its own, its contact changed lately, it is not its turn, the draft ended, or the document changed.
        NotFoundError: nothing was shown under that number, or the party has no such contact.
        LimitError: codes were asked for too often.
    """
    agreement, party = _whose(desk, presentation_id)
    with desk.trying("request-code", agreement=agreement, party=party, way=channel) as session:
        shown = presentation_of(session, presentation_id)
        row, message = ready_to_sign(session, desk.store, desk.deployment, shown, now_s=desk.clock())
        check_keyless(session, shown.party)
        check_attests(row, desk)
        contact = standing_contact(session, shown.party, channel)
        check_settled(contact, desk)
        return send_code(session, desk, contact, _binding(shown, message), _telling(row), about=row.id)


def confirm_code(desk: SigningDesk, presentation_id: int, code: str) -> Approval:
    """Takes a code: the party has approved, the utility attests it, the evidence is kept.

    Raises:
        AccessError, RuleError, ConflictError, LimitError, InputError: as `codes.claim_code`; and as `request_code` of a document that
            is not as it was shown. Nothing is signed then.
    """
    agreement, party = _whose(desk, presentation_id)
    with desk.checking("confirm-code", agreement=agreement, party=party, way="otp") as session:
        shown = presentation_of(session, presentation_id)
        binding = _binding(shown, ready_to_sign(session, desk.store, desk.deployment, shown, now_s=desk.clock())[1])
    claimed = claim_code(desk, binding, code, act="confirm-code", agreement=agreement)
    with desk.trying("confirm-code", agreement=agreement, party=party, way="otp") as session:
        shown, now = presentation_of(session, presentation_id), desk.clock()
        row, message = ready_to_sign(session, desk.store, desk.deployment, shown, now_s=now)
        check_keyless(session, shown.party)
        used = use_code(session, claimed, now_s=now)
        check_settled(used.contact, desk)
        content = _evidence(desk, shown, used, message, now)
        evidence = sha256(content).digest()
        attested = desk.utility.sign(digest_to_attest(desk.deployment, row, shown.party, evidence))
        attest_approval(session, desk.deployment, row, shown.party, evidence=evidence, signature=attested)
        return signed_by(session, row, shown.party, "otp", now_s=now, evidence=evidence, evidence_json=content)


def check_keyless(session: Session, party: Party) -> None:
    """Passes when a party has no key of its own, and keeps it so until the transaction ends; the chain attests for none that ever had.

    Raises:
        RuleError: it has, or had.
    """
    session.refresh(party, with_for_update={"key_share": True})
    session.expire(party, ["changes"])
    if party.signer is not None or any(one.intent.state != "failed" for one in party.changes):
        fix = "let it sign with its wallet, passkey or certificate"
        raise RuleError(f"{party.label} signs with a key of its own, not by code", field="party", fix=fix)


def check_attests(row: AgreementRow, desk: SigningDesk) -> None:
    """Passes when this desk's key is the one that stands for the utility of a document.

    Raises:
        RuleError: another one does, so nobody would believe what this desk attests.
    """
    utility = row.signatories[-1].party
    if utility.signing_key() != desk.utility.signer:
        fix = "set SONANG_UTILITY_KEY to the key that stands for the utility"
        raise RuleError(f"{utility.label} signs with another key than this installation has", field="signer", fix=fix)


def check_settled(contact: Contact, desk: SigningDesk) -> None:
    """Passes when codes for signing may go to a contact.

    Raises:
        RuleError: it changed within the cooling-off period and nothing vouches for it; or it ended.
    """
    now, cooling = desk.clock(), desk.terms.cooling_off_s
    if contact.ended_s is not None:
        raise RuleError("the contact was replaced", field="channel", fix="ask for a code to the contact that stands now")
    if not is_settled(contact, now_s=now, cooling_off_s=cooling):
        hours = -(-(contact.since_s + cooling - now) // 3_600)
        fix = f"confirm the change with a code to a contact from before, or at the counter with an identity card, or wait {hours} h"
        raise RuleError(f"this contact was changed less than {cooling // 3_600} h ago", field="channel", fix=fix)


def _evidence(desk: SigningDesk, shown: Presentation, used: OneTimeCode, message: bytes, now: int) -> bytes:
    domain, law = desk.deployment.domain(REGISTRY), law_on(LAW, local_date(now, TIME_ZONE))
    return canonical_json(
        evidence_object(
            shown,
            used,
            digest=message,
            domain=(domain.chain_id, domain.verifying_contract),
            masked=masked(used.contact.address),
            confirmed_s=now,
            nonce=secrets.token_bytes(32),
            law=(law.reference_vi, law.reference_en),
        )
    )


def _whose(desk: SigningDesk, presentation_id: int) -> tuple[bytes, bytes]:
    with desk.sessions() as session:
        shown = presentation_of(session, presentation_id)
        return shown.agreement_id, shown.party_id


def _binding(shown: Presentation, message: bytes) -> Binding:
    return Binding("approve", shown.party_id, message, shown.lookup_code, shown.role, shown.id)


def _telling(row: AgreementRow) -> Telling:
    begins, lookup = row.base_digest.hex()[:SHOWN_DIGITS], row.lookup_code

    def words(code: str, expires_s: int) -> Wording:
        until = f"{local_moment(expires_s, TIME_ZONE):%H:%M}"
        return Wording(
            subject_vi=f"Mã ký văn bản {lookup}",
            subject_en=f"Code to sign {lookup}",
            text_vi=f"Mã ký của bạn: {code}\nVăn bản có mã tra cứu {lookup}, SHA-256 bắt đầu bằng {begins}. Hiệu lực đến {until}.\n"
            "Chỉ nhập mã nếu trang ký hiện đúng mã tra cứu và các ký tự này. Không đưa mã cho ai, kể cả nhân viên điện lực.",
            text_en=f"Your signing code: {code}\nThe document has look-up code {lookup}, its SHA-256 begins {begins}. Good until {until}.\n"
            "Type it only where the page shows this look-up code and these characters. Give it to nobody, staff included.",
            short=f"So Nang: {code} la ma ky van ban {lookup}, SHA-256 {begins}, den {until}. "
            "Khong dua cho ai. Signing code, give it to nobody.",
        )

    return words
