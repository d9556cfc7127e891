"""Where people sign: the database, the documents, the chain's addresses and the keys, and how a try is kept whether it succeeds or not.

A refused try must leave its trace although the caller gets an error, so the verbs people reach take a desk instead of a session: each runs
in a transaction of its own, and when it refuses, that is rolled back and the refusal is committed in another before the error goes on.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.chain.calls import Calls
from ledger.chain.deployment import Deployment
from ledger.chain.devchain_config import DEVCHAIN_ID
from ledger.chain.gateway import Gateway
from ledger.errors import SonangError
from ledger.messages.carriers.chosen import carried
from ledger.parties.model import Party
from ledger.settings import Settings
from ledger.signing.model import SigningEvent
from ledger.signing.rules import SigningTerms
from ledger.signing.utility import UtilityKey, otp_key, utility_key
from ledger.test_authority.files import AuthorityFiles

REASON_LIMIT = 300


def wall_clock() -> int:
    """Now, Unix seconds."""
    return int(time.time())


@dataclass(frozen=True)
class SigningDesk:
    """What signing needs; `open_desk` is the way to get one.

    Attributes:
        gateway: the chain, asked only about smart accounts; None where there is none at hand.
        company_roots: PEM file with the roots company certificates must lead to; None where none are trusted.
        clock: Unix seconds; the wall's, or the devchain's.
    """

    sessions: sessionmaker[Session]
    calls: Calls
    store: DocumentStore
    terms: SigningTerms
    codes_key: bytes = field(repr=False)
    utility: UtilityKey
    gateway: Gateway | None = None
    company_roots: Path | None = None
    clock: Callable[[], int] = wall_clock

    @property
    def deployment(self) -> Deployment:
        """The contracts signatures are made for."""
        return self.calls.deployment

    @contextmanager
    def trying(self, act: str, *, agreement: bytes | None = None, party: bytes | None = None, way: str | None = None) -> Iterator[Session]:
        """A transaction for one try of a person: committed and noted as done, or rolled back and noted as refused."""
        with self.checking(act, agreement=agreement, party=party, way=way) as session:
            yield session
            note(session, act, at_s=self.clock(), agreement=agreement, party=party, way=way)

    @contextmanager
    def checking(
        self, act: str, *, agreement: bytes | None = None, party: bytes | None = None, way: str | None = None
    ) -> Iterator[Session]:
        """As `trying`, where only a refusal is worth noting."""
        try:
            with self.sessions.begin() as session:
                yield session
        except SonangError as wrong:
            with self.sessions.begin() as session:
                note(session, act, at_s=self.clock(), agreement=agreement, party=party, way=way, refused=wrong)
            raise


def open_desk(
    settings: Settings, sessions: sessionmaker[Session], gateway: Gateway, *, clock: Callable[[], int] = wall_clock
) -> SigningDesk:
    """The desk of an installation.

    Raises:
        SettingsError: a key is missing or unsafe.
        NotFoundError: nothing is deployed on the gateway's chain.
    """
    return SigningDesk(
        sessions=sessions,
        calls=gateway.calls,
        store=DocumentStore.of(settings),
        terms=SigningTerms(
            cooling_off_s=settings.contact_cooling_off_s, public_url=settings.public_url.rstrip("/"), carried=carried(settings)
        ),
        codes_key=otp_key(settings, gateway.chain_id, lambda: secrets.token_bytes(32)),
        utility=utility_key(settings, gateway.chain_id),
        gateway=gateway,
        company_roots=settings.company_trust_roots or _test_roots(settings, gateway.chain_id),
        clock=clock,
    )


def _test_roots(settings: Settings, chain_id: int) -> Path | None:
    """On the devchain, the test authority's root where one was ever started; nowhere else is anything trusted by default."""
    files = AuthorityFiles.of(settings.state_dir)
    return files.root if chain_id == DEVCHAIN_ID and files.exists else None


def note(
    session: Session,
    act: str,
    *,
    at_s: int,
    agreement: bytes | None = None,
    party: bytes | None = None,
    way: str | None = None,
    refused: SonangError | None = None,
) -> SigningEvent:
    """Keeps that something was tried; ids of nothing here are left out, and so is the party's label from the reason."""
    row = session.get(AgreementRow, agreement) if agreement is not None else None
    known_party = session.get(Party, party) if party is not None else None
    reason = None
    if refused is not None:
        reason = refused.problem.replace(known_party.label, "the party") if known_party else refused.problem
    event = SigningEvent(
        at_s=at_s,
        agreement_id=row.id if row else None,
        party_id=known_party.id if known_party else None,
        act=act,
        way=way,
        outcome="done" if refused is None else "refused",
        reason=reason and reason[:REASON_LIMIT],
    )
    session.add(event)
    session.flush()
    return event
