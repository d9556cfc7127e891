"""A contract's later life: minutes beside it, an annex that becomes its version, and what may follow what, on a real chain."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from ledger.agreements import commands
from ledger.agreements.drafting import draft_agreement
from ledger.agreements.kinds import KINDS, facts_from
from ledger.agreements.kinds.amendment_annex import carried_from, changes_to, consolidated
from ledger.agreements.model import AgreementRow
from ledger.errors import RuleError
from ledger.parties.model import Party
from ledger.protocol.canonical import parse_canonical
from tests.ledger.agreements.kind_samples import given
from tests.ledger.agreements.supply_samples import GIVEN as SUPPLIES
from tests.ledger.agreements.town import DATED, FOREVER, Town

NUMBER = "26/015432/PE1500"


def terms_in(agreement: AgreementRow) -> dict[str, Any]:
    return {term.path: parse_canonical(term.value.encode()) for term in agreement.terms}


def drafted(town: Town, session: Session, parties: tuple[Party, ...], kind: str, valid_from: int, **more: Any) -> AgreementRow:
    plain = more.pop("plain", None) or given(kind)
    deadline = valid_from if more.get("supersedes") else FOREVER
    return draft_agreement(
        session,
        town.store,
        parties=parties,
        kind=kind,
        facts=facts_from(kind, plain),
        valid_from=valid_from,
        deadline=deadline,
        dated_s=max(DATED, valid_from),
        **more,
    )


def agreed(town: Town, session: Session, agreement: AgreementRow) -> AgreementRow:
    town.sign_both(session, agreement)
    commands.seal_and_record(session, town.calls, town.store, agreement)
    return agreement


def amended(versions: list[AgreementRow], reason: str, wanted: dict[str, int | str]) -> dict[str, object]:
    """The facts of the next annex, from the versions so far and what is wanted."""
    terms = [terms_in(version) for version in versions]
    changes = changes_to(consolidated(terms), wanted)
    until = consolidated(terms)["validity.to"] if "validity.to" not in wanted else wanted["validity.to"]
    return {
        "contract_number": NUMBER,
        "contract_date": "2026-07-01",
        "annex_number": len(versions),
        "reason": reason,
        "changes": [vars(change) for change in changes],
        "until": until,
        "carried": [vars(term) for term in carried_from(terms[-1], changes)],
    }


def test_an_annex_becomes_the_contracts_version_and_the_next_one_carries_it_on(town: Town) -> None:
    with town.sessions.begin() as session:
        customer, utility = town.party(session, "Hoà", "customer"), town.party(session, "Điện lực", "utility")
        start = town.now() + 1_000
        both = (customer, utility)
        contract = agreed(town, session, drafted(town, session, both, "supply-residential", start, plain=SUPPLIES["supply-residential"]))
        larger = amended([contract], "capacity-change", {"supply.capacity_w": 15_000, "supply.phases": 3, "supply.voltage_v": 380})
        first = agreed(town, session, drafted(town, session, both, "amendment-annex", start + 100, plain=larger, supersedes=contract))
        moved = amended([contract, first], "meter-position", {"supply.meter_place": "Tường rào trước nhà"})
        second = agreed(town, session, drafted(town, session, both, "amendment-annex", start + 200, plain=moved, supersedes=first))
        ids = [contract.id, first.id, second.id]
        assert (first.family, second.family, second.valid_to) == (contract.id, contract.id, contract.valid_to)
        assert consolidated([terms_in(contract), terms_in(second)])["supply.capacity_w"] == 15_000
        assert terms_in(second)["amended.supply.meter_place"] == "Tường rào trước nhà"
        late = given("termination-minutes", settle_by="2199-01-01", read_at=start)
        ending = drafted(town, session, both, "termination-minutes", start + 300, plain=late, predecessor=second)
        assert (ending.family, ending.predecessor, ending.supersedes) == (contract.id, second.id, None)
        for kind, field in (("meter-minutes", "predecessor"), ("purpose-share-minutes", "predecessor")):
            with pytest.raises(RuleError, match="it follows no termination-minutes") as refused:
                drafted(town, session, both, kind, start + 300, predecessor=ending)
            assert refused.value.field == field
        with pytest.raises(RuleError, match="another kind's or another pair's"):
            drafted(town, session, both, "amendment-annex", start + 300, plain=moved, supersedes=ending)
    town.deliver()
    in_force = [town.gateway.call("AgreementRegistry", "versionAt", ids[0], start + after) for after in (50, 150, 250)]
    assert in_force == ids


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.follows])
def test_nothing_beside_a_contract_begins_or_is_dated_before_it(town: Town, kind: str) -> None:
    with town.sessions.begin() as session:
        customer, utility = town.party(session, "Hoà", "customer"), town.party(session, "Điện lực", "utility")
        both, start = (customer, utility), DATED + 7 * 86_400
        contract = agreed(town, session, drafted(town, session, both, "supply-residential", start, plain=SUPPLIES["supply-residential"]))
        larger = amended([contract], "capacity-change", {"supply.capacity_w": 15_000, "supply.phases": 3, "supply.voltage_v": 380})
        annex = agreed(town, session, drafted(town, session, both, "amendment-annex", start + 100, plain=larger, supersedes=contract))

        more: dict[str, dict[str, Any]] = {
            "termination-minutes": {"read_at": start, "settle_by": "2199-01-01"},
            "shared-meter-minutes": {"households": [{"name": customer.name, "kind": "tenants", "people": 3}]},
        }

        def beside(follows: AgreementRow, begins: int) -> AgreementRow:
            return drafted(town, session, both, kind, begins, plain=given(kind, **more.get(kind, {})), predecessor=follows)

        for follows, first in ((contract, start), (annex, start + 100)):
            for early in (1, 2, 60, 86_400, first):
                with pytest.raises(RuleError, match="what it follows begins later") as refused:
                    beside(follows, first - early)
                assert refused.value.field == "valid_from"
                assert refused.value.fix.startswith(f"begin at {first} or after")
            assert beside(follows, first).valid_from == first
        with pytest.raises(RuleError, match="dated before the document it follows") as older:
            draft_agreement(
                session,
                town.store,
                parties=both,
                kind=kind,
                facts=facts_from(kind, given(kind, **more.get(kind, {}))),
                valid_from=start,
                deadline=FOREVER,
                dated_s=DATED,
                predecessor=contract,
            )
        assert (older.value.field, older.value.fix) == ("dated_s", "date it 2026-07-08 or later")

        over = contract.valid_to
        if kind == "termination-minutes":
            assert beside(annex, over).valid_from == over, "it is wound up when its term has ended"
            return
        with pytest.raises(RuleError, match="the contract is over by then") as late:
            beside(annex, over)
        assert (late.value.field, late.value.fix) == ("valid_from", f"begin before {over}, or renew the contract first")
        assert beside(annex, over - 1).valid_from == over - 1


def test_the_last_reading_is_of_the_contract_and_not_of_a_time_before_it(town: Town) -> None:
    with town.sessions.begin() as session:
        customer, utility = town.party(session, "Hoà", "customer"), town.party(session, "Điện lực", "utility")
        both, start = (customer, utility), DATED + 7 * 86_400
        contract = agreed(town, session, drafted(town, session, both, "supply-residential", start, plain=SUPPLIES["supply-residential"]))
        early, right = (given("termination-minutes", read_at=at, settle_by="2199-01-01") for at in (start - 1, start))
        with pytest.raises(RuleError, match="read before the contract began") as refused:
            drafted(town, session, both, "termination-minutes", start + 9, plain=early, predecessor=contract)
        assert refused.value.field == "read_at"
        assert drafted(town, session, both, "termination-minutes", start + 9, plain=right, predecessor=contract)
