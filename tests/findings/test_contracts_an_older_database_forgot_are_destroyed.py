"""The office took contracts made since a backup for drafts a crash left: it set their files aside, and destroyed them a month later."""

from __future__ import annotations

import os
import time

from sqlalchemy import text
from sqlalchemy.orm import Session

from ledger.agreements.orphans import GRACE_S, KEPT_S, sweep_orphans
from tests.ledger.agreements.town import Town

DAY = 86_400


def test_what_the_chain_has_recorded_is_no_draft_of_a_crash(town: Town, session: Session) -> None:
    owner, utility = town.people(session)
    contract = town.agree(session, owner, utility, town.now() - DAY)
    session.commit()
    town.deliver()
    file, draft = town.store.path(contract.id), os.urandom(32)
    content = file.read_bytes()
    session.execute(text("TRUNCATE agreement CASCADE"))  # an older database: the worker has heard the chain again, the rows are gone
    town.store.write(draft, b"%PDF-draft")

    told = sweep_orphans(session, town.store, int(time.time()) + GRACE_S + 60)
    assert (told.set_aside, told.contracts) == ((town.store.path(draft).name,), (file.name,))
    assert "put the newer one back" in str(told.words()["fix"])
    assert file.read_bytes() == content

    file.replace(told.folder / file.name)  # set aside by an office that had not heard the chain yet
    told = sweep_orphans(session, town.store, int(time.time()) + GRACE_S + 2 * KEPT_S)
    assert (told.put_back, told.contracts) == ((file.name,), (file.name,))
    assert told.destroyed == (town.store.path(draft).name,)
    assert file.read_bytes() == content
