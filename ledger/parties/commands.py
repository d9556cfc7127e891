"""Drafting parties and units; telling the PartyRegistry who signs. Signatures are verified before anything is queued; nothing commits."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.chain.calls import Calls
from ledger.chain.model import OutboxIntent
from ledger.chain.outbox import enqueue
from ledger.errors import ConflictError, InputError, RuleError
from ledger.parties.model import ROLES, Party, Role, SignerChange, Unit
from ledger.protocol.eip712 import TypedStruct, digest
from ledger.protocol.quantities import check_bytes, check_time, hex0x, new_id
from ledger.protocol.signers import verify
from ledger.protocol.typed_data import RegisterParty, RotateSigner

REGISTRY = "PartyRegistry"
LABEL_LIMIT, NAME_LIMIT = 64, 200


def draft_party(session: Session, *, label: str, role: Role, name: str, signer: bytes | None) -> Party:
    """A new party under a random id, with a fresh key for its salts. The chain hears of it with `register_party`.

    Args:
        label: the operator's own name for it, unique; never on chain.
        name: as written in documents; stays in this database.
        signer: ERC-7913 bytes; None for a party that approves by one-time codes.

    Raises:
        InputError: an argument is empty, too long or unknown.
        ConflictError: the label is taken.
    """
    if role not in ROLES:
        raise InputError(f"no role {role!r}", field="role", fix=f"give one of {', '.join(ROLES)}")
    if signer is not None and len(check_bytes(signer, "signer")) < 20:
        raise InputError(f"{len(signer)} bytes", field="signer", fix="give an address, or a verifier's address and a key")
    label, name = _written(label, "label", LABEL_LIMIT), _written(name, "name", NAME_LIMIT)
    hold_label(session, label)
    if session.scalar(select(Party.id).where(Party.label == label)) is not None:
        raise ConflictError(f"{label!r} is taken", field="label", fix="use the party that has it, or another label")
    party = Party(id=new_id(), label=label, role=role, name=name, signer=signer, salt_key=secrets.token_bytes(32), changes=[])
    session.add(party)
    session.flush()
    return party


def hold_label(session: Session, label: str) -> None:
    """Lets nobody else draft a party of this label until the transaction ends: who looks for it then and finds none may draft it."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("party label"), func.hashtext(label))))


def draft_unit(session: Session, *, code: str, name: str) -> Unit:
    """A new unit of the utility, under a random id the log knows it by.

    Raises:
        InputError: an argument is empty or too long.
        ConflictError: the code is taken.
    """
    code, name = _written(code, "code", LABEL_LIMIT), _written(name, "name", NAME_LIMIT)
    if session.scalar(select(Unit.id).where(Unit.code == code)) is not None:
        raise ConflictError(f"{code!r} is taken", field="code", fix="use the unit that has it, or another code")
    unit = Unit(id=new_id(), code=code, name=name)
    session.add(unit)
    session.flush()
    return unit


def registration_of(party: Party, deadline: int) -> RegisterParty:
    """What the party's first signer signs, in the PartyRegistry's domain, to be registered until `deadline`, Unix seconds."""
    return RegisterParty(party.id, party.signing_key(), 0, deadline)


def register_party(
    session: Session, calls: Calls, party: Party, *, deadline: int, signature: bytes, accepted: bool = False
) -> OutboxIntent:
    """Queues `PartyRegistry.register`; a party whose registration is under way or done keeps that one, whatever became of its signer since.

    The chain registers a party once: later signers come by `rotate_signer`, and a party whose signer was revoked stays without.

    Args:
        signature: by `party.signer` over `registration_of(party, deadline)`.
        accepted: the signer's own contract has accepted it (ERC-1271), which nobody can see without its chain.

    Raises:
        ProtocolError: the signature does not hold.
        RuleError: the party has no signer.
    """
    for change in party.changes:
        if change.change == "register" and change.intent.state != "failed":
            return change.intent
    message = registration_of(party, check_time(deadline, "deadline"))
    if not accepted:
        _check(calls, message, message.signer, signature)
    change = SignerChange(change="register", nonce=message.nonce, deadline=deadline, signer=message.signer)
    return _queue(session, calls, party, change, (party.id, message.signer, deadline, signature))


def enter_party(
    session: Session, calls: Calls, *, label: str, role: Role, name: str, signer: bytes, sign: Callable[[bytes], bytes], deadline: int
) -> tuple[Party, OutboxIntent]:
    """The party of a label: drafted when there is none, its registration signed by itself and queued; again, it changes nothing.

    Args:
        sign: signs a 32-byte digest with the key of `signer`.

    Raises:
        InputError: an argument is empty, too long or unknown.
        ProtocolError: the signature does not hold.
    """
    hold_label(session, label)
    known = session.scalars(select(Party).where(Party.label == label)).one_or_none()
    party = known or draft_party(session, label=label, role=role, name=name, signer=signer)
    signature = sign(digest(calls.deployment.domain(REGISTRY), registration_of(party, deadline)))
    return party, register_party(session, calls, party, deadline=deadline, signature=signature)


def rotation_of(party: Party, new_signer: bytes, deadline: int) -> RotateSigner:
    """What both signers sign, in the PartyRegistry's domain, for `new_signer` to take over."""
    return RotateSigner(party.id, party.signing_key(), new_signer, party.next_nonce(), deadline)


def rotate_signer(
    session: Session, calls: Calls, party: Party, *, new_signer: bytes, deadline: int, old_signature: bytes, new_signature: bytes
) -> OutboxIntent:
    """Queues `PartyRegistry.rotate`; from now on the new signer signs for the party here.

    Raises:
        ProtocolError: a signature over `rotation_of` does not hold.
        RuleError: the present signer was revoked.
        ConflictError: the party had this signer before; the chain admits none twice.
    """
    if any(new_signer in (one.signer, one.old_signer) for one in party.changes if one.intent.state != "failed"):
        raise ConflictError("this signer stood for the party before", field="new_signer", fix="make a new key")
    message = rotation_of(party, new_signer, check_time(deadline, "deadline"))
    _check(calls, message, message.old_signer, old_signature)
    _check(calls, message, new_signer, new_signature)
    change = SignerChange(change="rotate", nonce=message.nonce, deadline=deadline, signer=new_signer, old_signer=message.old_signer)
    arguments = (party.id, message.old_signer, new_signer, deadline, old_signature, new_signature)
    party.signer = new_signer
    return _queue(session, calls, party, change, arguments)


def revoke_signer(session: Session, calls: Calls, party: Party) -> OutboxIntent:
    """Queues `PartyRegistry.revokeByRegistrar`, for a key that is lost or in wrong hands: nobody signs for the party any more, ever.

    It needs no signature: whoever lost a key cannot sign with it. From now on nothing is signed with it here.

    Raises:
        RuleError: the party has no key, was never registered with it, or it was revoked before.
    """
    signer = party.signing_key()
    if party.next_nonce() == 0:
        raise RuleError(f"{party.label} was never registered", field="party", fix="nothing is to be revoked: no key stands for it on chain")
    change = SignerChange(change="revoke", nonce=party.next_nonce(), deadline=0, signer=signer)
    return _queue(session, calls, party, change, (party.id, signer), function="revokeByRegistrar")


def _check(calls: Calls, message: TypedStruct, signer: bytes, signature: bytes) -> None:
    verify(signer, digest(calls.deployment.domain(REGISTRY), message), signature, calls.deployment.verifiers)


def _queue(
    session: Session, calls: Calls, party: Party, change: SignerChange, arguments: tuple[object, ...], *, function: str = ""
) -> OutboxIntent:
    """Queues a change under its place in the party's history; a change that failed at that place makes room for this one."""
    key = f"{change.change}-signer/{hex0x(party.id)}/{change.nonce}"
    intent = enqueue(session, calls, key=key, contract=REGISTRY, function=function or change.change, args=arguments)
    for failed in [one for one in party.changes if one.intent_id == intent.id]:
        party.changes.remove(failed)
        session.delete(failed)
        session.flush()
    change.intent = intent
    party.changes.append(change)
    session.flush()
    return intent


def _written(value: str, field: str, limit: int) -> str:
    text = unicodedata.normalize("NFC", value).strip()
    if not 0 < len(text) <= limit or not text.isprintable():
        raise InputError(
            f"{len(text)} characters, or one that cannot be printed", field=field, fix=f"give 1 to {limit} printable characters"
        )
    return text
