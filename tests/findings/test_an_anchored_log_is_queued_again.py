"""A checkpoint of a size the chain holds was said to be queued for it; after a database was put back it was queued, to be refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from ledger.chain.model import OutboxIntent
from ledger.cli.checkpoint import _tell
from ledger.office.checkpoints import Published, publish_checkpoint
from ledger.office.signed_before import LastSigned
from ledger.protocol.checkpoint import NoteSigner
from ledger.transparency.commands import log_event
from ledger.transparency.model import LogCheckpoint
from tests.conftest import World

LOG = NoteSigner("sonang/31337/0x00", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))


def test_a_checkpoint_the_chain_holds_is_said_to_be_anchored_and_is_not_queued(
    sessions: sessionmaker[Session], world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def publish(*witnesses: str) -> tuple[Published, str]:
        done = publish_checkpoint(sessions, world.gateway, LOG, LastSigned(tmp_path / "log.key"), witnesses)
        _tell(done, "key", as_json=False)
        return done, capsys.readouterr().out

    with sessions.begin() as session:
        log_event(session, unit=bytes(32), event="sealed", document=b"\x01" * 32, digest=b"\x01" * 32)
    first, told = publish()
    assert (first.enough, first.anchored, first.queued) == (True, False, True)
    assert "Queued for the chain" in told
    world.send("DocumentLog", "anchor", first.size, first.root)
    with sessions.begin() as session:
        session.get_one(LogCheckpoint, first.size).intent = None  # as a database that was put back
        session.query(OutboxIntent).delete()
    second, told = publish()
    assert (second.size, second.anchored, second.queued) == (first.size, True, False)
    assert "Đã neo trên chuỗi · Anchored on the chain already" in told
    assert "Queued" not in told
    short, told = publish("http://127.0.0.1:9")
    assert (short.enough, short.anchored, short.queued) == (False, True, False)
    assert "Anchored on the chain already; thiếu nhân chứng ký cùng · too few witnesses cosigned" in told
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(OutboxIntent)) == 0
