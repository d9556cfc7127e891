"""Signing with a wallet: an account with a key (EOA), or a contract that says what it has signed (ERC-1271)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ledger.agreements.commands import REGISTRY
from ledger.chain.accounts import has_code, says_yes
from ledger.chain.gateway import Block
from ledger.chain.model import OutboxIntent
from ledger.errors import InputError, ProtocolError, RuleError, UnavailableError
from ledger.parties.queries import party_by_id
from ledger.protocol.eip712 import Domain, TypedStruct
from ledger.protocol.quantities import check_bytes
from ledger.protocol.signers import recover_eoa, verify
from ledger.protocol.typed_data import RegisterParty, as_eip712, digest
from ledger.signing.commands import presentation_of, ready_to_sign
from ledger.signing.desk import SigningDesk
from ledger.signing.model import Approval, Presentation
from ledger.signing.own_keys import PARTY_REGISTRY, YEAR_S, Signed, adopt_key, claim_enrolment, sign_as_party, use_enrolment

__all__ = ["enrol_wallet", "registration_message", "sign_with_wallet", "wallet_message"]

LONGEST = 16_384
OTHER_CHAINS = (1, 10, 56, 137, 8_453, 42_161, 31_337, 11_155_111)
"""Chains a wallet may have been on by mistake; only to say so."""


@dataclass(frozen=True)
class Asked:
    """What a wallet was asked to sign, and for which contract."""

    struct: TypedStruct
    contract: str


def wallet_message(desk: SigningDesk, presentation_id: int) -> dict[str, Any]:
    """What a wallet is asked to sign (`eth_signTypedData_v4`) for a showing.

    Raises:
        RuleError, ConflictError: as `commands.ready_to_sign`.
    """
    with desk.sessions.begin() as session:
        shown = presentation_of(session, presentation_id)
        row, _ = ready_to_sign(session, desk.store, desk.deployment, shown, now_s=desk.clock())
        return as_eip712(desk.deployment.domain(REGISTRY), row.typed())


def sign_with_wallet(desk: SigningDesk, presentation_id: int, signature: bytes) -> Approval:
    """Takes a wallet's signature over `wallet_message`. Of a contract, the block at which it said yes is kept.

    Raises:
        ProtocolError: it is not this wallet's over this document, on this chain and contract; says which it was for where that can be told.
        UnavailableError: the signer may be a contract, and no chain is at hand to ask.
        RuleError, ConflictError: as `commands.ready_to_sign`.
    """

    def produce(_session: Session, shown: Presentation, _message: bytes) -> Signed:
        signer = shown.party.signing_key()
        if len(signer) != 20:
            raise RuleError("the party's key is no wallet", field="signer", fix="sign with its passkey or certificate")
        block = _ask_wallet(desk, signer, Asked(shown.agreement.typed(), REGISTRY), signature)
        if block is None:
            return Signed(signature, "wallet")
        return Signed(signature, "smart-account", accepted=True, details={"block_number": block.number, "block_hash": block.hash})

    return sign_as_party(desk, presentation_id, "wallet", produce)


def registration_message(desk: SigningDesk, party_id: bytes, address: bytes, deadline: int) -> dict[str, Any]:
    """What a wallet is asked to sign (`eth_signTypedData_v4`) to stand for a party that has no key."""
    return as_eip712(desk.deployment.domain(PARTY_REGISTRY), RegisterParty(party_id, check_bytes(address, "address", 20), 0, deadline))


def enrol_wallet(desk: SigningDesk, party_id: bytes, address: bytes, *, code: str, deadline: int, signature: bytes) -> OutboxIntent:
    """Makes a wallet the party's signer: from now on it signs for the party, and nothing else does.

    Args:
        code: of `own_keys.request_enrolment`; it is spent only with all the rest, so a refused signature may be mended.

    Raises:
        WrongCodeError, RuleError, ConflictError, LimitError, InputError: as `own_keys.claim_enrolment` and `own_keys.adopt_key`.
        InputError: no address, or a deadline that is over or too far.
        ProtocolError: the signature over `registration_message` does not hold.
    """
    claimed = claim_enrolment(desk, party_id, code, act="enrol")
    with desk.trying("enrol", party=party_id, way="wallet") as session:
        party, now = party_by_id(session, party_id), desk.clock()
        check_bytes(address, "address", 20)
        if not now < deadline <= now + YEAR_S:
            raise InputError("the registration's deadline is over or too far", field="deadline", fix="begin the enrolment again")
        use_enrolment(session, desk, claimed)
        asked = Asked(RegisterParty(party_id, address, 0, deadline), PARTY_REGISTRY)
        accepted = _ask_wallet(desk, address, asked, signature) is not None
        return adopt_key(session, desk, party, address, deadline=deadline, signature=signature, accepted=accepted)


def _ask_wallet(desk: SigningDesk, signer: bytes, asked: Asked, signature: bytes) -> Block | None:
    """Passes when the wallet signed; the block at which it said so when it is a contract, None when it is a key."""
    if len(check_bytes(signature, "signature")) > LONGEST:
        raise ProtocolError(f"a signature of {len(signature)} bytes", field="signature", fix=f"give one of {LONGEST} or fewer")
    gateway, message = desk.gateway, digest(desk.deployment.domain(asked.contract), asked.struct)
    if gateway is None and len(signature) != 65:
        raise UnavailableError(
            "no chain to ask whether the wallet is a contract", field="chain", fix="connect to the chain, then sign again"
        )
    block = gateway.block("latest") if gateway is not None else None
    if gateway is not None and block is not None and has_code(gateway.ask, signer, block.number):
        if not says_yes(gateway.ask, signer, message, signature, block.number):
            problem = f"the wallet's contract refused the signature at block {block.number}"
            raise ProtocolError(problem, field="signature", fix="sign this document with the wallet's present owners, on this chain")
        return block
    try:
        verify(signer, message, signature, desk.deployment.verifiers)
    except ProtocolError as wrong:
        raise _explained(desk, wrong, signer, asked, signature) from None
    return None


def _explained(desk: SigningDesk, wrong: ProtocolError, signer: bytes, asked: Asked, signature: bytes) -> ProtocolError:
    """The refusal, with the chain or the contract the signature was made for where that can be told."""
    for where, domain in _elsewhere(desk, asked.contract):
        try:
            if recover_eoa(digest(domain, asked.struct), signature) == signer:
                fix = f"switch the wallet to chain {desk.deployment.chain_id} and sign the message exactly as it is given"
                return ProtocolError(f"signed for {where}, not for this one", field="signature", fix=fix)
        except ProtocolError:
            break
    return wrong


def _elsewhere(desk: SigningDesk, contract: str) -> Iterator[tuple[str, Domain]]:
    here = desk.deployment.domain(contract)
    for chain in OTHER_CHAINS:
        if chain != here.chain_id:
            yield f"chain {chain}", Domain(chain, here.verifying_contract)
    for name in desk.deployment.contracts:
        if name != contract:
            yield f"the contract {name}", desk.deployment.domain(name)
    yield "another contract", Domain(here.chain_id, bytes(20))
