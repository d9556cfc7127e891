"""Two campaigns, or a campaign and a member of staff, that came to the same new customer at once: one of the two programs ended with the
database's own words, the customer's code among them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.agreements.drafting import draft_agreement
from ledger.agreements.model import AgreementRow
from ledger.campaigns import commands
from ledger.campaigns.model import Campaign, CampaignMember
from ledger.errors import ConflictError
from ledger.parties.commands import draft_party
from ledger.sealing.sealer import Sealer
from tests.ledger.campaigns.office import Office
from tests.ledger.signing.hall import Hall

PATIENCE_S, MOMENT_S = 5.0, 0.2


def test_both_campaigns_draft_a_document_for_one_and_the_same_customer(hall: Hall, sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(hall, sealer)
    begun = [office.start(3, name, served="again") for name in ("one", "two")]
    both = threading.Barrier(2)

    def slow(*given: object, **named: object) -> AgreementRow:
        threading.Event().wait(MOMENT_S)  # the party is drafted, and nobody else sees it yet
        return draft_agreement(*given, **named)  # type: ignore[arg-type]

    def draft(campaign: int) -> bytes:
        with hall.sessions.begin() as session:
            found = session.get_one(Campaign, campaign)
            member = session.get_one(CampaignMember, (campaign, 0))
            both.wait(PATIENCE_S)
            return commands.draft_for(session, hall.store, found, member, now_s=hall.now).owner.id

    monkeypatch.setattr(commands, "draft_agreement", slow)
    with ThreadPoolExecutor() as offices:
        drafted = list(offices.map(draft, begun))
    assert drafted[0] == drafted[1]


def test_of_two_that_draft_a_party_of_one_label_the_second_is_told_that_it_is_taken(hall: Hall) -> None:
    first = hall.sessions()
    draft_party(first, label="PA01HH1", role="customer", name="Hoà", signer=None)

    def second() -> None:
        with hall.sessions.begin() as session:
            draft_party(session, label="PA01HH1", role="customer", name="Hoà", signer=None)

    with ThreadPoolExecutor() as people:
        waiting = people.submit(second)
        threading.Event().wait(MOMENT_S)
        first.commit()
        first.close()
        with pytest.raises(ConflictError, match="taken"):
            waiting.result()
