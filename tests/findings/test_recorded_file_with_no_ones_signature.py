"""An operator gives the registry a customer's true signature, and puts a file on record that holds something else in its place.

The registry keeps the file's digest and no signature. Offline the odd bytes looked like a smart account's signature, which only its chain
can check, and the report said that every party had signed and that the chain had asked the account.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from ledger.agreements.commands import REGISTRY, sealed_content
from ledger.agreements.sealed import seal
from ledger.agreements.store import DocumentStore
from ledger.errors import InputError
from ledger.evidence.accounts import ask_node
from ledger.evidence.build import contracts_of, examine
from ledger.evidence.claims.agreement import AgreementClaim
from ledger.evidence.documents import verify_against_node, verify_document
from ledger.evidence.findings import Answer, Check, Report, Result
from ledger.evidence.shown import lines
from ledger.evidence.trust import Trust
from ledger.evidence.verify import verify_bundle
from tests.conftest import World
from tests.ledger.agreements.town import Town
from tests.ledger.signing.test_wallets import ALWAYS, NEVER


def signatures_of(report: Report) -> Check:
    return next(one for one in report.checks if one.code == "signatures")


@pytest.fixture
def recorded(world: World, session: Session, sessions: sessionmaker[Session], tmp_path: Path) -> tuple[bytes, bytes]:
    """A file the chain records, whose first signature nobody made, and the wallet that should have."""
    town = Town(world.gateway, sessions, DocumentStore(tmp_path), world.operator, world.guardian)
    owner, utility = town.party(session, "Nhà 7"), town.party(session, "Điện lực", "utility")
    agreement = town.draft(session, owner, utility, town.now())
    town.sign_both(session, agreement)
    content = sealed_content(world.deployment, agreement)
    session.commit()
    town.deliver()
    sealed = seal(town.store.read(agreement.id), replace(content, signatures=(b"three owners said yes", content.signatures[1])))
    world.send(REGISTRY, "record", content.agreement, sha256(sealed).digest(), list(content.signers), list(content.signatures))
    return sealed, content.signers[0]


def test_offline_it_is_not_said_that_every_party_signed_and_a_node_tells_that_nobody_did(
    recorded: tuple[bytes, bytes], world: World
) -> None:
    sealed, wallet = recorded
    gateway, url = world.gateway, world.devchain.url or ""
    block = gateway.block("latest")
    bundle = examine(gateway, AgreementClaim(), sealed, block=block).bundle or b""
    offline = verify_bundle(bundle, Trust(block.hash, contracts_of(gateway)))
    assert (offline.answer, signatures_of(offline).result) == (Answer.AUTHENTIC, Result.NOT_CHECKED)
    shown = "\n".join(lines(offline))
    assert f"[không kiểm tra · not checked]: 1/2; signatures[0] of 0x{wallet.hex()}: a smart account's, or none at all" in shown
    assert "a smart account's (ERC-1271), or none: a node of the chain can say (--rpc)" in shown

    told = ask_node(offline, bundle, url, 5.0)
    assert (told.answer, told.status, told.failed) == (Answer.ALTERED, None, signatures_of(told))
    assert "no contract is there" in signatures_of(told).detail
    assert verify_against_node(gateway, bundle).answer == Answer.ALTERED
    gateway.mine(gateway.confirmations)
    found = verify_document(None, gateway, sealed)
    assert (found.report.answer, found.bundle) == (Answer.ALTERED, None)

    with pytest.raises(InputError, match="is another one"):
        ask_node(replace(offline, block=replace(offline.block, hash=bytes(32))), bundle, url, 5.0)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("code", "result", "words"), [(ALWAYS, Result.PASSED, "says at block"), (NEVER, Result.NOT_CHECKED, "says no")], ids=["yes", "no"]
)
def test_a_contract_is_asked_and_its_no_of_today_is_no_proof_that_it_never_said_yes(
    recorded: tuple[bytes, bytes], world: World, code: bytes, result: Result, words: str
) -> None:
    sealed, account = recorded
    world.gateway.ask("anvil_setCode", "0x" + account.hex(), "0x" + code.hex())
    world.gateway.mine(1 + world.gateway.confirmations)
    report = verify_document(None, world.gateway, sealed).report
    assert (report.answer, signatures_of(report).result) == (Answer.AUTHENTIC, result)
    assert words in signatures_of(report).detail
    assert ("smart-accounts" in report.unchecked) == (result == Result.NOT_CHECKED)
