"""A package or bundle of before was called in force although the node that was asked knew that the contract had ended since."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger.evidence.build import agreement_bundle
from ledger.evidence.claims.agreement import REGISTRY
from ledger.evidence.documents import verify_proven
from ledger.evidence.findings import Answer
from ledger.evidence.presented import present
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from ledger.protocol.quantities import hex0x
from ledger.protocol.slots import agreement_slots
from tests.ledger.agreements.town import Town


def test_a_bundle_of_before_tells_by_the_node_that_is_asked_that_the_contract_ended_since(town: Town, session: Session) -> None:
    owner, utility = town.party(session, "home"), town.party(session, "utility", "utility")
    agreement = town.agree(session, owner, utility, town.now())
    session.commit()
    town.deliver()
    town.gateway.mine(town.gateway.confirmations)
    bundle, document = agreement_bundle(session, town.gateway, town.store, agreement), present(town.store.read(agreement.id))
    before = verify_proven(session, town.gateway, bundle, document, None, sealed_by=None)
    assert (before.answer, before.status and before.status.code) == (Answer.AUTHENTIC, "in-force")
    town.terminate(session, agreement, owner, town.now())
    session.commit()
    town.deliver()
    town.gateway.mine(town.gateway.confirmations)
    for brought in (None, document):
        now = verify_proven(session, town.gateway, bundle, brought, None, sealed_by=None)
        assert (now.answer, now.exit_code, now.failed) == (Answer.TERMINATED, 7, None)
        assert next(check for check in now.checks if check.code == "present").detail.endswith(
            f"the bundle is of block {before.block.number if before.block else None}"
        )
    assert verify_bundle(bundle, Trust()).status == before.status, "without a node it speaks of its own block"
    first = hex0x(agreement_slots(agreement.id)[0])
    town.gateway.ask("anvil_setStorageAt", hex0x(town.gateway.deployment.address(REGISTRY)), first, hex0x(b"\x01" * 32))
    town.gateway.mine(town.gateway.confirmations)
    lost = verify_proven(session, town.gateway, bundle, document, None, sealed_by=None)
    assert (lost.answer, lost.failed and lost.failed.code, lost.status) == (Answer.ALTERED, "present", None)
