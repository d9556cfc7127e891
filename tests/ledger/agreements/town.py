"""A utility and its owners with real keys, and the worker's two halves turned by hand, on a real chain and a real database."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements import commands
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import SaleFacts
from ledger.agreements.model import AgreementRow
from ledger.agreements.queries import state_of
from ledger.agreements.store import DocumentStore
from ledger.chain.calls import Calls
from ledger.chain.gateway import Gateway
from ledger.chain.indexer import Indexer
from ledger.chain.model import OutboxIntent
from ledger.chain.sender import Sender
from ledger.parties import commands as parties
from ledger.parties.model import Party, Role
from ledger.protocol.signers import eoa_signer, new_eoa_key, sign_eoa
from ledger.protocol.typed_data import TypedStruct, digest

FACTS = SaleFacts("PE15000123456001", "Trạm T15", 5_200, 671)
DATED = 1_782_838_800
FOREVER = 2**40
DAY = 86_400


@dataclass
class Town:
    """What a test needs to let people sign and the chain hear of it."""

    gateway: Gateway
    sessions: sessionmaker[Session]
    store: DocumentStore
    operator: bytes
    guardian: bytes
    keys: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def calls(self) -> Calls:
        return self.gateway.calls

    def now(self) -> int:
        return self.gateway.block("latest").timestamp

    def sign(self, party: Party, registry: str, message: TypedStruct) -> bytes:
        return sign_eoa(self.keys[party.id], digest(self.gateway.deployment.domain(registry), message))

    def party(self, session: Session, label: str, role: Role = "owner") -> Party:
        key = new_eoa_key()
        party = parties.draft_party(session, label=label, role=role, name=f"Nguyễn Văn {label}", signer=eoa_signer(key))
        self.keys[party.id] = key
        signature = self.sign(party, "PartyRegistry", parties.registration_of(party, FOREVER))
        parties.register_party(session, self.calls, party, deadline=FOREVER, signature=signature)
        return party

    def people(self, session: Session) -> tuple[Party, Party]:
        """An owner and the utility, both known to the chain."""
        return self.party(session, "Nhà 7"), self.party(session, "Điện lực", "utility")

    def draft(
        self,
        session: Session,
        owner: Party,
        utility: Party,
        valid_from: int,
        *,
        supersedes: AgreementRow | None = None,
        deadline: int | None = None,
    ) -> AgreementRow:
        return draft_agreement(
            session,
            self.store,
            parties=(owner, utility),
            kind="rooftop-surplus-sale",
            facts=FACTS,
            valid_from=valid_from,
            deadline=deadline or (valid_from if supersedes else FOREVER),
            dated_s=DATED,
            supersedes=supersedes,
        )

    def sign_both(self, session: Session, agreement: AgreementRow) -> None:
        for one in agreement.signatories:
            signature = sign_eoa(self.keys[one.party.id], commands.digest_to_sign(self.gateway.deployment, agreement))
            commands.sign_agreement(session, self.gateway.deployment, agreement, one.party, signature=signature)

    def agree(
        self, session: Session, owner: Party, utility: Party, valid_from: int, *, supersedes: AgreementRow | None = None
    ) -> AgreementRow:
        agreement = self.draft(session, owner, utility, valid_from, supersedes=supersedes)
        self.sign_both(session, agreement)
        commands.seal_and_record(session, self.calls, self.store, agreement)
        return agreement

    def terminate(self, session: Session, agreement: AgreementRow, party: Party, effective_at: int) -> OutboxIntent:
        message = commands.termination_of(agreement, party, effective_at=effective_at, deadline=FOREVER)
        signature = self.sign(party, "AgreementRegistry", message)
        return commands.terminate(session, self.calls, agreement, party, effective_at=effective_at, deadline=FOREVER, signature=signature)

    def agrees_with_the_contract(self, session: Session, agreements: Sequence[AgreementRow], *moments: int) -> None:
        """Our answer about every agreement around every moment is the contract's."""
        for agreement in agreements:
            standing = state_of(session, agreement).standing
            for moment in sorted({moment + step for moment in moments for step in (-1, 0, 1)}):
                said = self.gateway.call("AgreementRegistry", "inForce", agreement.id, moment)
                assert standing.in_force(moment) == said, (agreement.lookup_code, moment)

    def observe(self) -> None:
        """Takes in what the chain says now, and sends nothing."""
        Indexer(self.gateway, self.sessions, self.gateway.confirmations).advance()

    def deliver(self) -> None:
        """Sends what is queued and takes in what the chain then says, until nothing is under way."""
        sender = Sender(self.gateway, self.sessions, self.operator, self.gateway.confirmations)
        indexer = Indexer(self.gateway, self.sessions, self.gateway.confirmations)
        deadline = time.monotonic() + 100
        while time.monotonic() < deadline:  # longer than the sender waits before it sends bytes again, or raises a fee
            sender.advance()
            self.gateway.mine(1)
            indexer.advance()
            with self.sessions() as session:
                if not session.scalar(select(func.count()).where(OutboxIntent.state.in_(("queued", "sent")))):
                    return
        raise AssertionError("the outbox did not empty")
