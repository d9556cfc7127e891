"""A customer takes the evidence of their own document from its page: the same ZIP as the operator's, for nobody else, and not too early."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from ledger.access.model import AccessSession
from ledger.access.rules import token_hash
from ledger.agreements.model import AgreementRow
from ledger.agreements.store import DocumentStore
from ledger.evidence.packaging import package_here
from ledger.note_keys import new_note_key
from ledger.protocol.quantities import hex0x
from ledger.sealing.sealer import Sealer
from ledger.settings import Settings
from ledger.test_authority.files import AuthorityFiles
from ledger.transparency.commands import sign_checkpoint
from ledger.transparency.queries import origin_of
from tests.api.conftest import Client, started
from tests.ledger.agreements.town import Town
from tests.ledger.evidence.test_package import issue, recorded


@pytest.fixture
def rooted(settings: Settings, authority: AuthorityFiles) -> Settings:
    """An installation that knows whose seal it expects under which roots."""
    told = {"seal_trust_roots": authority.root, "seal_name": str(authority.certificate("seal")), "mailbox": True}
    return settings.model_copy(update=told)


@pytest.fixture
def site(rooted: Settings) -> Iterator[Client]:
    with started(rooted) as running:
        yield running


def cookie_of(session: Session, row: AgreementRow) -> dict[str, str]:
    """A session of whom an agreement is."""
    name, now = f"cookie-{row.id.hex()}", int(time.time())
    session.add(AccessSession(token_hash=token_hash(name), party=row.owner, created_s=now, expires_s=now + 3_600))
    session.commit()
    return {"cookie": f"sonang_session={name}"}


def test_who_is_party_to_a_document_takes_its_evidence_once_there_is_any_and_nobody_else_does(
    session: Session, town: Town, sealer: Sealer, rooted: Settings, site: Client
) -> None:
    town.store = DocumentStore.of(rooted)
    own, neighbours = recorded(session, town)
    mine, theirs = (cookie_of(session, row) for row in (own, neighbours))
    path = f"my/documents/{hex0x(own.id)}"
    page, link, json = f"/{path}", f"/{path}/evidence", f"/api/v1/{path}/evidence"
    early = site.get(link, headers=mine | {"accept": "text/html"})
    assert (early.status_code, "Văn bản chưa được phát hành" in early.text) == (409, True)
    issue(town, sealer, own)
    assert site.get(json, headers=mine).json()["detail"].startswith("its proof by the log is still to come")
    assert link not in site.get(page, headers=mine).text
    log = new_note_key(rooted.state_dir / "log.key", origin_of(town.gateway.deployment))
    sign_checkpoint(session, log)
    session.commit()
    assert link in site.get(page, headers=mine).text
    taken, same = site.get(link, headers=mine), site.get(json, headers=mine)
    assert taken.headers["content-disposition"] == f'attachment; filename="{own.kind}-{own.lookup_code}-evidence.zip"'
    here = package_here(rooted, session, town.gateway, own)
    assert taken.content == same.content == here
    judged = site.post("/api/v1/verify", files={"file": ("evidence.zip", taken.content)}).json()
    assert (judged["answer"], judged["exit_code"]) == ("authentic", 0)
    assert [site.get(one, headers=theirs).status_code for one in (link, json)] == [404, 404]
    assert site.get(link).headers["location"].startswith("/sign-in")
    assert site.get(json).status_code == 401
    (rooted.state_dir / "log.key").unlink()
    assert site.get(json, headers=mine).status_code == 503
