"""Signing, sealing, recording, replacing and ending agreements. Signatures are verified before anything is queued."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy.orm import Session

from ledger.agreements import rules
from ledger.agreements.drafts import check_open
from ledger.agreements.model import AgreementAct, AgreementRow, Signatory
from ledger.agreements.refused import check_in_time
from ledger.agreements.sealed import SealedContent, seal
from ledger.agreements.store import DocumentStore
from ledger.chain.calls import Calls
from ledger.chain.deployment import Deployment
from ledger.chain.gateway import Gateway, Receipt
from ledger.chain.model import OutboxIntent
from ledger.chain.outbox import enqueue
from ledger.errors import ConflictError, InputError, RuleError
from ledger.parties.model import Party
from ledger.protocol.leaves import TermLeaf
from ledger.protocol.quantities import check_bytes32, check_time, hex0x
from ledger.protocol.signers import verify
from ledger.protocol.typed_data import AttestedApproval, Termination, digest, hash_struct
from ledger.transparency.commands import log_event
from ledger.transparency.queries import is_logged
from ledger.transparency.rules import Event

REGISTRY = "AgreementRegistry"
REVOKED = 4
"""Status of a revoked agreement on chain."""


def digest_to_sign(deployment: Deployment, agreement: AgreementRow) -> bytes:
    """The EIP-712 digest every party signs, in the AgreementRegistry's domain."""
    return digest(deployment.domain(REGISTRY), agreement.typed())


def sign_agreement(
    session: Session, deployment: Deployment, agreement: AgreementRow, party: Party, *, signature: bytes, accepted: bool = False
) -> None:
    """Keeps a party's signature by its present signer. The owner signs first, the utility last: its signature closes the document.

    Args:
        accepted: the signer's own contract has accepted the signature (ERC-1271), which nobody can see without its chain.

    Raises:
        ProtocolError: the signature does not hold.
        RuleError: not a party, not its turn, the draft ended, or a party without a key of its own.
        ConflictError: it signed before, otherwise.
    """
    place = _turn_of(agreement, party, signature, None)
    if place is None:
        return
    check_open(session, agreement.id)
    signer = party.signing_key()
    if not accepted:
        verify(signer, digest_to_sign(deployment, agreement), signature, deployment.verifiers)
    place.signer, place.signature = signer, signature
    session.flush()


def attestation_of(agreement: AgreementRow, party: Party, evidence: bytes) -> AttestedApproval:
    """What the agreement's last party signs, in the AgreementRegistry's domain, when a party without a key has approved."""
    return AttestedApproval(hash_struct(agreement.typed()), party.id, evidence)


def digest_to_attest(deployment: Deployment, agreement: AgreementRow, party: Party, evidence: bytes) -> bytes:
    """The EIP-712 digest of `attestation_of`, which the last party's signer signs."""
    return digest(deployment.domain(REGISTRY), attestation_of(agreement, party, evidence))


def attest_approval(
    session: Session, deployment: Deployment, agreement: AgreementRow, party: Party, *, evidence: bytes, signature: bytes
) -> None:
    """Keeps the last party's word that a party without a key of its own approved; the record on chain marks it as that.

    Args:
        evidence: SHA-256 of the canonical JSON of what shows the approval, which must hold a random nonce of 32 bytes.
        signature: by the last party's present signer over `digest_to_attest`.

    Raises:
        ProtocolError: the signature does not hold, or the evidence is not 32 bytes.
        RuleError: not a party, not its turn, the draft ended, or a party that has a key and so signs for itself.
        ConflictError: it approved before, otherwise.
    """
    if not any(check_bytes32(evidence, "evidence")):
        raise InputError("32 zero bytes", field="evidence", fix="give the SHA-256 of the evidence")
    place = _turn_of(agreement, party, signature, evidence)
    if place is None:
        return
    check_open(session, agreement.id)
    _require_keyless(party)
    signer = agreement.signatories[-1].party.signing_key()
    verify(signer, digest_to_attest(deployment, agreement, party, evidence), signature, deployment.verifiers)
    place.signer, place.signature, place.evidence = signer, signature, evidence
    session.flush()


def _turn_of(agreement: AgreementRow, party: Party, signature: bytes, evidence: bytes | None) -> Signatory | None:
    """Where a party signs now; None when it signed exactly so before."""
    place = next((one for one in agreement.signatories if one.party_id == party.id), None)
    if place is None:
        raise RuleError(f"{party.label} is not a party to this agreement", field="party", fix="only its parties sign it")
    if place.signature is not None:
        if (place.signature, place.evidence) == (signature, evidence):
            return None
        raise ConflictError(f"{party.label} has signed", field="signature", fix="draft a new agreement that supersedes this one")
    if any(earlier.signature is None for earlier in agreement.signatories[: place.place]):
        raise RuleError(f"it is not the turn of {party.label}", field="party", fix="let the parties named before it sign first")
    return place


def _require_keyless(party: Party) -> None:
    """The chain takes nobody's word for a party that ever had a signer; neither do we for one that has a key to sign with."""
    if party.signer is not None or party.next_nonce():
        raise RuleError(f"{party.label} has a key of its own", field="party", fix="let it sign with that key; nobody attests for it")


def seal_and_record(session: Session, calls: Calls, store: DocumentStore, agreement: AgreementRow) -> OutboxIntent:
    """Seals a fully signed agreement, stores the sealed PDF, logs it and queues its record. Again, it changes nothing, unless the chain
    refused: then the record is queued anew.

    Where an approval is attested, that is `AgreementRegistry.recordAttested`, else `record`.

    Raises:
        RuleError: a party has not signed, the stored document is not the one that was signed, or it is too late: its end is written down,
            or its deadline has passed by the chain's clock.
    """
    content = sealed_content(calls.deployment, agreement)
    if all(one.intent.state == "failed" for one in agreement.acts if one.act == "record"):
        check_open(session, agreement.id)
        check_in_time(session, agreement.deadline)
    base = store.read(agreement.id)[: agreement.base_length]
    if sha256(base).digest() != agreement.base_digest:
        raise RuleError("the stored document was changed", field=str(store.path(agreement.id)), fix="restore the file from its backup")
    sealed = seal(base, content)
    sealed_digest = sha256(sealed).digest()
    if agreement.sealed_digest != sealed_digest or store.read(agreement.id) != sealed:
        store.write(agreement.id, sealed)
    agreement.sealed_digest = sealed_digest
    arguments: tuple[object, ...] = (content.agreement, sealed_digest, list(content.signers), list(content.signatures))
    if content.attested:
        arguments += ([evidence or bytes(32) for evidence in content.evidence],)
    function = "recordAttested" if content.attested else "record"
    intent = enqueue(session, calls, key=f"record/{hex0x(agreement.id)}", contract=REGISTRY, function=function, args=arguments)
    if all(act.intent_id != intent.id for act in agreement.acts):
        agreement.acts.append(AgreementAct(act="record", intent=intent))
    session.flush()
    log_document_event(session, agreement, "sealed")
    return intent


def sealed_content(deployment: Deployment, agreement: AgreementRow) -> SealedContent:
    """What the seal of a fully signed agreement says: struct, signatures, salted terms.

    Raises:
        RuleError: a party has not signed, the owner's key was destroyed, or a party was attested that has enrolled a key since.
    """
    if agreement.sealed_digest is None:
        for one in agreement.signatories:
            if one.evidence is not None:
                _require_keyless(one.party)
    missing = [one.party.label for one in agreement.signatories if one.signature is None]
    if missing:
        raise RuleError(f"not signed by {', '.join(missing)}", field="signatures", fix="collect every party's signature first")
    return SealedContent(
        domain=deployment.domain(REGISTRY),
        agreement=agreement.typed(),
        signers=tuple(one.signer or b"" for one in agreement.signatories),
        signatures=tuple(one.signature or b"" for one in agreement.signatories),
        terms=term_leaves_of(agreement),
        evidence=tuple(one.evidence for one in agreement.signatories) if any(one.evidence for one in agreement.signatories) else (),
    )


def term_leaves_of(agreement: AgreementRow) -> tuple[TermLeaf, ...]:
    """The salted leaves of its terms; raises RuleError once the owner's key is destroyed."""
    return rules.term_leaves(agreement.owner.key(), agreement.id, {term.path: term.value for term in agreement.terms})


def termination_of(agreement: AgreementRow, party: Party, *, effective_at: int, deadline: int) -> Termination:
    """What a party signs, in the AgreementRegistry's domain, to end an agreement at a moment."""
    return Termination(agreement.id, party.id, effective_at, deadline)


def terminate(
    session: Session, calls: Calls, agreement: AgreementRow, party: Party, *, effective_at: int, deadline: int, signature: bytes
) -> OutboxIntent:
    """Queues `AgreementRegistry.terminate`: it ends at `effective_at`, or when the chain hears of it if that is later. Where it is
    to end already, only an earlier moment is taken.

    The log gets its entry once the chain has said so (`heard.log_what_was_heard`), as of a document that was superseded.

    Raises:
        ProtocolError: the signature over `termination_of` does not hold.
        RuleError: not a party, or the agreement was never sealed.
        ConflictError: another termination is under way, or ends it as early.
    """
    if all(one.party_id != party.id for one in agreement.signatories):
        raise RuleError(f"{party.label} is not a party to this agreement", field="party", fix="only its parties end it")
    if agreement.sealed_digest is None:
        raise RuleError("it was never sealed, so nothing can be ended", field="agreement", fix="let the draft lapse")
    signer = party.signing_key()
    message = termination_of(agreement, party, effective_at=check_time(effective_at, "effective_at"), deadline=deadline)
    verify(signer, digest(calls.deployment.domain(REGISTRY), message), signature, calls.deployment.verifiers)
    intent = enqueue(
        session,
        calls,
        key=_termination_key(agreement, effective_at),
        contract=REGISTRY,
        function="terminate",
        args=(agreement.typed(), party.id, effective_at, deadline, signer, signature),
    )
    act = next((one for one in agreement.acts if one.intent_id == intent.id), None)
    if act is None:
        act = AgreementAct(act="terminate", intent=intent)
        agreement.acts.append(act)
    act.party_id, act.effective_at, act.deadline, act.signer, act.signature = party.id, effective_at, deadline, signer, signature
    session.flush()
    return intent


def _termination_key(agreement: AgreementRow, effective_at: int) -> str:
    """The name of a termination in the outbox: another one than before for one that brings forward an end the chain has."""
    before = [one for one in agreement.acts if one.act == "terminate"]
    if not before:
        return f"terminate/{hex0x(agreement.id)}"
    sooner = all(one.intent.state in ("mined", "final") and effective_at < (one.effective_at or 0) for one in before)
    return f"terminate/{hex0x(agreement.id)}/{len(before)}" if sooner else before[-1].intent.key


def revoke(session: Session, gateway: Gateway, guardian: bytes, agreement: AgreementRow, reason: str) -> Receipt | None:
    """Ends a recorded agreement now, by authority. The guardian's key is not the worker's, so this is sent at once and waits for the chain.

    The log's entry is the caller's to commit. Where that was lost, doing it again logs what the chain did and returns None.

    Args:
        guardian: private key of the account with the role GUARDIAN (`ledger.chain.keys.guardian_key`).
        reason: one of `rules.REVOCATION_REASONS`; the chain gets its keccak.

    Raises:
        InputError: no such reason.
        RuleError: it was never sealed.
        ChainError: the agreement is not recorded, was revoked before, or the key is no guardian's.
    """
    arguments = (agreement.id, rules.reason_id(reason))
    if agreement.sealed_digest is None:
        raise RuleError("it was never sealed, so nothing can be revoked", field="agreement", fix="let the draft lapse")
    unlogged = not is_logged(session, agreement.id, "revoked")
    done = unlogged and gateway.call(REGISTRY, "recordOf", agreement.id)[5] == REVOKED
    receipt = None if done else gateway.send(REGISTRY, "revoke", arguments, guardian)
    log_document_event(session, agreement, "revoked")
    return receipt


def log_document_event(session: Session, agreement: AgreementRow, event: Event) -> None:
    """Logs an event of a sealed agreement under its unit or else its utility, in the transaction of the rows that say it; once."""
    unit = agreement.unit_id or next(one.party_id for one in agreement.signatories if one.party.role == "utility")
    log_event(session, unit=unit, event=event, document=agreement.id, digest=agreement.sealed_digest or b"")
