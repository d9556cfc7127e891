"""Where people sign in tests: a utility and its customers, a clock that can be turned, and the messages they get."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import SaleFacts
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.chain.gateway import Gateway
from ledger.messages.model import Message
from ledger.messages.sealing import Opener
from ledger.parties.commands import draft_party, register_party, registration_of
from ledger.parties.contacts import give_contacts
from ledger.parties.model import ContactChannel, Party, Role
from ledger.protocol.signers import eoa_signer, new_eoa_key, sign_eoa
from ledger.protocol.typed_data import digest
from ledger.signing.commands import present
from ledger.signing.desk import SigningDesk
from ledger.signing.model import SigningEvent
from ledger.signing.rules import SigningTerms
from ledger.signing.utility import UtilityKey
from tests.ledger.agreements.town import FACTS, FOREVER, Town

NOON = 1_782_882_000
"""1 July 2026, 12:00 in Vietnam."""
HOME = {"sms": "0912 345 678", "email": "hoa@example.vn"}


@dataclass
class Hall:
    """A desk, and everybody around it."""

    town: Town
    opener: Opener
    now: int = NOON
    terms: SigningTerms = field(default_factory=SigningTerms)
    utility_secret: bytes = field(default_factory=new_eoa_key)
    wallets: dict[bytes, bytes] = field(default_factory=dict)
    company_roots: Path | None = None
    opened: SigningDesk | None = None

    @property
    def sessions(self) -> sessionmaker[Session]:
        return self.town.sessions

    @property
    def gateway(self) -> Gateway:
        return self.town.gateway

    @property
    def store(self) -> DocumentStore:
        return self.town.store

    @property
    def desk(self) -> SigningDesk:
        return self.opened or SigningDesk(
            sessions=self.sessions,
            calls=self.gateway.calls,
            store=self.store,
            terms=self.terms,
            codes_key=b"a key for the hashes of codes 01",
            utility=UtilityKey.of(self.utility_secret),
            gateway=self.gateway,
            company_roots=self.company_roots,
            clock=lambda: self.now,
        )

    def wait(self, seconds: int) -> None:
        self.now += seconds

    def change_terms(self, **changes: int | tuple[str, ...]) -> None:
        self.terms = replace(self.terms, **changes)

    def utility(self, session: Session) -> Party:
        known = session.scalars(select(Party).where(Party.role == "utility")).one_or_none()
        return known or self.with_key(session, "utility", "utility", self.utility_secret)

    def with_key(self, session: Session, label: str, role: Role, key: bytes | None = None) -> Party:
        """A party that signs with a wallet, its registration queued."""
        secret = key or new_eoa_key()
        party = draft_party(session, label=label, role=role, name=f"Bên {label}", signer=eoa_signer(secret))
        message = digest(self.gateway.deployment.domain("PartyRegistry"), registration_of(party, FOREVER))
        register_party(session, self.gateway.calls, party, deadline=FOREVER, signature=sign_eoa(secret, message))
        self.wallets[party.id] = secret
        return party

    def keyless(self, session: Session, label: str = "hoa", contacts: Mapping[str, str] = HOME) -> Party:
        """A customer with contacts and no key."""
        party = draft_party(session, label=label, role="owner", name="Nguyễn Thị Hoà", signer=None)
        give_contacts(session, party, cast(Mapping[ContactChannel, str], contacts), by="import", now_s=self.now - 100 * 86_400)
        return party

    def draft(self, session: Session, owner: Party, *, deadline: int = FOREVER, facts: SaleFacts = FACTS, **more: object) -> AgreementRow:
        parties = (owner, self.utility(session))
        terms = {"kind": "rooftop-surplus-sale", "facts": facts, "valid_from": NOON, "deadline": deadline, "dated_s": NOON, **more}
        return draft_agreement(session, self.store, parties=parties, **terms)  # type: ignore[arg-type]

    def shown(self, owner: str = "keyless", *, deadline: int = FOREVER) -> tuple[bytes, int]:
        """A document shown to a new customer: its id and the number of the showing."""
        with self.sessions.begin() as session:
            number = session.scalar(select(func.count()).select_from(Party)) or 0
            make = self.keyless if owner == "keyless" else lambda opened, label: self.with_key(opened, label, "owner")
            party = make(session, f"customer-{number}")
            row = self.draft(session, party, deadline=deadline)
            return row.id, present(session, self.store, row, party, now_s=self.now).id

    def letters(self) -> list[str]:
        """Every message still queued, opened, oldest first."""
        with self.sessions() as session:
            queued = session.scalars(select(Message).where(Message.body.is_not(None)).order_by(Message.id))
            return [self.opener.open(one.handle, one.body or b"") for one in queued]

    def code(self) -> str:
        """The code in the newest message."""
        found = re.search(r"\b(\d{3}) (\d{3})\b", self.letters()[-1])
        assert found is not None
        return found[1] + found[2]

    def wrong_code(self) -> str:
        """Another code than the newest."""
        return f"{(int(self.code()) + 1) % 1_000_000:06d}"

    def refusals(self, agreement: bytes | None = None) -> list[tuple[str, str | None]]:
        """What was refused, and why, oldest first."""
        with self.sessions() as session:
            wanted = select(SigningEvent).where(SigningEvent.outcome == "refused").order_by(SigningEvent.id)
            found = session.scalars(wanted if agreement is None else wanted.where(SigningEvent.agreement_id == agreement))
            return [(one.act, one.reason) for one in found]

    def party_of(self, session: Session, agreement: bytes) -> Party:
        """The customer of a document."""
        return session.get_one(AgreementRow, agreement).signatories[0].party
