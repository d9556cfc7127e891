"""Staff named the contract of a change of holder, and whoever had asked for it no longer saw their own request.

Who the new holder is does not follow from the contract, so who asks stays who asks until documents say otherwise.
"""

from __future__ import annotations

from ledger.services.commands import submit
from tests.ledger.services.conftest import CUSTOMER, at
from tests.ledger.services.test_following import sealed
from tests.ledger.services.test_newcomers import Counter, counter

__all__ = ["counter"]


def test_who_asks_for_a_contract_to_pass_stays_who_asks_when_staff_name_the_contract(counter: Counter) -> None:
    contract = sealed(counter)
    more = {"actor": CUSTOMER, "at": at("2026-04-01T09:00"), "party": contract.owner, "metering_point": "PA01HH0000009"}
    passing = submit(counter.session, service="contract-holder", given={}, **more)  # type: ignore[arg-type]
    renewal = submit(counter.session, service="renewal", given={}, **more)  # type: ignore[arg-type]
    for asked in (passing, renewal):
        counter.act(asked, "contract", "2026-04-01T10:00", contract=contract)
        assert (asked.contract, asked.party) == (contract, contract.owner)
