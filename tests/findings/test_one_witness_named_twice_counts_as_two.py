"""Two addresses of one witness passed for the two independent witnesses an anchor was to wait for, and a key named twice for two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.orm import Session, sessionmaker

from ledger.cli.audit_log import trusted_witnesses
from ledger.errors import InputError
from ledger.office.checkpoints import publish_checkpoint
from ledger.office.signed_before import LastSigned
from ledger.protocol.checkpoint import WITNESS, NoteSigner
from ledger.transparency.commands import log_event
from ledger.witness.memory import Memory
from ledger.witness.witness import Witness
from tests.conftest import World
from tests.witnesses import serving

LOG = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
SECRET = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
OWN, ALIAS = NoteSigner("press.example", SECRET), NoteSigner("radio.example", SECRET)


@pytest.fixture
def urls(tmp_path: Path) -> Iterator[list[str]]:
    """A witness, and the same key under another name elsewhere."""
    memories = [Memory(tmp_path / signer.name) for signer in (OWN, ALIAS)]
    made = [Witness(signer, [LOG.key()], memory, lambda: 1_782_900_000) for signer, memory in zip((OWN, ALIAS), memories, strict=True)]
    with serving(made) as found:
        yield found
    for memory in memories:
        memory.close()


def test_an_anchor_waits_for_so_many_keys_not_addresses(
    sessions: sessionmaker[Session], world: World, urls: list[str], tmp_path: Path
) -> None:
    last = LastSigned(tmp_path / "log.key")
    with sessions.begin() as session:
        log_event(session, unit=bytes(32), event="sealed", document=b"\x01" * 32, digest=b"\x01" * 32)
    own, alias = urls
    for named in ([own, f"{own}/"], [own, alias], [own, own]):
        done = publish_checkpoint(sessions, world.gateway, LOG, last, named, at_least=2)
        assert (done.cosigned, done.queued) == (("press.example",), False), named
    assert "asked already" in publish_checkpoint(sessions, world.gateway, LOG, last, [own, alias]).trouble[0]
    assert not publish_checkpoint(sessions, world.gateway, LOG, last, [own, alias]).queued, "one who named two witnesses has one"
    done = publish_checkpoint(sessions, world.gateway, LOG, last, [own, own])
    assert done.queued, "the same address again is the same witness, and no other"


def test_an_auditor_who_names_a_key_twice_trusts_one_witness() -> None:
    own, alias = OWN.key(WITNESS), ALIAS.key(WITNESS)
    assert trusted_witnesses([own.text(), own.text()]) == [own]
    with pytest.raises(InputError, match=r"the key of press\.example under another name"):
        trusted_witnesses([own.text(), alias.text()])
